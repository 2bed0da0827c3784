/** Pages of what was told, made once for all who come back: after a restart a thousand readers ask for the same. */
import type { Batch } from "./batch.ts"

/** Messages of one page; it begins after a multiple of it. */
export const pageLengthDefault = 500
/** Of all channels together; a page is some 400 kB before compression. */
const pagesMax = 64

/** The newest pages; each belongs to one channel and is given to no other. */
export class Pages {
  private readonly kept = new Map<string, Batch | null>()

  /** The channel's page after this sequence, made where it is missing; null where nothing of it is for the channel. */
  page(channel: string, after: number, make: () => Batch | null): Batch | null {
    const key = `${after} ${channel}`
    const kept = this.kept.get(key)
    const page = kept === undefined ? make() : kept
    // asked for again, it is the newest
    this.kept.delete(key)
    this.kept.set(key, page)
    const [oldest] = this.kept.keys()
    if (this.kept.size > pagesMax && oldest !== undefined) this.kept.delete(oldest)
    return page
  }

  /** Nobody comes back at the moment. */
  clear(): void {
    this.kept.clear()
  }
}
