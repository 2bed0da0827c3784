/** Medians, intervals and turns: what the figures of a run rest on. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { compare, growth, measured, median, percentile } from "./measure.ts"
import { exactly, isFailed, isNoisy, jsonOf, machineOf, type Row, tableOf, verdictOn } from "./report.ts"

const Values = Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1_000 }))).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(40)
)

it.prop(
  "a median has as many values above it as below, and its interval holds it",
  { values: Values },
  ({ values }) => {
    const middle = median(values)
    const above = values.filter((value) => value > middle).length
    const below = values.filter((value) => value < middle).length
    assert.isAtMost(Math.max(above, below), values.length / 2)
    const { low, high } = measured(values)
    assert.isAtMost(low, middle)
    assert.isAtLeast(high, middle)
  }
)

it.prop("a percentile is a value of its own, and enough of the others do not exceed it", { values: Values }, (all) => {
  const { values } = all
  for (const share of [0.5, 0.99, 1]) {
    const one = percentile(values, share)
    assert.include(values, one)
    assert.isAtLeast(values.filter((value) => value <= one).length, values.length * share - 1e-9)
  }
})

it("each of ours is held against the bare turns before and after it, and the warm-up against nothing", async () => {
  const order: Array<string> = []
  const bareRates = [1_000, 10, 30, 50]
  const bare = async () => {
    order.push("bare")
    return { rate: bareRates[order.filter((one) => one === "bare").length - 1]! }
  }
  const ours = async () => {
    order.push("ours")
    return { rate: 20 }
  }
  const compared = await compare({ bare, ours }, { pairs: 2, withinMs: 0 })
  assert.deepStrictEqual(order, ["bare", "ours", "bare", "ours", "bare", "ours", "bare"])
  assert.strictEqual(compared.ratio.rate.median, (20 / 20 + 20 / 40) / 2)
  assert.strictEqual(compared.control.rate.median, (3 + 5 / 3) / 2)
})

it.prop(
  "growth finds the power that times were made with",
  { power: Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 2 })) },
  ({ power }) => {
    const points = [1_000, 10_000, 100_000].map((n) => ({ n, time: 3 * n ** power }))
    assert.closeTo(growth(points), power, 1e-9)
  }
)

const row = (over: Partial<Row> = {}): Row => ({
  bench: "bus",
  name: "a ratio",
  kind: "clock",
  goal: { bound: "at least", value: 0.7 },
  unit: "",
  measured: { median: 0.8, low: 0.75, high: 0.9, count: 11 },
  control: exactly(1),
  note: "",
  ...over
})

it("a clock is judged by its whole interval and fails no run; a count is judged exactly and does", () => {
  const spans = { median: 0.71, low: 0.6, high: 0.9, count: 11 }
  const below = { median: 0.5, low: 0.4, high: 0.6, count: 11 }
  assert.strictEqual(verdictOn(row()), "met")
  assert.strictEqual(verdictOn(row({ measured: spans })), "unclear")
  assert.strictEqual(verdictOn(row({ measured: below })), "missed")
  assert.strictEqual(verdictOn(row({ goal: null })), "told")
  assert.isFalse(isFailed(row({ measured: below })))
  const calls = row({ kind: "count", goal: { bound: "at most", value: 1.02 }, measured: exactly(1.03) })
  assert.isTrue(isFailed(calls))
  assert.isFalse(isFailed({ ...calls, measured: exactly(1.02) }))
})

it("a control that strays over 15 % says so, and so does the last line", () => {
  const restless = row({ control: { median: 1, low: 0.8, high: 1.1, count: 11 } })
  assert.isTrue(isNoisy(restless))
  assert.isFalse(isNoisy(row()))
  assert.include(tableOf([restless]), "met, noisy")
  const said = JSON.parse(jsonOf([restless], machineOf("none"), 1)) as { ok: boolean; rows: ReadonlyArray<object> }
  assert.isTrue(said.ok)
  assert.deepInclude(said.rows[0], { verdict: "met", noisy: true })
})
