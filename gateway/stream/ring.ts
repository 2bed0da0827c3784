/** The newest messages of the log in memory, for those who come back: so many, and none older than so long. */
import type { Heard } from "./heard.ts"

export interface RingTerms {
  /** Most messages. */
  readonly max: number
  /** Milliseconds. */
  readonly ageMaxMs: number
}

export const ringTerms: RingTerms = { max: 50_000, ageMaxMs: 15 * 60_000 }

/** Everything of the log after `floor`, up to the last message pushed. */
export class Ring {
  private readonly terms: RingTerms
  /** In the order of their sequences; those before `start` are let go already. */
  private held: Array<Heard> = []
  private start = 0
  private below: number

  /** Empty: it holds everything after `floor`, which is nothing yet. */
  constructor(floor: number, terms: RingTerms = ringTerms) {
    this.below = floor
    this.terms = terms
  }

  /** Whoever has seen everything up to this sequence, or further, finds the rest here. */
  get floor(): number {
    return this.below
  }

  get size(): number {
    return this.held.length - this.start
  }

  get lastSeq(): number {
    return this.held.at(-1)?.seq ?? this.below
  }

  /** Messages come in order; one that is not later than the last is a repeat and is dropped: false. */
  push(heard: Heard): boolean {
    if (heard.seq <= this.lastSeq) return false
    // what the log had forgotten when it was read is in no ring
    if (this.size === 0) this.below = heard.seq - 1
    this.held.push(heard)
    if (this.size > this.terms.max) this.drop(1)
    return true
  }

  /** Lets go of what is too old at `now`, in milliseconds since 1970, and not after `keep`. */
  age(now: number, keep: number): void {
    const since = now - this.terms.ageMaxMs
    let count = 0
    for (; count < this.size; count++) {
      const heard = this.held[this.start + count]
      if (heard === undefined || heard.at >= since || heard.seq > keep) break
    }
    if (count > 0) this.drop(count)
  }

  /** Messages after a sequence, in order, at most `max`. Complete only where `after >= floor`. */
  after(after: number, max: number): ReadonlyArray<Heard> {
    const from = this.indexAfter(after)
    return this.held.slice(from, from + max)
  }

  private indexAfter(seq: number): number {
    let low = this.start
    let high = this.held.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.held[middle]?.seq ?? 0) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  private drop(count: number): void {
    this.below = this.held[this.start + count - 1]?.seq ?? this.below
    this.start += count
    // moved only now and then, or each message would move all others
    if (this.start <= 1_024 || this.start * 2 <= this.held.length) return
    this.held = this.held.slice(this.start)
    this.start = 0
  }
}
