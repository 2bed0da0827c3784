/** An unsafe plan cannot be had, every part of a safe one is safe in every order, and nobody loosens a floor. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { account, region, score, tenant, type, zone } from "../test/builders.ts"
import { GroupRef } from "./group.ts"
import { decodeAs, encodeAs } from "./envelope.ts"
import { GroupName } from "./ids.ts"
import {
  DraftPlan,
  Floors,
  Part,
  planHash,
  Preset,
  productFloors,
  SafePlan,
  tighten,
  violationsOf
} from "./safe-plan.ts"

const upTo = (maximum: number, minimum = 0) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const families = ["m5.large", "m5a.large", "c5.large", "r5.large", "m5.xlarge", "t3.large", "c5.2xlarge"]

/** One member: where it is, and as which Spot type it would come back, if it is moved at all. */
const Plan = Schema.Struct({
  members: Schema.NonEmptyArray(
    Schema.Struct({ zone: upTo(6, 1), isMoved: Schema.Boolean, into: upTo(6), score: upTo(20) })
  ).check(Schema.isMaxLength(40)),
  preset: Preset,
  lonely: Schema.Boolean
})
type Member = (typeof Plan.Type)["members"][number]

const partOf = (member: Member, isSpot: boolean): Part =>
  new Part({
    zone: zone(member.zone),
    instanceType: type(isSpot ? families[member.into]! : "m6i.large"),
    lifecycle: isSpot ? "spot" : "on-demand",
    vcpu: 2,
    count: 1,
    score: isSpot ? score(Math.min(1, 0.7 + member.score / 50)) : null
  })
/** All on-demand, but for the members of `moved`. */
const composition = (members: ReadonlyArray<Member>, moved: ReadonlySet<number>) =>
  members.map((member, n) => partOf(member, moved.has(n)))

const floorsOf = (over: Partial<typeof Floors.Type>) => new Floors({ ...productFloors, ...over })
const draft = (target: ReadonlyArray<Part>, floors = productFloors, preset: Preset = "strict") => ({
  ref: new GroupRef({ tenant, account, region, group: GroupName.make("web") }),
  preset,
  floors,
  target: [...target],
  moves: [],
  groupSeq: 1
})
const makes = (run: () => unknown): boolean => {
  try {
    run()
    return true
  } catch {
    return false
  }
}

/** Twelve on-demand members in three zones, of which so many of each zone are moved into a pool of their own. */
const twelve = (perZone: number) =>
  [1, 2, 3].flatMap((z) =>
    [0, 1, 2, 3].map((n) => partOf({ zone: z, isMoved: false, into: n, score: 10 }, n < perZone))
  )

