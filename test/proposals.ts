/** Proposals, honest and hostile, for the small world of groups and markets. */
import { Schema } from "effect"
import { pools as poolsBucket } from "../schemas/catalogue.ts"
import { compositionOf, heldBecause } from "../schemas/composition.ts"
import type { GroupSeen } from "../schemas/group.ts"
import { InstanceType, microUsd, Region } from "../schemas/ids.ts"
import { type Market, marketOf } from "../schemas/market.ts"
import { isOpenAt, Pool, type PoolRisk, scoreAt } from "../schemas/pool.ts"
import { Candidate, SpotProposed } from "../schemas/proposal.ts"
import { DraftPlan, Move, planHash, productFloors, violationsOf } from "../schemas/safe-plan.ts"
import { aBook, aPool, aRef, instanceId, noon, region, score, zone } from "./builders.ts"
import { marketFrom, specs } from "./markets.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
/** The small world, or another, as a policy sees it. */
export const market = (pools: ReadonlyArray<PoolRisk>): Market =>
  marketOf(aBook({ pools }).all(poolsBucket), region, "linux")
/** By the numbers of a zone and of a type of the small world. */
export const poolAt = (z: number, t: number): Pool =>
  new Pool({ ...aPool(), zone: zone(z), instanceType: specs[t]!.instanceType })

/** A proposal of these moves that hangs together; `places` are pools that it weighed besides. */
export const proposalOf = (
  group: GroupSeen,
  moves: ReadonlyArray<Move>,
  over: Partial<DraftPlan> = {},
  places: ReadonlyArray<Pool> = []
): SpotProposed => {
  const target = compositionOf(group, moves, market(marketFrom()), noon).parts
  const plan = new DraftPlan({
    ref: aRef(),
    preset: "strict",
    floors: productFloors,
    target,
    moves,
    groupSeq: 2,
    ...over
  })
  const candidates = places.map(
    ({ zone, instanceType }) =>
      new Candidate({ zone, instanceType, score: null, spotPerHour: null, taken: 0, reason: "spare" })
  )
  const reads = { group: plan.groupSeq, pools: {} }
  return new SpotProposed({
    ...aRef(),
    plan,
    hash: planHash(plan),
    monthlySavings: microUsd(0),
    candidates,
    reads,
    at: noon
  })
}
const swapName = (n: number) => n.toString(16).padStart(26, "0")

/** A move in the market's own figures. */
export const moveOf = (group: GroupSeen, old: string, pool: Pool, pools = marketFrom()): Move => {
  const member = group.members.find((one) => one.instance === old)!
  const { risk, priced } = market(pools).offer(pool.zone, pool.instanceType)!
  const type = market(pools).type(member.instanceType)!
  return new Move({
    swap: swapName(Number.parseInt(old.slice(2), 16)),
    old: member.instance,
    oldType: member.instanceType,
    oldVcpu: type.spec.vcpu,
    pool,
    newVcpu: priced.spec.vcpu,
    score: risk.score ?? score(0),
    onDemandPerHour: type.onDemandPerHour,
    spotPerHour: priced.spotPerHour
  })
}

/** One move as somebody malicious, or mad, might wish it. */
export const Hostile = Schema.Struct({
  member: upTo(45),
  zone: upTo(5),
  type: upTo(19),
  vcpu: upTo(64),
  score: upTo(100),
  cents: upTo(30),
  swap: upTo(60),
  isElsewhere: upTo(9)
})
export const hostileMove = (one: typeof Hostile.Type): Move =>
  new Move({
    swap: one.swap === 0 ? "../../etc" : swapName(one.swap),
    old: instanceId(one.member < 9 ? one.member : one.member + 91),
    oldType: specs[one.type % 18]!.instanceType,
    oldVcpu: one.vcpu,
    pool: new Pool({
      ...aPool(),
      region: one.isElsewhere === 0 ? Region.make("eu-west-1") : region,
      zone: zone((one.zone % 4) + 1),
      instanceType: specs[one.type]?.instanceType ?? InstanceType.make("x1.large")
    }),
    newVcpu: one.vcpu,
    score: score(one.score / 100),
    onDemandPerHour: microUsd(1),
    spotPerHour: microUsd(one.cents / 1000)
  })
/** As many moves as stay inside, found by trying: slow, and owing nothing to the code under test. */
export const honest = (group: GroupSeen, pools = marketFrom()): ReadonlyArray<Move> => {
  const view = market(pools)
  const moves: Array<Move> = []
  for (const member of group.members.filter((one) => heldBecause(one) === undefined)) {
    const vcpu = view.type(member.instanceType)?.spec.vcpu
    const fit = [0, 2, 4, 6]
      .map((t) => t + (vcpu === 4 ? 1 : 0))
      .find((t) => {
        const place = { ...poolAt(1, t), zone: member.zone }
        const risk = view.offer(member.zone, place.instanceType)!.risk
        const isCheap = risk.priced!.spotPerHour < view.type(member.instanceType)!.onDemandPerHour
        const isBig = specs[t]!.memoryMib >= view.type(member.instanceType)!.spec.memoryMib
        if (!isOpenAt(risk, noon) || !isCheap || !isBig || (scoreAt(risk, noon) ?? 0) < 0.75) return false
        return (
          violationsOf(
            compositionOf(group, [...moves, { old: member.instance, pool: new Pool(place) }], view, noon).parts
          ).length === 0
        )
      })
    if (fit !== undefined)
      moves.push(moveOf(group, member.instance, new Pool({ ...poolAt(1, fit), zone: member.zone }), pools))
  }
  return moves
}
