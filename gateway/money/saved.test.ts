/** The formula of savings adds up: over time, over buckets of a chart, and over swaps, to the micro-dollar. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Bucket, exactBy, monthly, monthStart, pointsOf, savedBetween, savedBy, type Saving } from "./saved.ts"
import { pointsMax, spanOf, stepMs } from "./span.ts"

const base = Date.UTC(2026, 10, 21, 9, 30)
const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
/** A year around `base`, and up to a thousand dollars an hour either way. */
const At = between(base - 365 * 86_400_000, base + 86_400_000)
const Savings = Schema.Array(Schema.Struct({ at: At, hourly: between(-1_000_000_000, 1_000_000_000) }))

describe("what was saved", () => {
  it("of a swap done an hour and a half ago at $0.10 an hour is 15 cents", () => {
    assert.strictEqual(savedBy([{ at: base - 5_400_000, hourly: 100_000 }], base), 150_000)
    assert.strictEqual(savedBy([{ at: base, hourly: 100_000 }], base), 0)
    assert.strictEqual(monthly(100_000), 73_000_000)
  })

  it.prop("between two instants adds up over any instant between", { savings: Savings, a: At, b: At, c: At }, (all) => {
    const [a = 0, b = 0, c = 0] = [all.a, all.b, all.c].sort((x, y) => x - y)
    assert.strictEqual(
      savedBetween(all.savings, a, b) + savedBetween(all.savings, b, c),
      savedBetween(all.savings, a, c)
    )
  })

  it.prop(
    "does not depend on the order of swaps, and counts none that is still to come",
    { savings: Savings, at: At },
    (all) => {
      const { savings, at } = all
      assert.strictEqual(savedBy([...savings].reverse(), at), savedBy(savings, at))
      assert.strictEqual(
        savedBy(
          savings.filter((one) => one.at < at),
          at
        ),
        savedBy(savings, at)
      )
    }
  )

  it.prop("is within a micro-dollar of the sum in dollars", { savings: Savings, at: At }, ({ savings, at }) => {
    const plain = savings.reduce((sum, one) => sum + (one.hourly * Math.max(0, at - one.at)) / 3_600_000, 0)
    // a number of 53 bits holds 1e16 micro-dollars to within two of them
    assert.isAtMost(Math.abs(savedBy(savings, at) - plain), 1 + Math.abs(plain) * 1e-12)
  })
})

/** The buckets of a chart, made the slow way. */
const bucketsOf = (savings: ReadonlyArray<Saving>, from: number, to: number, step: number): ReadonlyArray<Bucket> =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => {
    const ends = { from: from + i * step, to: Math.min(to, from + (i + 1) * step) }
    const own = savings.filter(({ at }) => at >= ends.from && at < ends.to)
    const hourly = own.reduce((sum, one) => sum + one.hourly, 0)
    const exact = exactBy(own, ends.to)
    return { ...ends, swaps: own.length, hourly, promised: 2 * hourly, exact, exactPromised: 2n * exact }
  })

describe("points of a chart", () => {
  const length = between(1, 40 * 86_400_000)
  it.prop("sum to what was saved over all of it, and end at the rate of all", { savings: Savings, length }, (all) => {
    const from = base - all.length
    const before = all.savings.filter(({ at }) => at < from)
    const hourly = before.reduce((sum, one) => sum + one.hourly, 0)
    const exact = exactBy(before, from)
    const points = pointsOf(
      { exact, exactPromised: 2n * exact, hourly, promised: 2 * hourly },
      bucketsOf(all.savings, from, base, stepMs.day)
    )
    const sum = (of: "saved" | "predicted") => points.reduce((total, point) => total + point[of], 0)
    assert.strictEqual(sum("saved"), savedBetween(all.savings, from, base))
    const doubled = all.savings.map((one) => ({ ...one, hourly: 2 * one.hourly }))
    assert.strictEqual(sum("predicted"), savedBetween(doubled, from, base))
    const done = all.savings.filter(({ at }) => at < base)
    assert.strictEqual(points.at(-1)?.rate, monthly(done.reduce((total, one) => total + one.hourly, 0)))
  })
})

describe("a month", () => {
  it.prop("begins at its first instant in UTC, and the one before ends there", { at: At }, ({ at }) => {
    const start = monthStart(at)
    assert.isAtMost(start, at)
    assert.strictEqual(new Date(start).toISOString().slice(7), "-01T00:00:00.000Z")
    assert.strictEqual(new Date(start).toISOString().slice(0, 7), new Date(at).toISOString().slice(0, 7))
    assert.strictEqual(monthStart(start - 1), monthStart(at, -1))
  })
})

describe("the span of a chart", () => {
  const run = (query: Parameters<typeof spanOf>[0]) => Effect.runSyncExit(spanOf(query, base))
  it("is thirty days by default, in days, and begins with one", () => {
    assert.deepStrictEqual(Effect.runSync(spanOf({}, base)), {
      from: Date.UTC(2026, 9, 22),
      to: base,
      step: "day"
    })
  })
  it("is as fine as it may be, unless told", () => {
    assert.strictEqual(Effect.runSync(spanOf({ from: "now-90m" }, base)).step, "minute")
    assert.strictEqual(Effect.runSync(spanOf({ from: "now-3d" }, base)).step, "hour")
    assert.strictEqual(Effect.runSync(spanOf({ from: "2026-11-20T00:00:00Z", step: "day" }, base)).step, "day")
  })
  it("is refused where it is no time, still to come, or too long for its steps", () => {
    for (const from of ["now-1w", "yesterday", "2026-13-01T00:00:00Z", "2027-01-01T00:00:00Z", "now-999999d", "1"]) {
      assert.strictEqual(run({ from })._tag, "Failure", from)
    }
    assert.strictEqual(run({ from: "now-30d", step: "minute" })._tag, "Failure")
    assert.strictEqual(run({ from: `now-${pointsMax + 1}m`, step: "minute" })._tag, "Failure")
  })
})
