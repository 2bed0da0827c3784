/** The rows that screens read: the buckets as they are now, or as they were at an earlier sequence of the log. */
import { Context, type Effect } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import type { BookRow } from "../schemas/decision.ts"
import type { Road } from "../schemas/message.ts"
import type { Refused } from "./refused.ts"

/** All rows of one moment. Rows of all tenants: whoever answers with them filters by the caller's. */
export interface Moment {
  /** The sequence of the log that it reflects. */
  readonly asOf: number
  /** When that was, in milliseconds since 1970: the present, or the time of `asOf`. */
  readonly at: number
  readonly isLive: boolean
  readonly get: <A>(bucket: Bucket<A>, about: string) => BookRow<A> | undefined
  readonly all: <A>(bucket: Bucket<A>) => ReadonlyArray<readonly [about: string, row: BookRow<A>]>
  readonly remark: <A>(road: Road<A>, about: string) => BookRow<A> | undefined
  /** How many rows of a bucket cannot be read: `get` and `all` step over them. Absent = nobody counts. */
  readonly unreadable?: (bucket: Bucket<any>) => number
}

export class Rows extends Context.Service<
  Rows,
  {
    /** Now where `at` is undefined; else as of that sequence or RFC 3339 time, from the ledger. */
    readonly moment: (at: string | undefined) => Effect.Effect<Moment, Refused>
  }
>()("cloudoptim/Rows") {}

/** All rows as they are now, or as of a sequence or RFC 3339 time; refused where the ledger cannot say. */
export const momentAt = (at?: string): Effect.Effect<Moment, Refused, Rows> => Rows.use((rows) => rows.moment(at))
