/** What holds of every plan, and what is said of groups for which there is none. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { compositionOf, heldBecause } from "../../schemas/composition.ts"
import { unfitBecause } from "../../schemas/fitness.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import { GroupName } from "../../schemas/ids.ts"
import { marketOf } from "../../schemas/market.ts"
import { isOpenAt, type PoolRisk, poolToken, scoreAt } from "../../schemas/pool.ts"
import { pools as poolsBucket } from "../../schemas/catalogue.ts"
import { Floors, type Move, productFloors, SafePlan, tighten, violationsOf } from "../../schemas/safe-plan.ts"
import { aBook, aGroup, aMember, aPolicy, instanceId, later, noon, region, type, zone } from "../../test/builders.ts"
import { groupOf, marketFrom, GroupRecipe, OddityRecipe, specNamed, standing } from "../../test/markets.ts"
import { candidatesMax } from "./candidates.ts"
import { type Outcome, planFor, type Situation } from "./plan.ts"

const Oddities = Schema.Array(OddityRecipe)
const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))

const market = (pools: ReadonlyArray<PoolRisk>) => marketOf(aBook({ pools }).all(poolsBucket), region, "linux")
const situation = (group: GroupSeen, pools = marketFrom(), over: Partial<Situation> = {}): Situation => ({
  group,
  groupSeq: 2,
  market: market(pools),
  policy: aPolicy(),
  at: noon,
  refused: {},
  closedAt: undefined,
  ...over
})
const movesIn = (outcome: Outcome): ReadonlyArray<Move> => (outcome._tag === "plan" ? outcome.plan.moves : [])

it.prop(
  "every plan is inside the five layers, recomputed from the group and the market",
  {
    group: GroupRecipe,
    odd: Oddities
  },
  (given) => {
    const asked = situation(groupOf(given.group), marketFrom(given.odd))
    const outcome = planFor(asked)
    if (outcome._tag !== "plan") return
    assert.doesNotThrow(() => new SafePlan(outcome.plan))
    const { parts, unknown } = compositionOf(asked.group, outcome.plan.moves, asked.market, noon)
    assert.isEmpty(unknown)
    assert.isEmpty(violationsOf(parts, productFloors, "strict"))
    assert.deepStrictEqual([...outcome.plan.target], [...parts])
  }
)

it.prop(
  "of a plan for a group that began on demand, every part in every order is inside the layers too",
  {
    group: GroupRecipe,
    odd: Oddities,
    order: Schema.Array(upTo(99)),
    stop: upTo(40)
  },
  ({ group, odd, order, stop }) => {
    const asked = situation(groupOf(group, { isSteady: true }), marketFrom(odd))
    const moves = [...movesIn(planFor(asked))]
    const mixed = moves.map((move, i) => ({ move, by: order[i % Math.max(1, order.length)] ?? 0 }))
    const some = mixed.sort((a, b) => a.by - b.by).slice(0, stop)
    const { parts } = compositionOf(
      asked.group,
      some.map(({ move }) => move),
      asked.market,
      noon
    )
    assert.isEmpty(violationsOf(parts))
  }
)

it.prop(
  "a move stays in its zone, loses neither vCPU nor memory, costs less, and goes only where it may",
  {
    group: GroupRecipe,
    odd: Oddities
  },
  (given) => {
    const asked = situation(groupOf(given.group), marketFrom(given.odd))
    const moves = movesIn(planFor(asked))
    assert.strictEqual(new Set(moves.map((move) => move.old)).size, moves.length)
    for (const move of moves) {
      const member = asked.group.members.find((one) => one.instance === move.old)!
      const [old, next] = [specNamed(member.instanceType), specNamed(move.pool.instanceType)]
      assert.isUndefined(heldBecause(member))
      assert.strictEqual(move.pool.zone, member.zone)
      assert.strictEqual(move.newVcpu, old.vcpu)
      assert.strictEqual(next.vcpu, old.vcpu)
      assert.isAtLeast(next.memoryMib, old.memoryMib)
      assert.strictEqual(next.architecture, old.architecture)
      assert.isBelow(move.spotPerHour, move.onDemandPerHour)
      const { risk } = asked.market.offer(move.pool.zone, move.pool.instanceType)!
      assert.isTrue(isOpenAt(risk, noon))
      assert.isAtLeast(scoreAt(risk, noon)!, 0.75)
    }
  }
)

it.prop(
  "nothing is left lying: no further move fits, and no moved member fits in a cheaper pool",
  { group: GroupRecipe, odd: Oddities },
  (given) => {
    const asked = situation(groupOf(given.group), marketFrom(given.odd))
    const outcome = planFor(asked)
    if (outcome._tag !== "plan") return
    const { moves } = outcome.plan
    const gone = new Map(moves.map((move) => [move.old, move]))
    const isInside = (others: ReadonlyArray<Pick<Move, "old" | "pool">>) =>
      violationsOf(compositionOf(asked.group, others, asked.market, noon).parts).length === 0
    for (const member of asked.group.members.filter((one) => heldBecause(one) === undefined)) {
      const old = specNamed(member.instanceType)
      const price = gone.get(member.instance)?.spotPerHour ?? asked.market.type(member.instanceType)!.onDemandPerHour
      for (const { risk, priced } of asked.market.offers) {
        if (priced.pool.zone !== member.zone || priced.spotPerHour >= price || !isOpenAt(risk, noon)) continue
        if (unfitBecause(old, priced.spec) !== undefined || (scoreAt(risk, noon) ?? 0) < 0.75) continue
        const others = moves.filter((move) => move.old !== member.instance)
        assert.isFalse(isInside([...others, { old: member.instance, pool: priced.pool }]))
      }
    }
  },
  { arbitrary: { runs: 40 } }
)

it.prop(
  "pools that may not be used make no difference to what is moved where",
  {
    group: GroupRecipe,
    odd: Schema.Array(Schema.Struct({ ...OddityRecipe.fields, type: Schema.Literals([2, 3, 6, 7]) }))
  },
  ({ group: recipe, odd }) => {
    const group = groupOf(recipe, { isSteady: true })
    const barred = marketFrom(odd)
    const usable = barred.filter((risk) => isOpenAt(risk, noon) && (scoreAt(risk, noon) ?? 0) >= 0.75)
    assert.deepStrictEqual(movesIn(planFor(situation(group, barred))), movesIn(planFor(situation(group, usable))))
  }
)

it.prop(
  "the list of candidates is short, gives each a reason, and counts what was taken",
  {
    group: GroupRecipe,
    odd: Oddities
  },
  (given) => {
    const outcome = planFor(situation(groupOf(given.group), marketFrom(given.odd)))
    assert.isAtMost(outcome.candidates.length, candidatesMax)
    assert.isTrue(outcome.candidates.every((one) => one.reason !== ""))
    const taken = outcome.candidates.reduce((sum, one) => sum + one.taken, 0)
    assert.strictEqual(taken, movesIn(outcome).length)
  }
)

it.prop(
  "a tighter policy is kept, a looser one is taken as the product's",
  {
    group: GroupRecipe,
    pool: upTo(50),
    steady: upTo(100)
  },
  ({ group, pool, steady }) => {
    const wished = new Floors({ ...productFloors, poolShareMax: pool / 100, onDemandShareMin: steady / 100 })
    const outcome = planFor(situation(groupOf(group), marketFrom(), { policy: aPolicy({ floors: wished }) }))
    if (outcome._tag === "plan") assert.isEmpty(violationsOf(outcome.plan.target, tighten(wished, productFloors)))
  }
)

const steady = (count: number, zones = 3, name = "m5.large") =>
  aGroup({ members: Array.from({ length: count }, (_, n) => standing(n + 1, (n % zones) + 1, name)) })

describe("a market of plenty", () => {
  it("moves all that the on-demand layer leaves: 51 of 60, each zone in turn", () => {
    const moves = movesIn(planFor(situation(steady(60))))
    assert.lengthOf(moves, 51)
    assert.deepStrictEqual(
      moves.slice(0, 6).map((move) => `${move.pool.zone}`),
      [1, 2, 3, 1, 2, 3].map((n) => `${zone(n)}`)
    )
  })
  it("begins in the emptiest zone", () => {
    const members = [...steady(30).members, standing(90, 1), standing(91, 2)]
    assert.strictEqual(movesIn(planFor(situation(aGroup({ members }))))[0]?.pool.zone, zone(3))
  })
  it("counts siblings of one family in one zone as one pool", () => {
    const twins = marketFrom().filter(({ pool }) => /^(m5|m6i)\./.test(pool.instanceType))
    const mixed = [
      ...steady(15).members,
      ...steady(15, 3, "m5.xlarge").members.map((m, n) => aMember(n + 40, { ...m, instance: instanceId(n + 40) }))
    ]
    const outcome = planFor(situation(aGroup({ members: mixed }), twins))
    assert.isEmpty(violationsOf(outcome._tag === "plan" ? outcome.plan.target : []))
    assert.isAbove(movesIn(outcome).length, 0)
  })
})

describe("a group is left alone", () => {
  const why = (group: GroupSeen, pools = marketFrom(), over: Partial<Situation> = {}) => {
    const outcome = planFor(situation(group, pools, over))
    return outcome._tag === "plan" ? "planned" : outcome.because
  }
  it("when it is not ours to touch, each for its own reason", () => {
    const { template } = aGroup()
    assert.strictEqual(why(aGroup({ mode: "observe" })), "observed-only")
    assert.strictEqual(why(aGroup({ owner: "eks-managed-node-group" })), "not-ours")
    assert.strictEqual(why(aGroup({ obstacles: ["warm pool"] })), "obstacle")
    assert.strictEqual(
      why(aGroup({ mixed: { onDemandBase: 0, onDemandPercentAboveBase: 100, types: [] } })),
      "obstacle"
    )
    assert.strictEqual(why(aGroup({ template: null })), "no-template")
    assert.strictEqual(why(aGroup({ template: { ...template!, asksForSpot: true } })), "obstacle")
    assert.strictEqual(why(aGroup({ members: [] })), "empty")
    assert.strictEqual(why(aGroup({ members: [aMember(1, { healthy: false })] })), "obstacle")
    const policy = aPolicy({ excludedGroups: ["web"] })
    assert.strictEqual(why(aGroup({ group: GroupName.make("web") }), marketFrom(), { policy }), "not-ours")
  })
  it("when the layers have no room: four alike are too small, two zones are too few", () => {
    assert.strictEqual(why(steady(4)), "too-small")
    assert.strictEqual(why(steady(30, 2)), "infeasible")
    assert.strictEqual(why(steady(5)), "planned")
  })
  it("when its Spot is already outside, since no move would mend that", () => {
    const spot = Array.from({ length: 9 }, (_, n) => aMember(n + 50, { lifecycle: "spot", zone: zone(1) }))
    assert.strictEqual(why(aGroup({ members: [...steady(12).members, ...spot] })), "best-feasible")
  })
  it("when all that may move has moved", () => {
    const whole = situation(steady(30))
    const moved = new Map(movesIn(planFor(whole)).map((move) => [move.old, move.pool]))
    const members = whole.group.members.map((one) => {
      const pool = moved.get(one.instance)
      return pool === undefined ? one : aMember(1, { ...one, lifecycle: "spot", instanceType: pool.instanceType })
    })
    assert.strictEqual(why(aGroup({ members })), "inside-the-five-layers")
  })
  it("when no pool will do, with the one that came nearest", () => {
    const pools = marketFrom().map((risk) => ({ ...risk, gate: { _tag: "poisoned" as const, until: later(noon, 1) } }))
    const outcome = planFor(situation(steady(12), pools as never))
    assert.strictEqual(outcome._tag === "alone" && outcome.because, "no-pools")
    assert.include(outcome._tag === "alone" ? outcome.details : "", "poisoned until 2026-01-15")
    assert.strictEqual(why(steady(12), []), "no-pools")
    const dear = [1, 2, 3].flatMap((z) => [0, 2, 4, 6, 8].map((t) => ({ zone: z - 1, type: t, oddity: 0, cents: 25 })))
    assert.strictEqual(why(steady(12), marketFrom(dear)), "not-cheaper")
  })
})

describe("the preset for small groups", () => {
  const policy = aPolicy({ presets: ["small-group"] })
  it("moves all but one of four, one a pool, and the plan says so; unless the policy names it, it is not used", () => {
    const outcome = planFor(situation(steady(4), marketFrom(), { policy }))
    assert.strictEqual(outcome._tag === "plan" && outcome.plan.preset, "small-group")
    assert.lengthOf(movesIn(outcome), 3)
    assert.isEmpty(movesIn(planFor(situation(steady(4)))))
  })
  it("is not used where strict lets anything move", () => {
    const outcome = planFor(situation(steady(5), marketFrom(), { policy }))
    assert.strictEqual(outcome._tag === "plan" && outcome.plan.preset, "strict")
  })
})

it("refused pools are passed over until their time is over", () => {
  const [move] = movesIn(planFor(situation(steady(12))))
  const refused = { [poolToken(move!.pool)]: later(noon, 1) }
  const tokens = (at: typeof noon) =>
    movesIn(planFor(situation(steady(12), marketFrom(), { refused, at }))).map((one) => poolToken(one.pool))
  assert.notInclude(tokens(noon), poolToken(move!.pool))
  assert.include(tokens(later(noon, 1)), poolToken(move!.pool))
})

it("a burstable machine stands in only for a burstable one", () => {
  const pools = marketFrom().filter(({ pool }) => /^(t3|m5)\./.test(pool.instanceType))
  const only = movesIn(planFor(situation(steady(30), pools)))
  assert.isTrue(only.every((move) => move.pool.instanceType !== type("t3.large")))
  const burstable = movesIn(planFor(situation(steady(30, 3, "t3.large"), pools)))
  assert.isTrue(burstable.some((move) => move.pool.instanceType === type("t3.large")))
})
