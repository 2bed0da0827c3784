/** A policy's floors can be tightened and never loosened, and an edit is told by what it changes. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { aPolicy } from "../../test/builders.ts"
import { Floors, productFloors, tighten } from "../../schemas/safe-plan.ts"
import { Policy, productPolicy } from "../../schemas/policy.ts"
import { changesBetween, faultsIn, WishedFloors } from "./wishes.ts"

const cents = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))
const Wish = {
  score: cents,
  zones: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 })),
  share: cents,
  pool: cents,
  steady: cents
}

it.prop("a wish is taken exactly where it is no looser than the product's floors", Wish, (n) => {
  const floors = new Floors({
    scoreMin: n.score / 100,
    zonesMin: n.zones,
    zoneShareMin: n.share / 100,
    poolShareMax: n.pool / 100,
    onDemandShareMin: n.steady / 100
  })
  const named = faultsIn(aPolicy({ floors })).map(({ path }) => path.replace("policy.floors.", ""))
  const tightened = tighten(floors, productFloors)
  const loose = (Object.keys(floors) as Array<keyof Floors>).filter((name) => tightened[name] !== floors[name])
  assert.sameMembers(named, loose)
  // what editors are told is what is taken
  assert.strictEqual(Schema.is(WishedFloors)({ ...floors }), loose.length === 0)
})

it("a policy that is too large to travel, or names what no group is called, is refused", () => {
  const faults = (over: object) => faultsIn(aPolicy(over)).map(({ path }) => path)
  assert.deepStrictEqual(faults({ excludedGroups: ["x".repeat(255)] }), [])
  assert.deepStrictEqual(faults({ excludedGroups: ["x".repeat(256)] }), ["policy.excludedGroups"])
  const many = Array.from({ length: 490 }, (_, n) => `${n}-${"x".repeat(200)}`)
  assert.deepStrictEqual(faults({ excludedGroups: many }), ["policy"])
  assert.deepStrictEqual(faults({ bakeMs: 3_600_001 }), ["policy.bakeMs"])
})

it("what no group can be, and sums below zero, are named with their place", () => {
  const floors = new Floors({ ...productFloors, scoreMin: 1.2, poolShareMax: 0 })
  const wish = aPolicy({ floors, bakeMs: -1, approval: { _tag: "auto-below", monthlyUsd: -5 } })
  assert.sameMembers(
    faultsIn(wish).map(({ path }) => path),
    ["policy.floors.scoreMin", "policy.floors.poolShareMax", "policy.approval.monthlyUsd", "policy.bakeMs"]
  )
})

it("an edit is told field by field, against the product's own policy where none was set", () => {
  const floors = new Floors({ ...productFloors, scoreMin: 0.8 })
  assert.deepStrictEqual(changesBetween(null, new Policy({ ...productPolicy, version: 1, floors })), [
    "floors.scoreMin: 0.75 -> 0.8"
  ])
  const next = aPolicy({ version: 2, approval: { _tag: "auto-below", monthlyUsd: 50 }, excludedGroups: ["web"] })
  assert.sameMembers(changesBetween(aPolicy({ version: 1 }), next) as Array<string>, [
    "approval._tag: manual -> auto-below",
    "approval.monthlyUsd: none -> 50",
    'excludedGroups: [] -> ["web"]'
  ])
  assert.deepStrictEqual(changesBetween(aPolicy({ version: 1 }), aPolicy({ version: 9 })), [])
})
