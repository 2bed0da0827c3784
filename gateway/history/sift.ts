/** Pages of what can only be judged once it is read: rows are fetched until enough of them pass. */
import { Effect } from "effect"
import { type Page, pageFrom, type Paged, placeIn, sequenceIn } from "../paging.ts"
import type { Refused } from "../refused.ts"

/** Rows of one fetch, and fetches of one page: a page that finds little ends early, and its cursor goes on. */
const fetchMax = 1_000
const fetches = 6

/** A row with the sequence that it is ordered by, newest first. */
export interface Keyed<A> {
  readonly seq: number
  readonly item: A
}

export interface Looked<R> {
  readonly rows: ReadonlyArray<Keyed<R>>
  /** Where the next look goes on, under which everything else is; null where nothing is left. */
  readonly next: number | null
}

export interface Sift<A, R> {
  /** About `max` rows whose sequence is under `before`, newest first. */
  readonly fetch: (before: number, max: number) => Effect.Effect<Looked<R>, Refused>
  /** Undefined where the row is not for this answer. */
  readonly tell: (row: R) => A | undefined
}

/** Rows that were asked for at most `max` of: as many mean that there may be more. */
export const looked = <R>(rows: ReadonlyArray<Keyed<R>>, max: number): Looked<R> => ({
  rows,
  next: rows.length < max ? null : (rows.at(-1)?.seq ?? null)
})

/** A page of it, newest first. The last look is the cursor's place where the page is not full. */
export const sifted = <A, R>(sift: Sift<A, R>, query: Paged, asOf: number): Effect.Effect<Page<A>, Refused> =>
  Effect.gen(function* () {
    const place = yield* placeIn(query)
    const found: Array<Keyed<A>> = []
    let before: number | null = (yield* sequenceIn(place)) ?? Number.MAX_SAFE_INTEGER
    for (let i = 0; i < fetches && before !== null && found.length <= query.limit; i++) {
      // small at first: most pages are full after one look
      const max = i === 0 ? Math.min(fetchMax, query.limit + 1) : fetchMax
      const { rows, next }: Looked<R> = yield* sift.fetch(before, max)
      before = next
      for (const { seq, item } of rows) {
        const told = sift.tell(item)
        if (told !== undefined) found.push({ seq, item: told })
      }
    }
    const page = pageFrom(found, keyOf, query, asOf, place)
    const items = page.items.map(({ item }) => item)
    if (before === null || page.nextCursor !== null) return { ...page, items }
    const rest = [{ seq: before }, { seq: before }]
    return { ...page, items, nextCursor: pageFrom(rest, keyOf, { ...query, limit: 1 }, asOf, place).nextCursor }
  })
const keyOf = ({ seq }: { readonly seq: number }) => [-seq]
