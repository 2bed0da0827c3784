/** Rows of the present from live views of every bucket, and of the past from the ledger, behind one door. */
import { Clock, Effect, Layer, Schema } from "effect"
import { Warehouse } from "../actors/_ports/warehouse.ts"
import { openBook } from "../bus/book.ts"
import { type Bus, type BusDown } from "../bus/bus.ts"
import { type Bucket, buckets, groups } from "../schemas/catalogue.ts"
import type { Book, BookRow } from "../schemas/decision.ts"
import { groupGone, sweepDone } from "../schemas/group.ts"
import { asked, Count, type Store } from "./ledger-rows.ts"
import { type Moment, Rows } from "./rows.ts"
import { pastOf } from "./rows-past.ts"

/** How often the ledger is asked which groups are gone: no row of a bucket says so. */
const goneEvery = "5 seconds"

const Gone = Schema.Struct({ about: Schema.String, last: Count })
const goneSql = `SELECT about, max(seq) AS last FROM events
  WHERE kind = 'evt' AND name = {name:String} AND seq > {after:UInt64} GROUP BY about LIMIT 100000`

/** Keeps up with the groups that are no longer there: about -> sequence at which that was said. */
const goneGroups = (store: Store) =>
  Effect.gen(function* () {
    const gone = new Map<string, number>()
    let after = 0
    const look = Effect.gen(function* () {
      for (const { about, last } of yield* asked(store, Gone, goneSql, { name: groupGone.name, after })) {
        gone.set(about, last)
        after = Math.max(after, last)
      }
    }).pipe(Effect.catch((no) => Effect.logWarning("which groups are gone is not known", { why: no.detail })))
    yield* look
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(goneEvery), look)))
    return gone
  })

/** A book without the rows of groups that are gone. */
const withoutGone = (book: Book, gone: ReadonlyMap<string, number>) => {
  const isGone = (bucket: Bucket<any>, about: string, row: BookRow<unknown>) =>
    bucket.name === groups.name && (gone.get(about) ?? 0) > row.seq
  return {
    get: <A>(bucket: Bucket<A>, about: string) => {
      const row = book.get(bucket, about)
      return row === undefined || isGone(bucket, about, row) ? undefined : row
    },
    all: <A>(bucket: Bucket<A>) => {
      const rows = book.all(bucket)
      return bucket.name === groups.name && gone.size > 0
        ? rows.filter(([about, row]) => !isGone(bucket, about, row))
        : rows
    }
  }
}

/** Live copies of all buckets, and the newest sequence that any of them has seen. */
const present = (store: Store) =>
  Effect.gen(function* () {
    const book = yield* openBook(buckets, [sweepDone])
    const shown = withoutGone(book, yield* goneGroups(store))
    const newest = () => buckets.reduce((seq, bucket) => Math.max(seq, book.upTo(bucket)), 0)
    const moment = (now: number): Moment => ({
      ...shown,
      asOf: newest(),
      at: now,
      isLive: true,
      unreadable: (bucket) => book.unreadable?.(bucket) ?? 0,
      remark: (road, about) => (road.filter === sweepDone.filter ? book.remark(road, about) : undefined)
    })
    return { moment, newest }
  })

/** Follows the buckets until its scope ends. Remarks are of the present only: the log does not hold them. */
export const layer: Layer.Layer<Rows, BusDown, Bus | Warehouse> = Layer.effect(
  Rows,
  Effect.gen(function* () {
    const store = yield* Warehouse
    const { moment, newest } = yield* present(store)
    const past = yield* pastOf(store)
    return Rows.of({
      moment: (at) =>
        Effect.flatMap(Clock.currentTimeMillis, (ms) =>
          at === undefined
            ? Effect.succeed(moment(ms))
            : Effect.map(past({ at, now: ms, head: newest() }), ({ seq, at: then, book }) => ({
                asOf: seq,
                at: then,
                isLive: false,
                get: book.get,
                all: book.all,
                remark: () => undefined
              }))
        )
    })
  })
)
