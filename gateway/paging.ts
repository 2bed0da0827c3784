/** Pages of a list: a cursor names the last item that was given, so a page goes on there whatever came in between. */
import { Effect, Result, Schema } from "effect"
import { digestOf } from "../schemas/digest.ts"
import { decodeAs } from "../schemas/envelope.ts"
import { badRequest, type Refused } from "./refused.ts"

/** What items are ordered by, part by part, ascending; unique among the items. Negate a number to have it descend. */
export type SortKey = string | ReadonlyArray<string | number>

export interface Paged {
  readonly limit: number
  readonly cursor?: string
}
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
  readonly asOf: number
}
/** Where a page begins: after `key`, in a list whose first page reflected `asOf`. */
export interface Place {
  readonly key: ReadonlyArray<string | number>
  readonly asOf: number
}

const partsOf = (key: SortKey): ReadonlyArray<string | number> => (typeof key === "string" ? [key] : key)

/** Part by part; numbers come before words, and what is shorter before what goes on. */
export const compareKeys = (a: ReadonlyArray<string | number>, b: ReadonlyArray<string | number>): number => {
  for (const [i, left] of a.entries()) {
    const right = b[i]
    if (right === undefined) return 1
    if (left === right) continue
    if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1
    return left < right ? -1 : 1
  }
  return a.length - b.length
}

const Cursor = Schema.Struct({
  k: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  a: Schema.Int,
  s: Schema.String
})
/** A cursor belongs to the question that it was an answer to: with other filters its place means nothing. */
const sumOf = (place: Place, query: Paged): string => {
  const { limit: _limit, cursor: _cursor, ...question } = query
  return digestOf([place.key, place.asOf, question]).slice(0, 12)
}

const cursorOf = (place: Place, query: Paged): string =>
  Buffer.from(JSON.stringify({ k: place.key, a: place.asOf, s: sumOf(place, query) })).toString("base64url")

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))
  } catch {
    return undefined
  }
}

const strange = badRequest("the cursor is not one that this list gave for these filters: ask for the first page again")

/** Where the asked page begins; undefined for the first one. A cursor that is not ours is refused. */
export const placeIn = (query: Paged): Effect.Effect<Place | undefined, Refused> => {
  if (query.cursor === undefined) return Effect.succeed(undefined)
  const decoded = decodeAs(Cursor, parsed(query.cursor))
  const place = Result.isSuccess(decoded) ? { key: decoded.success.k, asOf: decoded.success.a } : undefined
  return place !== undefined && Result.isSuccess(decoded) && decoded.success.s === sumOf(place, query)
    ? Effect.succeed(place)
    : Effect.fail(strange)
}

/** Of a list by sequence, newest first: the last one that was given. Whoever can make a cursor can make a wrong one. */
export const sequenceIn = (place: Place | undefined): Effect.Effect<number | undefined, Refused> => {
  if (place === undefined) return Effect.succeed(undefined)
  const [part] = place.key
  return typeof part === "number" && Number.isSafeInteger(part) ? Effect.succeed(Math.abs(part)) : Effect.fail(strange)
}

/**
 * A page of items that are already in order and begin at the asked place; there may be one more than fit. `asOf` is
 * that of the first page: whoever listens from there on misses no change of any page.
 */
export const pageFrom = <A>(
  items: ReadonlyArray<A>,
  keyOf: (item: A) => SortKey,
  query: Paged,
  asOf: number,
  place: Place | undefined
): Page<A> => {
  const given = items.slice(0, query.limit)
  const last = given.at(-1)
  const since = place === undefined ? asOf : Math.min(place.asOf, asOf)
  const hasMore = items.length > given.length && last !== undefined
  const nextCursor = hasMore ? cursorOf({ key: partsOf(keyOf(last)), asOf: since }, query) : null
  return { items: given, nextCursor, asOf: since }
}

/**
 * A page of all items, put in order by their keys. Every item is given exactly once over all pages; one that comes in
 * between is given where its key has not been passed.
 */
export const paged = <A>(
  items: ReadonlyArray<A>,
  keyOf: (item: A) => SortKey,
  query: Paged,
  asOf: number
): Effect.Effect<Page<A>, Refused> =>
  Effect.map(placeIn(query), (place) => {
    const keyed = items.map((item) => ({ item, key: partsOf(keyOf(item)) }))
    const rest = place === undefined ? keyed : keyed.filter(({ key }) => compareKeys(key, place.key) > 0)
    rest.sort((a, b) => compareKeys(a.key, b.key))
    return pageFrom(
      rest.slice(0, query.limit + 1).map(({ item }) => item),
      keyOf,
      query,
      asOf,
      place
    )
  })

/** Every value of something as text, without the names of its fields. */
const wordsIn = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (typeof value === "object") return Object.values(value).map(wordsIn).join("\n")
  return String(value)
}

/** The words of a search, in lower case. */
export const wordsAsked = (q: string | undefined): ReadonlyArray<string> =>
  (q ?? "").toLowerCase().split(/\s+/).filter(Boolean)

/** Items that contain each word of `q` somewhere, whatever its case; all where nothing is asked. */
export const containing = <A>(items: ReadonlyArray<A>, q: string | undefined): ReadonlyArray<A> => {
  const words = wordsAsked(q)
  if (words.length === 0) return items
  return items.filter((item) => {
    const text = wordsIn(item).toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
