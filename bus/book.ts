/** The book that a mind decides with: live rows of other owners, decoded once per change. */
import { Effect, Result, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import type { Book, BookRow } from "../schemas/decision.ts"
import { decodeAs, open } from "../schemas/envelope.ts"
import type { Road } from "../schemas/message.ts"
import { Bus, type BusDown, type Row, type View } from "./bus.ts"

/** Decodes rows and remembers the last result per row: a book is read far more often than it changes. */
const reader = <A>(view: View, decode: (row: Row) => BookRow<A> | undefined) => {
  const known = new Map<string, { readonly row: Row; readonly read: BookRow<A> | undefined }>()
  const read = (about: string, row: Row) => {
    const had = known.get(about)
    if (had !== undefined && had.row.seq === row.seq) return had.read
    const fresh = decode(row)
    known.set(about, { row, read: fresh })
    return fresh
  }
  return {
    newest: (about: string) => view.get(about)?.seq ?? 0,
    upTo: () => view.upTo(),
    unreadable: () => [...view.rows()].filter(([about, row]) => read(about, row) === undefined).length,
    get: (about: string) => {
      const row = view.get(about)
      return row === undefined ? undefined : read(about, row)
    },
    all: () => {
      const rows: Array<readonly [string, BookRow<A>]> = []
      for (const [about, row] of view.rows()) {
        const one = read(about, row)
        if (one !== undefined) rows.push([about, one])
      }
      return rows
    }
  }
}

/** A row as policies read it; undefined where this reader does not understand it (another version of us wrote it). */
const rowOf = <A>(row: Row, schema: Bucket<A>["row"]): BookRow<A> | undefined => {
  const opened = open(row.data)
  if (Result.isFailure(opened)) return undefined
  const { body, state, tag } = opened.success
  const value = decodeAs(schema, state === undefined ? body : state)
  if (Result.isFailure(value)) return undefined
  const fact = <F>(road: Road<F>): F | undefined => {
    if (tag !== road.tag) return undefined
    const decoded = decodeAs(road.schema, body)
    return Result.isSuccess(decoded) ? decoded.success : undefined
  }
  return { seq: row.seq, at: row.at, value: value.success, fact }
}

/** A book that also knows of rows that it cannot read: overwritten is something else than not there. */
export interface LiveBook extends Book {
  /** LOG sequence of the newest row about a thing, readable or not; 0 = there is none yet. */
  readonly newest: (bucket: Bucket<any>, about: string) => number
  /** LOG sequence up to which a bucket has been read: whoever reads the log up to there finds the same rows. */
  readonly upTo: (bucket: Bucket<any>) => number
}

/** Opens live views of buckets and ticks; the book over them never waits. Asking for another bucket is a defect. */
export const openBook = (
  consults: ReadonlyArray<Bucket>,
  remarks: ReadonlyArray<Road>
): Effect.Effect<LiveBook, BusDown, Bus | Scope.Scope> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const shelves = new Map<string, ReturnType<typeof reader<any>>>()
    for (const bucket of consults) {
      shelves.set(
        bucket.name,
        reader(yield* bus.view(bucket), (row) => rowOf(row, bucket.row))
      )
    }
    for (const road of remarks) {
      shelves.set(
        road.filter,
        reader(yield* bus.remarks(road.filter), (row) => rowOf(row, road.schema))
      )
    }
    const shelf = (name: string) => {
      const one = shelves.get(name)
      if (one === undefined) throw new Error(`nobody said that ${name} is consulted`)
      return one
    }
    return {
      get: (bucket, about) => shelf(bucket.name).get(about),
      newest: (bucket, about) => shelf(bucket.name).newest(about),
      upTo: (bucket) => shelf(bucket.name).upTo(),
      all: (bucket) => shelf(bucket.name).all(),
      unreadable: (bucket) => shelf(bucket.name).unreadable(),
      remark: (road, about) => shelf(road.filter).get(about)
    }
  })