describe("a safe plan", () => {
  it.prop(
    "can be constructed, decoded and hashed exactly where nothing is wrong with it",
    { plan: Plan },
    ({ plan }) => {
      const moved = new Set(plan.members.flatMap(({ isMoved }, n) => (isMoved ? [n] : [])))
      const target = composition(plan.members, moved)
      const isSafe = violationsOf(target, productFloors, plan.preset).length === 0
      const fields = draft(target, productFloors, plan.preset)
      assert.strictEqual(
        makes(() => new SafePlan(fields)),
        isSafe
      )
      const encoded = encodeAs(DraftPlan, new DraftPlan(fields))
      assert.strictEqual(Result.isSuccess(decodeAs(SafePlan, encoded)), isSafe)
      if (isSafe) assert.strictEqual(planHash(new SafePlan(fields)), planHash(new DraftPlan(fields)))
    },
    { arbitrary: { runs: 400 } }
  )

  it("with floors looser than the product's is judged by the product's", () => {
    const none = floorsOf({ scoreMin: 0, zonesMin: 0, zoneShareMin: 0, poolShareMax: 1, onDemandShareMin: 0 })
    const allSpot = [partOf({ zone: 1, isMoved: true, into: 0, score: 0 }, true)]
    assert.isFalse(makes(() => new SafePlan(draft(allSpot, none))))
    assert.isTrue(Result.isFailure(decodeAs(SafePlan, encodeAs(DraftPlan, new DraftPlan(draft(allSpot, none))))))
  })

  it("says every layer that is broken, with figures", () => {
    const layers = violationsOf([
      new Part({ ...partOf({ zone: 1, isMoved: true, into: 0, score: 0 }, true), count: 9, score: score(0.74) })
    ])
    const named = layers.map(({ type }) => type)
    assert.deepStrictEqual(named, ["risk_threshold", "az_distribution", "pool_concentration", "on_demand_buffer"])
    for (const { details } of layers) assert.match(details, /\d/)
  })

  it("stands exactly on its floors: 0.75, 20 % a pool, 15 % on-demand, three zones of 5 % each", () => {
    const member = (n: number, isSpot: boolean, into: number): Part =>
      new Part({ ...partOf({ zone: n, isMoved: isSpot, into, score: 0 }, isSpot), score: isSpot ? score(0.75) : null })
    const spot = [member(1, true, 0), member(1, true, 2), member(1, true, 3), member(1, true, 5)]
    const onFloor = [
      ...spot.map((part) => new Part({ ...part, count: 4 })),
      member(1, true, 1),
      ...[1, 2, 3].map((n) => member(n, false, 0))
    ]
    assert.deepStrictEqual(violationsOf(onFloor), [])
    const below = onFloor.map((part) =>
      part.lifecycle === "spot" ? new Part({ ...part, score: score(0.7499) }) : part
    )
    assert.strictEqual(violationsOf(below).length, 5)
    const unknown = onFloor.map((part) => (part.lifecycle === "spot" ? new Part({ ...part, score: null }) : part))
    assert.strictEqual(violationsOf(unknown).length, 5)
    const layersWith = (part: Part) => violationsOf([...onFloor, part]).map((one) => one.type)
    assert.include(layersWith(spot[0]!), "pool_concentration")
    assert.include(layersWith(member(1, true, 1)), "on_demand_buffer")
    assert.include(layersWith(member(1, false, 0)), "az_distribution")
  })

  it("counts siblings of one family in one zone as one pool", () => {
    const [m5large, m5xlarge] = [0, 4]
    const rest = twelve(0).slice(4)
    const siblings = [m5large, m5xlarge].map((into) => partOf({ zone: 1, isMoved: true, into, score: 10 }, true))
    const twice = [...siblings, ...siblings]
    assert.deepStrictEqual(violationsOf([...rest, ...siblings]), [])
    assert.deepStrictEqual(
      violationsOf([...rest, ...twice]).map((one) => one.type),
      ["pool_concentration"]
    )
  })

  it("of a small group lets one member be a pool, but only where the preset is named and the group is small", () => {
    const four = [1, 2, 3].map((n) => partOf({ zone: n, isMoved: true, into: n, score: 10 }, true))
    const small = [...four, partOf({ zone: 1, isMoved: false, into: 0, score: 0 }, false)]
    assert.deepStrictEqual(violationsOf(small, productFloors, "small-group"), [])
    assert.isNotEmpty(violationsOf(small, productFloors, "strict"))
    assert.isNotEmpty(violationsOf(four, productFloors, "small-group"))
    const two = [...small, four[0]!]
    assert.isNotEmpty(violationsOf(two, productFloors, "small-group"))
    const seven = [1, 2, 3, 4, 5, 6].map((n) => partOf({ zone: n, isMoved: true, into: 1, score: 10 }, true))
    const large = [...seven, partOf({ zone: 1, isMoved: false, into: 0, score: 0 }, false)]
    const wrong = violationsOf(large, productFloors, "small-group")
    assert.deepStrictEqual(wrong, violationsOf(large, productFloors, "strict"))
    assert.deepStrictEqual(
      wrong.map((one) => one.type),
      ["on_demand_buffer"]
    )
  })
})

