/** A list that is judged row by row gives each row that passes once, however rare they are and pages are cut. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Page } from "../paging.ts"
import { looked, sifted } from "./sift.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A log of so many rows, read newest first; every `nth` of them passes. */
const walk = (rows: number, nth: number, limit: number) =>
  Effect.gen(function* () {
    const passes = (seq: number) => seq % nth === 0
    const fetch = (before: number, max: number) => {
      const from = Math.min(rows, before - 1)
      const found = Array.from({ length: Math.max(0, Math.min(max, from)) }, (_, i) => ({
        seq: from - i,
        item: from - i
      }))
      return Effect.succeed(looked(found, max))
    }
    const tell = (seq: number) => (passes(seq) ? seq : undefined)
    const given: Array<number> = []
    let cursor: string | undefined
    for (let pages = 1; ; pages++) {
      const query: { readonly limit: number; readonly cursor?: string } =
        cursor === undefined ? { limit } : { limit, cursor }
      const page: Page<number> = yield* sifted({ fetch, tell }, query, rows)
      assert.isAtMost(page.items.length, limit)
      given.push(...page.items)
      if (page.nextCursor === null) return { given, pages }
      cursor = page.nextCursor
    }
  })

const expected = (rows: number, nth: number) =>
  Array.from({ length: Math.floor(rows / nth) }, (_, i) => (Math.floor(rows / nth) - i) * nth)

describe("a sifted list", () => {
  it.effect.prop(
    "holds everything that passes, newest first",
    { rows: between(0, 400), nth: between(1, 90), limit: between(1, 50) },
    ({ rows, nth, limit }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* walk(rows, nth, limit)).given, expected(rows, nth))
      })
  )

  it.effect("looks at some thousands of rows for one page, and goes on where it stopped", () =>
    Effect.gen(function* () {
      const { given, pages } = yield* walk(40_000, 9_000, 10)
      assert.deepStrictEqual(given, expected(40_000, 9_000))
      assert.isAbove(pages, 4)
    })
  )
})
