/** What a mind decides with: the moment, and a frozen look at other owners' rows. Policies see nothing else. */
import type { Bucket } from "./catalogue.ts"
import type { Instant } from "./ids.ts"
import type { Road } from "./message.ts"

/** A row of a bucket as a policy reads it. `seq` is the LOG sequence of the fact that made it. */
export interface BookRow<A> {
  readonly seq: number
  /** When the log stored it. */
  readonly at: Instant
  /** The state that the fact carries; the fact itself where a sense said it. */
  readonly value: A
  /** The fact, if it is of this road; undefined if the newest fact of the entity is another one. */
  readonly fact: <F>(road: Road<F>) => F | undefined
}

/** Rows of the buckets and ticks that a mind consults, as they stood when the decision began. */
export interface Book {
  readonly get: <A>(bucket: Bucket<A>, about: string) => BookRow<A> | undefined
  readonly all: <A>(bucket: Bucket<A>) => ReadonlyArray<readonly [about: string, row: BookRow<A>]>
  /** How many rows of a bucket cannot be read: they are there, and `get` and `all` step over them. Absent = none. */
  readonly unreadable?: (bucket: Bucket<any>) => number
  /** The newest remark of a tick's road about a thing. */
  readonly remark: <A>(road: Road<A>, about: string) => BookRow<A> | undefined
}

/** What surrounds a message. Time arrives here: policies have no clock. */
export interface Heard {
  /** When the log stored the message; for a wake-up, now. */
  readonly at: Instant
  /** The message's LOG sequence; 0 for a wake-up. */
  readonly seq: number
  readonly book: Book
}

/**
 * A mind's rules. `decide` gives facts of its own about the entity, and orders to others; `evolve` folds a fact of its
 * own into the state. Both are pure; order and repetition of deliveries must not matter. `undefined` = nothing known
 * yet.
 */
export interface Rules<S, M, F, C = never> {
  readonly decide: (state: S | undefined, message: M, heard: Heard) => ReadonlyArray<F | C>
  readonly evolve: (state: S | undefined, fact: F) => S
  /** "Look again": asked for each remembered entity from time to time. */
  readonly wake?: (state: S, heard: Heard) => ReadonlyArray<F | C>
}
