/** Pages give every item exactly once, whatever comes in between, and a cursor is good for its own question alone. */
import { assert, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { compareKeys, containing, type Page, paged, type Paged, sequenceIn } from "./paging.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const Item = Schema.Struct({ rank: upTo(4), name: Schema.String, id: upTo(1_000_000) })
type Item = typeof Item.Type
const keyOf = ({ rank, name, id }: Item) => [-rank, name, id]
const distinct = (items: ReadonlyArray<Item>) => [...new Map(items.map((item) => [item.id, item])).values()]

const page = (items: ReadonlyArray<Item>, query: Paged, asOf = 7): Page<Item> =>
  Effect.runSync(paged(items, keyOf, query, asOf))
const status = (items: ReadonlyArray<Item>, query: Paged) => {
  const result = Effect.runSync(Effect.result(paged(items, keyOf, query, 7)))
  return Result.isFailure(result) ? result.failure.status : 200
}

/** All pages; `between` may change the list before each page but the first. */
const walk = (first: ReadonlyArray<Item>, limit: number, between: (round: number) => ReadonlyArray<Item>) => {
  const given: Array<Item> = []
  let { items, nextCursor } = page(first, { limit })
  given.push(...items)
  for (let round = 1; nextCursor !== null; round++) {
    ;({ items, nextCursor } = page(between(round), { limit, cursor: nextCursor }))
    given.push(...items)
  }
  return given
}

const Case = { list: Schema.Array(Item), limit: upTo(9).check(Schema.isGreaterThan(0)) }

it.prop("all pages together are all items, each once and in order, for any limit", Case, ({ list, limit }) => {
  const items = distinct(list)
  const sorted = items.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)))
  assert.deepStrictEqual(
    walk(items, limit, () => items.toReversed()),
    sorted
  )
})

it.prop(
  "what comes and goes between two pages neither repeats nor hides what stayed",
  { ...Case, comers: Schema.Array(Item), goers: Schema.Array(upTo(20)) },
  ({ list, limit, comers, goers }) => {
    const items = distinct(list)
    const leave = new Set(goers.map((n) => items[n]?.id))
    const stay = items.filter(({ id }) => !leave.has(id))
    const later = distinct([...stay, ...comers.map((one) => ({ ...one, id: one.id + 2_000_000 }))])
    const given = walk(items, limit, () => later)
    assert.strictEqual(new Set(given.map(({ id }) => id)).size, given.length)
    const ids = new Set(given.map(({ id }) => id))
    assert.deepStrictEqual(
      stay.filter(({ id }) => !ids.has(id)),
      []
    )
  }
)

it.prop(
  "a cursor that was touched, or belongs to other filters, is refused and never guessed at",
  { list: Schema.Array(Item).check(Schema.isMinLength(2)), at: upTo(400), letter: upTo(63) },
  ({ list, at, letter }) => {
    const items = distinct(list)
    const { nextCursor } = page(items, { limit: 1 })
    if (nextCursor === null) return
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const i = at % nextCursor.length
    const touched = nextCursor.slice(0, i) + letters[letter] + nextCursor.slice(i + 1)
    const same = Buffer.from(touched, "base64url").equals(Buffer.from(nextCursor, "base64url"))
    assert.strictEqual(status(items, { limit: 1, cursor: touched }), same ? 200 : 400)
    const filtered = { limit: 1, cursor: nextCursor, q: "other" } as Paged
    assert.strictEqual(status(items, filtered), 400)
    assert.strictEqual(status(items, { limit: 5, cursor: nextCursor }), 200)
  }
)

it("every page carries the sequence of the first one, so that who listens from there misses nothing", () => {
  const items = [1, 2, 3].map((id) => ({ rank: 0, name: "", id }))
  const first = page(items, { limit: 1 }, 100)
  const second = page(items, { limit: 1, cursor: first.nextCursor ?? "" }, 250)
  const third = page(items, { limit: 1, cursor: second.nextCursor ?? "" }, 300)
  assert.deepStrictEqual([first.asOf, second.asOf, third.asOf, third.nextCursor], [100, 100, 100, null])
})

it.prop(
  "a place in a list by sequence is a sequence or refused",
  { part: Schema.Union([Schema.String, Schema.Finite]) },
  ({ part }) => {
    for (const key of [[part], ["abc"], [1.5], [1e300], []]) {
      const result = Effect.runSync(Effect.result(sequenceIn({ key, asOf: 1 })))
      assert.isTrue(Result.isFailure(result) ? result.failure.status === 400 : (result.success ?? -1) >= 0)
      if (Result.isSuccess(result)) assert.isTrue(Number.isSafeInteger(result.success))
    }
    const seqOf = (key: number) => Effect.runSync(sequenceIn({ key: [key], asOf: 1 }))
    assert.deepStrictEqual([seqOf(-7), seqOf(7), Effect.runSync(sequenceIn(undefined))], [7, 7, undefined])
  }
)

it("the words of a search are looked for in what a field holds, not in what it is called", () => {
  const items = [{ account: "1", group: "Web Shop", zones: [{ zone: "use1-az1" }] }]
  assert.lengthOf(containing(items, "shop AZ1"), 1)
  assert.lengthOf(containing(items, "account"), 0)
  assert.lengthOf(containing(items, "shop mail"), 0)
  assert.lengthOf(containing(items, "  "), 1)
})
