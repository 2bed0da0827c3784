/** The market as the ports show it, and fleets that can be planted on it. */
import { assert, it } from "@effect/vitest"
import { InstanceType, instant, Region } from "../../../schemas/ids.ts"
import type { SpotPrice } from "../prices.ts"
import { demoFleet, smallFleet } from "./scenario.ts"
import { aCaller, codeOf, home, Stage, testMarket } from "./stage.ts"

const week = 7 * 86_400_000
type Price = typeof SpotPrice.Type

const history = (s: Stage, types: ReadonlyArray<InstanceType> = [], since = s.now - week): Array<Price> => {
  const prices: Array<Price> = []
  let page: string | null = null
  do {
    const answer: string | { prices: ReadonlyArray<Price>; next: string | null } = codeOf(
      s.prices.spotHistory({ types, product: "linux", since: instant(since), page }, aCaller(s))
    )
    if (typeof answer === "string") throw new Error(answer)
    assert.isAtMost(answer.prices.length, 1000)
    prices.push(...answer.prices)
    page = answer.next
  } while (page !== null)
  return prices
}

it("trap 37: the price history names zones by their IDs, newest first, and every pool has a price in force", () => {
  const s = new Stage()
  const prices = history(s)
  assert.deepStrictEqual(
    prices,
    prices.toSorted((a, b) => b.at - a.at)
  )
  const pools = new Set(prices.map(({ zone, instanceType }) => `${zone} ${instanceType}`))
  const sold = testMarket
    .zones(home.region)
    .flatMap((zone) =>
      [...testMarket.types.keys()].filter((type) => testMarket.spotMicroUsd(home.region, zone, type) !== undefined)
    )
  assert.strictEqual(pools.size, sold.length)
  for (const { zone, instanceType, perHour, at } of prices) {
    const base = testMarket.spotMicroUsd(home.region, zone, instanceType) ?? 0
    assert.isAtMost(Math.abs(perHour - base), base * 0.06)
    assert.isAtMost(at, s.now)
  }
})

it("some pools never move within a week and others do: volatility tells them apart", () => {
  const changes = Map.groupBy(history(new Stage()), ({ zone, instanceType }) => `${zone} ${instanceType}`)
  const counts = [...changes.values()].map((each) => each.length)
  assert.include(counts, 1)
  assert.isAbove(Math.max(...counts), 2)
})

it("a price that was seen is never seen differently again", () => {
  const s = new Stage()
  const before = new Map(history(s).map((each) => [`${each.zone} ${each.instanceType} ${each.at}`, each.perHour]))
  s.pass(3 * 86_400_000)
  const again = history(s).filter((each) => before.has(`${each.zone} ${each.instanceType} ${each.at}`))
  assert.isAbove(again.length, 0)
  for (const each of again) assert.strictEqual(each.perHour, before.get(`${each.zone} ${each.instanceType} ${each.at}`))
})

it("asking for one type answers for it alone", () => {
  const type = InstanceType.make("m5.large")
  const prices = history(new Stage(), [type])
  assert.isAbove(prices.length, 0)
  assert.isTrue(prices.every(({ instanceType }) => instanceType === type))
})

it("lists and bands speak of the caller's region and of Linux alone", () => {
  const s = new Stage()
  const list = codeOf(s.prices.onDemand({ product: "linux" }, aCaller(s)))
  assert.strictEqual(typeof list === "string" ? list : list.rows.length, testMarket.types.size)
  const windows = codeOf(s.prices.onDemand({ product: "windows" }, aCaller(s)))
  assert.strictEqual(typeof windows === "string" ? windows : windows.rows.length, 0)
  const bands = codeOf(s.prices.advisor({ product: "linux" }, aCaller(s)))
  assert.strictEqual(typeof bands === "string" ? bands : bands.asOf, "2026-01-01")
})

it("a page token of somebody else is refused", () => {
  const s = new Stage()
  const answer = s.prices.spotHistory({ types: [], product: "linux", since: instant(0), page: "x" }, aCaller(s))
  assert.strictEqual(codeOf(answer), "InvalidNextToken")
})

it("the demonstration has two tenants, four accounts, twelve groups of 3 to 60 to swap and four to leave alone", () => {
  for (const seed of [1, 2, 3]) {
    const fleet = demoFleet(testMarket, seed)
    const swappable = fleet.groups.filter(({ leftAlone }) => leftAlone === null)
    const sizes = swappable.map(({ desired }) => desired)
    assert.deepStrictEqual([fleet.tenants.length, fleet.accounts.length, swappable.length], [2, 4, 12])
    assert.deepStrictEqual([Math.min(...sizes), Math.max(...sizes), sizes.includes(4)], [3, 60, true])
    assert.isAtLeast(
      sizes.reduce((a, b) => a + b, 0),
      240
    )
    assert.strictEqual(swappable.filter(({ desired, maxSize }) => desired === maxSize).length, 1)
    assert.isTrue(swappable.every(({ zones }) => new Set(zones).size >= 3))
    assert.isAtLeast(new Set(swappable.map(({ region }) => region)).size, 2)
    assert.strictEqual(new Set(fleet.groups.map(({ leftAlone }) => leftAlone)).size, 5)
    assert.deepStrictEqual(demoFleet(testMarket, seed), fleet)
  }
})

it("a planted fleet is at rest: nothing is due, nothing is broken, everything serves", () => {
  for (const fleet of [demoFleet(testMarket, 1), smallFleet(testMarket, 1)]) {
    const s = new Stage({ group: null })
    s.world.plant(fleet)
    assert.isUndefined(s.world.nextDue())
    s.pass(3_600_000)
    const { violations, instances, onDemandRunning } = s.world.report()
    assert.deepStrictEqual(violations, [])
    assert.strictEqual(
      instances,
      fleet.groups.reduce((sum, { desired }) => sum + desired, 0)
    )
    assert.strictEqual(onDemandRunning, instances)
  }
})

it("trap 13: a managed node group says so in its tags", () => {
  const managed = demoFleet(testMarket, 1).groups.filter(({ tags }) => tags["eks:nodegroup-name"] !== undefined)
  assert.strictEqual(managed.length, 1)
})

it("a region that sells too little for three zones cannot be planted", () => {
  const narrow = { ...testMarket, zones: (region: Region) => testMarket.zones(region).slice(0, 2) }
  assert.throws(() => demoFleet(narrow, 1), /three are needed/)
})
