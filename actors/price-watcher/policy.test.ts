/** What the price watcher says of a region, whatever order its lists come in. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type InstanceType, instant, microUsd } from "../../schemas/ids.ts"
import { PoolPriced, poolToken } from "../../schemas/pool.ts"
import { aPriced, aSpec, day, hour, later, noon, region, type, zone } from "../../test/builders.ts"
import { changed, newlyRefused, type PriceChange, pricedPools, type Reading, restateAfterMs } from "./policy.ts"
import { movementOf, percentilesOf, volatilityWindowMs } from "./volatility.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const names: ReadonlyArray<InstanceType> = ["m5.large", "m5.xlarge", "m6i.large", "c5.large", "m6g.large"].map(type)

const Change = Schema.Struct({ zone: upTo(3), type: upTo(4), cents: upTo(20), hoursAgo: upTo(200) })
const changeOf = (change: typeof Change.Type): PriceChange => ({
  zone: zone(change.zone),
  instanceType: names[change.type]!,
  product: "linux",
  perHour: microUsd(change.cents / 100),
  at: later(noon, -change.hoursAgo * hour)
})

const aReading = (over: Partial<Reading> = {}): Reading => ({
  region,
  product: "linux",
  readAt: noon,
  spot: [],
  onDemand: names.map((instanceType) => ({ instanceType, perHour: microUsd(0.2) })),
  advisor: names.slice(1).map((instanceType) => ({ instanceType, band: 1 as const, savingsPercent: 50 })),
  types: names.map((instanceType) => aSpec({ instanceType })),
  origin: "bundled 2025-06-28",
  wanted: () => true,
  ...over
})

it.prop("the order and repetition of the lists do not matter", { changes: Schema.Array(Change) }, ({ changes }) => {
  const spot = changes.map(changeOf)
  const reading = aReading({ spot })
  const mixed = aReading({
    spot: [...spot, ...spot].reverse(),
    onDemand: [...reading.onDemand].reverse(),
    advisor: [...reading.advisor].reverse(),
    types: [...reading.types].reverse()
  })
  assert.deepStrictEqual(pricedPools(mixed), pricedPools(reading))
})

it.prop(
  "a pool's price is its newest, and its volatility lies in [0, 1]",
  { changes: Schema.Array(Change) },
  (given) => {
    const spot = given.changes.map(changeOf)
    for (const priced of pricedPools(aReading({ spot }))) {
      const own = spot.filter((one) => one.zone === priced.pool.zone && one.instanceType === priced.spec.instanceType)
      const newest = Math.max(...own.map((one) => one.at))
      assert.include(
        own.filter((one) => one.at === newest).map((one) => one.perHour),
        priced.spotPerHour
      )
      assert.isTrue(priced.volatility >= 0 && priced.volatility <= 1)
      if (new Set(own.map((one) => one.perHour)).size < 2) assert.strictEqual(priced.volatility, 0)
    }
  }
)

it.prop(
  "fewer than two changes within seven days are no movement",
  { cents: upTo(20), step: upTo(20), hoursAgo: upTo(400) },
  (given) => {
    const first = { perHour: given.cents, at: noon - 300 * hour }
    const second = { perHour: given.cents + given.step, at: noon - given.hoursAgo * hour }
    assert.strictEqual(
      movementOf(
        [first, second].sort((a, b) => a.at - b.at),
        noon
      ),
      0
    )
  }
)

it.prop("who moves more never ranks below who moves less", { moves: Schema.Array(upTo(9)) }, ({ moves }) => {
  const ranks = percentilesOf(moves)
  for (const [i, a] of moves.entries()) {
    for (const [j, b] of moves.entries()) if (a <= b) assert.isAtMost(ranks[i]!, ranks[j]!)
  }
})

const Line = Schema.Struct({ zone: upTo(2), cents: upTo(2), minutes: upTo(90) })
const lineOf = (line: typeof Line.Type): PoolPriced => {
  const pool = { ...aPriced().pool, zone: zone(line.zone) }
  return aPriced({ pool, spotPerHour: microUsd(line.cents), readAt: later(noon, line.minutes * 60_000) })
}
it.prop(
  "what was just said is not said again, and what differs and is newer always is",
  {
    before: Line,
    after: Line
  },
  (given) => {
    const [before, after] = [lineOf(given.before), lineOf(given.after)]
    const said = new Map([[poolToken(before.pool), before]])
    assert.isEmpty(changed(said, [before]))
    const isOther = before.pool.zone !== after.pool.zone
    const isNewer = after.readAt > before.readAt
    const isWorthIt = before.spotPerHour !== after.spotPerHour || after.readAt - before.readAt >= restateAfterMs
    assert.strictEqual(changed(said, [after]).length, isOther || (isNewer && isWorthIt) ? 1 : 0)
  }
)

describe("a reading", () => {
  const at = (n: number, name: string, cents: number, hoursAgo = 1) =>
    changeOf({ zone: n, type: names.indexOf(type(name)), cents, hoursAgo })

  it("says nothing of a type that is not wanted, yet compares the others with it", () => {
    const restless = [1, 2, 3].map((h) => at(1, "c5.large", h, h))
    const mild = [at(1, "m5.large", 10, 3), at(1, "m5.large", 11, 2), at(1, "m5.large", 10, 1)]
    const wanted: Reading["wanted"] = (spec) => spec.instanceType !== "c5.large"
    const pools = pricedPools(aReading({ spot: [...restless, ...mild, at(1, "m6i.large", 5)], wanted }))
    assert.deepStrictEqual(
      pools.map((one) => `${one.spec.instanceType} ${one.volatility}`),
      ["m5.large 0.5", "m6i.large 0"]
    )
  })
  it("leaves out a pool without a spec or an on-demand price and another product's", () => {
    const spot = [at(1, "m5.large", 5), at(1, "c5.large", 5), { ...at(1, "m6i.large", 5), product: "windows" as const }]
    const { types, onDemand } = aReading()
    const reading = aReading({ spot, types: types.filter((spec) => spec.instanceType !== "m5.large"), onDemand: [] })
    assert.isEmpty(pricedPools(reading))
    assert.deepStrictEqual(pricedPools(aReading({ spot, onDemand })).length, 2)
  })
  it("counts zones that offer a type and sizes of its family, and has no band where the advisor is silent", () => {
    const [first] = pricedPools(aReading({ spot: [at(1, "m5.large", 5), at(2, "m5.large", 6)] }))
    assert.deepStrictEqual([first?.zonesOffering, first?.familyBreadth, first?.band], [2, 2, null])
  })
})

it("a price that only changed before the window is constant; one that went up and down within it is not", () => {
  const early = noon - volatilityWindowMs - day
  const walk = (times: ReadonlyArray<number>) => times.map((when, i) => ({ perHour: 10 + (i % 2), at: when }))
  assert.strictEqual(movementOf(walk([early - hour, early, early + hour]), noon), 0)
  assert.isAbove(movementOf(walk([early, noon - 2 * hour, noon - hour]), noon), 0)
})

it("a refused line is said once, and again when it is wrong in another way", () => {
  const where = { region, at: instant(noon) }
  const line = { source: "advisor", line: 7, reason: "no band" }
  const first = newlyRefused(new Set(), [line, line], where)
  assert.strictEqual(first.length, 1)
  const said = new Set(first.map(([name]) => name))
  assert.isEmpty(newlyRefused(said, [line], where))
  assert.strictEqual(newlyRefused(said, [{ ...line, reason: "no type" }], where).length, 1)
})
