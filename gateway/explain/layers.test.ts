/** What is shown of a layer is what it was judged by, and the change that is named really flips it. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { score, type, zone } from "../../test/builders.ts"
import { familyOf, Lifecycle } from "../../schemas/ids.ts"
import { Floors, Part, Preset, productFloors, violationsOf } from "../../schemas/safe-plan.ts"
import { lookedAt, mendOf } from "./layers.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const families = ["m5", "m6i", "c5"]
const Recipe = Schema.Struct({
  zone: upTo(4),
  family: upTo(2),
  size: upTo(2),
  lifecycle: Lifecycle,
  count: upTo(5),
  score: Schema.NullOr(upTo(100))
})
const partOf = (recipe: typeof Recipe.Type) =>
  new Part({
    zone: zone(recipe.zone + 1),
    instanceType: type(`${families[recipe.family]}.${["large", "xlarge", "2xlarge"][recipe.size]}`),
    lifecycle: recipe.lifecycle,
    vcpu: 2 ** (recipe.size + 1),
    count: recipe.count + 1,
    score: recipe.lifecycle === "on-demand" || recipe.score === null ? null : score(recipe.score / 100)
  })
const FloorsOf = Schema.Struct({ score: upTo(20), zones: upTo(2), share: upTo(10), pool: upTo(15), steady: upTo(40) })
const floorsOf = (n: typeof FloorsOf.Type) =>
  new Floors({
    scoreMin: 0.75 + n.score / 100,
    zonesMin: 3 + n.zones,
    zoneShareMin: 0.05 + n.share / 100,
    poolShareMax: 0.2 - n.pool / 100,
    onDemandShareMin: 0.15 + n.steady / 100
  })
const Case = { recipes: Schema.Array(Recipe), n: FloorsOf, preset: Preset }
const byType = ["risk_threshold", "az_distribution", "pool_concentration", "on_demand_buffer"] as const

it.prop("each layer passes exactly where the judge finds no violation of its kind", Case, ({ recipes, n, preset }) => {
  const [parts, floors] = [recipes.map(partOf), floorsOf(n)]
  const wrong = violationsOf(parts, floors, preset)
  const looked = lookedAt(parts, floors, preset)
  assert.deepStrictEqual(
    looked.map(({ layer }) => layer.passed),
    [...byType.map((kind) => !wrong.some((one) => one.type === kind)), wrong.length === 0]
  )
  assert.strictEqual(mendOf(looked) === "", wrong.length === 0)
})

/** So many Spot members, the largest first, become on-demand of the same size. */
const steadied = (parts: ReadonlyArray<Part>, members: number, isMeant: (part: Part) => boolean) => {
  let left = members
  return parts
    .toSorted((a, b) => b.vcpu - a.vcpu)
    .flatMap((part) => {
      if (part.lifecycle !== "spot" || !isMeant(part) || left === 0) return [part]
      const moved = Math.min(left, part.count)
      left -= moved
      const steady = new Part({ ...part, lifecycle: "on-demand", score: null, count: moved })
      return moved === part.count ? [steady] : [steady, new Part({ ...part, count: part.count - moved })]
    })
}
const failing = (parts: ReadonlyArray<Part>, floors: Floors, preset: Preset, layer: number) =>
  violationsOf(parts, floors, preset).some((one) => one.type === byType[layer - 1])

it.prop("so many members more on demand are enough, and one fewer is not", Case, ({ recipes, n, preset }) => {
  const [parts, floors] = [recipes.map(partOf), floorsOf(n)]
  const buffer = lookedAt(parts, floors, preset)[3]
  if (buffer === undefined || buffer.layer.passed) return
  assert.isFalse(
    failing(
      steadied(parts, buffer.steps, () => true),
      floors,
      preset,
      4
    )
  )
  assert.isTrue(
    failing(
      steadied(parts, buffer.steps - 1, () => true),
      floors,
      preset,
      4
    )
  )
})

it.prop("so many members fewer in a pool are enough, and one fewer of these is not", Case, ({ recipes, n, preset }) => {
  const [parts, floors] = [recipes.map(partOf), floorsOf(n)]
  const names = parts.filter(({ lifecycle }) => lifecycle === "spot").map((part) => part)
  const tooFull = (found: ReadonlyArray<Part>) => failing(found, floors, preset, 3)
  const pools = new Map(names.map((part) => [`${familyOf(part.instanceType)} ${part.zone}`, part]))
  // one pool at a time: of several the sum is told
  const alone = [...pools.values()].map((one) => {
    const isIt = (part: Part) => part.zone === one.zone && familyOf(part.instanceType) === familyOf(one.instanceType)
    const others = parts.map((part) =>
      part.lifecycle === "spot" && !isIt(part) ? new Part({ ...part, lifecycle: "on-demand", score: null }) : part
    )
    return { others, isIt }
  })
  for (const { others, isIt } of alone) {
    const pool = lookedAt(others, floors, preset)[2]
    if (pool === undefined || pool.layer.passed) continue
    assert.isFalse(tooFull(steadied(others, pool.steps, isIt)))
    assert.isTrue(tooFull(steadied(others, pool.steps - 1, isIt)))
  }
})

it.prop("so many zones are missing as the floor would have to be lowered by", Case, ({ recipes, n, preset }) => {
  const [parts, floors] = [recipes.map(partOf), floorsOf(n)]
  const zones = lookedAt(parts, floors, preset)[1]
  if (zones === undefined || zones.layer.passed) return
  const lowered = (by: number) => new Floors({ ...floors, zonesMin: floors.zonesMin - by })
  assert.isFalse(failing(parts, lowered(zones.steps), preset, 2))
  assert.isTrue(failing(parts, lowered(zones.steps - 1), preset, 2))
})

const spot = (z: number, points: number | null, count = 1) =>
  new Part({
    zone: zone(z),
    instanceType: type("m5.large"),
    lifecycle: "spot",
    vcpu: 2,
    count,
    score: points === null ? null : score(points)
  })
const steady = (z: number, count: number) => new Part({ ...spot(z, null, count), lifecycle: "on-demand" })

it("a refusal names the smallest change that would flip it, with what is and what is needed", () => {
  const two = lookedAt([spot(1, 0.9), steady(1, 9), steady(2, 10)], productFloors, "strict")
  assert.strictEqual(mendOf(two), "would pass with 1 more zone with at least 5.0 % (has 2, needs 3)")
  const low = lookedAt([spot(1, 0.71), steady(1, 5), steady(2, 5), steady(3, 5)], productFloors, "strict")
  assert.strictEqual(mendOf(low), "would pass with a score of 0.75 for m5.large in use1-az1 (has 0.71)")
  const near = lookedAt([spot(1, 0.7496), steady(1, 5), steady(2, 5), steady(3, 5)], productFloors, "strict")
  assert.include(mendOf(near), "(has 0.750)")
  const full = lookedAt([spot(1, 0.9, 4), steady(2, 5), steady(3, 6)], productFloors, "strict")
  assert.strictEqual(
    mendOf(full),
    "would pass with 1 Spot member fewer in m5 in use1-az1 (has 26.7 %, at most 20.0 % of the vCPU)"
  )
})

it("a group without Spot is asked nothing by any layer", () => {
  const looked = lookedAt([steady(1, 1)], productFloors, "strict")
  assert.deepStrictEqual(
    looked.map(({ layer }) => layer.passed),
    [true, true, true, true, true]
  )
})
