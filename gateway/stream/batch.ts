/** What a channel is told at once: made, compressed and framed a single time, then the same bytes for every member. */
import { type Part, partOf, squeeze } from "./gzip.ts"

/** Bytes as they are, and as one chunk of HTTP/1.1: `raw` is a part of `framed`. */
export interface Chunk {
  readonly raw: Buffer
  readonly framed: Buffer
}

export const chunkOf = (bytes: Uint8Array): Chunk => {
  const size = `${bytes.length.toString(16)}\r\n`
  const framed = Buffer.allocUnsafe(size.length + bytes.length + 2)
  framed.write(size, 0, "latin1")
  framed.set(bytes, size.length)
  framed.write("\r\n", size.length + bytes.length, "latin1")
  return { raw: framed.subarray(size.length, size.length + bytes.length), framed }
}

/** Each form is made when the first reader wants it. */
export class Batch {
  /** Bytes before compression. */
  readonly size: number
  private readonly bytes: Buffer
  private plainChunk: Chunk | undefined
  private squeezedChunk: Chunk | undefined
  private sum: Part | undefined

  constructor(text: string) {
    this.bytes = Buffer.from(text)
    this.size = this.bytes.length
  }

  get plain(): Chunk {
    return (this.plainChunk ??= chunkOf(this.bytes))
  }

  get squeezed(): Chunk {
    return (this.squeezedChunk ??= chunkOf(squeeze(this.bytes)))
  }

  /** For the sum of those who are sent it squeezed. */
  get part(): Part {
    return (this.sum ??= partOf(this.bytes))
  }
}