describe("the way to a safe plan", () => {
  const Order = Schema.Array(Schema.Int).check(Schema.isMaxLength(40))
  const inOrder = (moved: ReadonlyArray<number>, order: ReadonlyArray<number>) => {
    const rank = (n: number) => order[n % Math.max(1, order.length)] ?? 0
    return moved.toSorted((a, b) => rank(a) - rank(b) || a - b)
  }
  const walk = (members: ReadonlyArray<Member>, moved: ReadonlyArray<number>, preset: Preset) => {
    for (let done = 0; done <= moved.length; done++) {
      const parts = composition(members, new Set(moved.slice(0, done)))
      assert.deepStrictEqual(violationsOf(parts, productFloors, preset), [], `after ${done} of ${moved.length} moves`)
    }
  }

  /** Takes moves back until what is left is safe, so that safe plans are the rule. */
  const safePart = (members: ReadonlyArray<Member>, preset: Preset): ReadonlyArray<number> => {
    let moved = members.flatMap(({ isMoved }, n) => (isMoved ? [n] : []))
    while (violationsOf(composition(members, new Set(moved)), productFloors, preset).length > 0) moved = moved.slice(1)
    return moved
  }

  it.prop(
    "from all on-demand is safe after every subset of its moves, in every order",
    { plan: Plan, order: Order },
    ({ plan, order }) => {
      const widened = plan.members.map((member) => ({ ...member, score: member.score + 5 }))
      const four = plan.lonely ? widened.slice(0, 4) : [...widened, ...widened, ...widened, ...widened]
      walk(four, inOrder(safePart(four, plan.preset), order), plan.preset)
    },
    { arbitrary: { runs: 400 } }
  )

  it("of twelve members in three zones is not vacuous: nine of them may move", () => {
    const members = [1, 2, 3].flatMap((z) =>
      [0, 2, 3, 5].map((into) => ({ zone: z, isMoved: into !== 5, into, score: 10 }))
    )
    assert.strictEqual(safePart(members, "strict").length, 9)
    walk(members, inOrder(safePart(members, "strict"), [3, 1, 2]), "strict")
  })
})

describe("floors", () => {
  const SomeFloors = Schema.Struct({
    scoreMin: upTo(20),
    zonesMin: upTo(6),
    zoneShareMin: upTo(6),
    poolShareMax: upTo(20),
    onDemandShareMin: upTo(20)
  })
  const floorsFrom = (n: typeof SomeFloors.Type) =>
    new Floors({
      scoreMin: n.scoreMin / 20,
      zonesMin: n.zonesMin,
      zoneShareMin: n.zoneShareMin / 20,
      poolShareMax: n.poolShareMax / 20,
      onDemandShareMin: n.onDemandShareMin / 20
    })

  it.prop(
    "are never loosened by tightening: what breaks one of the two breaks both together",
    { plan: Plan, a: SomeFloors, b: SomeFloors },
    ({ plan, a, b }) => {
      const moved = new Set(plan.members.flatMap(({ isMoved }, n) => (isMoved ? [n] : [])))
      const parts = composition(plan.members, moved)
      const layers = (floors: Floors) => new Set(violationsOf(parts, floors, plan.preset).map((one) => one.type))
      const both = layers(tighten(floorsFrom(a), floorsFrom(b)))
      for (const broken of [...layers(floorsFrom(a)), ...layers(floorsFrom(b))]) assert.isTrue(both.has(broken))
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "tightened come out the same whoever goes first, and a second time",
    { a: SomeFloors, b: SomeFloors },
    ({ a, b }) => {
      const [one, other] = [floorsFrom(a), floorsFrom(b)]
      assert.deepStrictEqual(tighten(one, other), tighten(other, one))
      assert.deepStrictEqual(tighten(tighten(one, other), other), tighten(one, other))
      assert.deepStrictEqual(tighten(one, one), one)
    }
  )
})
