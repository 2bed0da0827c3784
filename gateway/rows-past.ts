/** The rows as they were: of each entity the newest fact up to a sequence of the log, read from the ledger. */
import { Effect, Schema, Semaphore } from "effect"
import { buckets } from "../schemas/catalogue.ts"
import type { Book } from "../schemas/decision.ts"
import { groupGone } from "../schemas/group.ts"
import { asked, Count, type Store } from "./ledger-rows.ts"
import { badRequest, type Refused, unavailable, unprocessable } from "./refused.ts"
import { columns, PastRow, stillBook } from "./rows-still.ts"

/** How many moments are kept: a screen of the past asks for the same one a dozen times, two are compared. */
const keptMax = 3
/** Rows of one moment, at most: an answer of the ledger may hold a few more. Half of them would tell a wrong story. */
const rowsMax = 99_000

/** Names of facts that feed a bucket, and of the one that says that there is no longer a row. */
const names = [...buckets.flatMap(({ roads }) => roads.map(({ name }) => name)), groupGone.name]

const Extent = Schema.Struct({ first: Count, last: Count, firstAt: Count, lastAt: Count })
const extentSql = `SELECT min(seq) AS first, max(seq) AS last,
  toUnixTimestamp64Milli(min(at)) AS firstAt, toUnixTimestamp64Milli(max(at)) AS lastAt FROM events`

const Found = Schema.Struct({ seq: Count, ms: Count })
const upToSql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms FROM events
  WHERE at <= fromUnixTimestamp64Milli({at:Int64}, 'UTC') ORDER BY seq DESC LIMIT 1`
const seqSql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms FROM events
  WHERE seq <= {seq:UInt64} ORDER BY seq DESC LIMIT 1`

/** Sequences first: bodies are read of the rows that are wanted and of no other. */
const rowsSql = `SELECT ${columns} FROM events WHERE seq IN (
    SELECT max(seq) FROM events
    WHERE seq <= {seq:UInt64} AND kind = 'evt' AND name IN {names:Array(String)} GROUP BY owner, about
  ) LIMIT ${rowsMax + 1}`

/** An instant of the past: what was last said by then, and when it was. */
export interface Past {
  readonly seq: number
  readonly at: number
  readonly book: Book
}

/** `2026-11-21T10:02:13Z` in milliseconds since 1970; null where it names no instant. */
const timeIn = (text: string): number | null => {
  const ms = Date.parse(text)
  return Number.isFinite(ms) ? ms : null
}
const iso = (ms: number) => new Date(ms).toISOString()

/** The ledger books several times a second: so often, and so many times, it is asked whether it has come so far. */
const waits = { everyMs: 100, most: 20 }

/** What the ledger spans, once it holds the log as far as the question reaches into what is known of it. */
const extentFor = (store: Store, asks: (extent: typeof Extent.Type) => number) =>
  Effect.gen(function* () {
    for (let waited = 0; ; waited++) {
      const [extent] = yield* asked(store, Extent, extentSql)
      if (extent === undefined || extent.last === 0)
        return yield* badRequest("nothing is in the ledger yet: leave at out")
      if (extent.last >= asks(extent)) return extent
      if (waited >= waits.most) return yield* unavailable("the ledger is behind the log: ask again in a moment")
      yield* Effect.sleep(waits.everyMs)
    }
  })

const placeBySeq = (store: Store, seq: number, head: number) =>
  Effect.gen(function* () {
    const { first, last } = yield* extentFor(store, () => (seq <= head ? seq : 0))
    if (seq > last) return yield* badRequest(`sequence ${seq} has not been said yet: the log is at ${last}`)
    if (seq < first) return yield* badRequest(`sequence ${seq} is before the ledger begins: its first one is ${first}`)
    const [found] = yield* asked(store, Found, seqSql, { seq })
    return found === undefined
      ? yield* badRequest(`sequence ${seq} is not in the ledger`)
      : { seq: found.seq, at: found.ms }
  })

const placeByTime = (store: Store, at: string, now: number, head: number) =>
  Effect.gen(function* () {
    const ms = timeIn(at)
    if (ms === null) return yield* badRequest(`${at} is no time: write it as ${iso(now)}`)
    if (ms > now) return yield* badRequest(`${at} is in the future: leave at out to see the present`)
    const { first, firstAt } = yield* extentFor(store, ({ lastAt }) => (ms > lastAt ? head : 0))
    if (ms < firstAt) return yield* badRequest(`${at} is before the ledger begins, at ${iso(firstAt)}`)
    const [found] = yield* asked(store, Found, upToSql, { at: ms })
    return { seq: found?.seq ?? first, at: ms }
  })

/** Which sequence is meant, and the instant at which things are judged. `head`: what is known to be in the log. */
export interface Meant {
  readonly at: string
  readonly now: number
  readonly head: number
}

/** Reads of the past, with a memory of the last ones. One is loaded at a time: who comes second finds it there. */
export const pastOf = (store: Store): Effect.Effect<(meant: Meant) => Effect.Effect<Past, Refused>> =>
  Effect.gen(function* () {
    const kept = new Map<number, Book>()
    const one = yield* Semaphore.make(1)
    const load = (seq: number) =>
      Effect.gen(function* () {
        const known = kept.get(seq)
        const found = known === undefined ? yield* asked(store, PastRow, rowsSql, { seq, names }) : []
        if (found.length > rowsMax)
          return yield* unprocessable(`more than ${rowsMax} rows stood then: the past of so many is not shown`)
        const book = known ?? (yield* stillBook(found))
        kept.delete(seq)
        kept.set(seq, book)
        for (const oldest of kept.keys()) {
          if (kept.size <= keptMax) break
          kept.delete(oldest)
        }
        return book
      })
    return ({ at, now, head }) =>
      Effect.gen(function* () {
        const isSeq = /^\d+$/.test(at)
        const place = yield* isSeq ? placeBySeq(store, Number(at), head) : placeByTime(store, at, now, head)
        return { ...place, book: yield* Semaphore.withPermits(one, 1)(load(place.seq)) }
      })
  })
