/** The five layers as a type: an unsafe plan can be neither constructed nor decoded. */
import { Schema } from "effect"
import { Digest, familyOf, InstanceId, InstanceType, Lifecycle, MicroUsd, SafetyScore, ZoneId } from "./ids.ts"
import { digestOf } from "./digest.ts"
import { GroupRef } from "./group.ts"
import { Pool } from "./pool.ts"

/** So many alike members of a group: the unit in which a composition is judged. */
export class Part extends Schema.Class<Part>("Part")({
  zone: ZoneId,
  instanceType: InstanceType,
  lifecycle: Lifecycle,
  vcpu: Schema.Int.check(Schema.isGreaterThan(0)),
  count: Schema.Int.check(Schema.isGreaterThan(0)),
  /** The pool's score when judged; null for on-demand, which is no pool. */
  score: Schema.NullOr(SafetyScore)
}) {}

/** The product's five floors. A policy may only tighten them; see `tighten`. */
export class Floors extends Schema.Class<Floors>("Floors")({
  /** (1) Every Spot pool scores at least this. */
  scoreMin: Schema.Finite,
  /** (2) At least so many zones, each with at least `zoneShareMin` of the vCPU. */
  zonesMin: Schema.Int,
  zoneShareMin: Schema.Finite,
  /** (3) No Spot pool over this share of the vCPU; sibling types of one family in one zone are one pool. */
  poolShareMax: Schema.Finite,
  /** (4) At least this share of the vCPU stays on-demand. */
  onDemandShareMin: Schema.Finite
}) {}
export const productFloors = new Floors({
  scoreMin: 0.75,
  zonesMin: 3,
  zoneShareMin: 0.05,
  poolShareMax: 0.2,
  onDemandShareMin: 0.15
})

/** The stricter of two floors, layer by layer. */
export const tighten = (a: Floors, b: Floors): Floors =>
  new Floors({
    scoreMin: Math.max(a.scoreMin, b.scoreMin),
    zonesMin: Math.max(a.zonesMin, b.zonesMin),
    zoneShareMin: Math.max(a.zoneShareMin, b.zoneShareMin),
    poolShareMax: Math.min(a.poolShareMax, b.poolShareMax),
    onDemandShareMin: Math.max(a.onDemandShareMin, b.onDemandShareMin)
  })

/**
 * `strict` is the five layers as they stand. `small-group` is for 3 to 5 members, where one member is more than the 20
 * %: the pool rule then reads "at most one member a pool", the on-demand rule "at least one member", the others stay.
 * It is used only where a policy names it, and every plan says so.
 */
export const Preset = Schema.Literals(["strict", "small-group"])
export type Preset = typeof Preset.Type

export const ViolationType = Schema.Literals([
  "risk_threshold",
  "az_distribution",
  "pool_concentration",
  "on_demand_buffer"
])
export class Violation extends Schema.Class<Violation>("Violation")({
  type: ViolationType,
  severity: Schema.Literals(["critical", "warning", "info"]),
  /** In words with figures: what is, and what would pass. */
  details: Schema.String
}) {}

/** Shares are compared with this slack: 3 of 15 vCPU is 20 %, whatever binary fractions make of it. */
const slack = 1e-9
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
const violation = (type: typeof ViolationType.Type, details: string) =>
  new Violation({ type, severity: "critical", details })

const sumBy = <A>(items: ReadonlyArray<A>, name: (item: A) => string, amount: (item: A) => number) => {
  const sums = new Map<string, number>()
  for (const item of items) sums.set(name(item), (sums.get(name(item)) ?? 0) + amount(item))
  return sums
}
const vcpuOf = (part: Part) => part.vcpu * part.count

/** How many members a group may have for the preset to apply. */
export const smallGroupSizes = { min: 3, max: 5 } as const

/** A composition with its sums, as each layer looks at it. */
interface Judged {
  readonly parts: ReadonlyArray<Part>
  readonly spot: ReadonlyArray<Part>
  readonly totalVcpu: number
  readonly floors: Floors
  /** The preset for small groups applies. */
  readonly small: boolean
}
const poolName = (part: Part) => `${familyOf(part.instanceType)} in ${part.zone}`

/** (1) Every Spot pool's score is known and high enough. */
const riskLayer = ({ spot, floors }: Judged) =>
  spot
    .filter(({ score }) => score === null || score < floors.scoreMin - slack)
    .map(({ instanceType, zone, score }) => {
      const is = score === null ? "is unknown" : `is ${score.toFixed(3)}`
      return violation("risk_threshold", `score of ${instanceType} in ${zone} ${is}, needs ${floors.scoreMin}`)
    })

/** (2) Zones enough, each with a share worth counting. */
const zoneLayer = ({ parts, totalVcpu, floors }: Judged) => {
  const zones = sumBy(parts, (part) => part.zone, vcpuOf)
  const counting = [...zones.values()].filter((vcpu) => vcpu / totalVcpu >= floors.zoneShareMin - slack).length
  const share = percent(floors.zoneShareMin)
  return counting >= floors.zonesMin
    ? []
    : [violation("az_distribution", `${counting} zones with at least ${share} each, needs ${floors.zonesMin}`)]
}

/** (3) No Spot pool too large; one member a pool under the preset. */
const poolLayer = ({ spot, totalVcpu, floors, small }: Judged) => {
  const counts = sumBy(spot, poolName, (part) => part.count)
  return [...sumBy(spot, poolName, vcpuOf)].flatMap(([pool, vcpu]) => {
    const count = counts.get(pool) ?? 0
    if (small) {
      const details = `${count} members in pool ${pool}, at most 1 under preset small-group`
      return count > 1 ? [violation("pool_concentration", details)] : []
    }
    const details = `${percent(vcpu / totalVcpu)} of the vCPU in pool ${pool}, at most ${percent(floors.poolShareMax)}`
    return vcpu / totalVcpu > floors.poolShareMax + slack ? [violation("pool_concentration", details)] : []
  })
}

/** (4) On-demand enough to stand on; one member under the preset. */
const bufferLayer = ({ parts, totalVcpu, floors, small }: Judged) => {
  const steady = parts.filter((part) => part.lifecycle === "on-demand")
  const share = steady.reduce((sum, part) => sum + vcpuOf(part), 0) / totalVcpu
  if (small ? steady.length > 0 : share >= floors.onDemandShareMin - slack) return []
  const details = small
    ? "no member on-demand, at least 1 under preset small-group"
    : `${percent(share)} of the vCPU on-demand, needs ${percent(floors.onDemandShareMin)}`
  return [violation("on_demand_buffer", details)]
}

/**
 * Everything that is wrong with a composition, judged as it would be after the plan. Empty = inside the five layers.
 * Shares are of the group's vCPU. The fifth layer is that all of them hold at once. All on-demand is always inside.
 */
export const violationsOf = (
  parts: ReadonlyArray<Part>,
  floors: Floors = productFloors,
  preset: Preset = "strict"
): ReadonlyArray<Violation> => {
  const spot = parts.filter((part) => part.lifecycle === "spot")
  if (spot.length === 0) return []
  const totalVcpu = parts.reduce((sum, part) => sum + vcpuOf(part), 0)
  const members = parts.reduce((sum, part) => sum + part.count, 0)
  const small = preset === "small-group" && members >= smallGroupSizes.min && members <= smallGroupSizes.max
  const judged = { parts, spot, totalVcpu, floors, small }
  return [riskLayer, zoneLayer, poolLayer, bufferLayer].flatMap((layer) => layer(judged))
}

/** One replacement: this member goes, one of that pool comes, in the same zone. */
export class Move extends Schema.Class<Move>("Move")({
  swap: Schema.String,
  old: InstanceId,
  oldType: InstanceType,
  oldVcpu: Schema.Int,
  pool: Pool,
  newVcpu: Schema.Int,
  score: SafetyScore,
  onDemandPerHour: MicroUsd,
  spotPerHour: MicroUsd
}) {}

const planFields = {
  ref: GroupRef,
  preset: Preset,
  floors: Floors,
  /** The composition after all moves. */
  target: Schema.Array(Part),
  moves: Schema.Array(Move),
  /** What the planner had read: the LOG sequence of the group's fact. */
  groupSeq: Schema.Int
}

/** A plan as somebody wishes it: nothing is promised of it yet. */
export class DraftPlan extends Schema.Class<DraftPlan>("DraftPlan")(planFields) {}

const isInside = Schema.makeFilter((plan: typeof SafePlanFields.Type) => {
  const wrong = violationsOf(plan.target, tighten(plan.floors, productFloors), plan.preset)
  return wrong.length === 0 ? undefined : wrong.map((one) => one.details).join("; ")
})
const SafePlanFields = Schema.Struct(planFields)

/** A plan inside the five layers. Neither `new` nor decoding makes another kind. */
export class SafePlan extends Schema.Class<SafePlan>("SafePlan")(SafePlanFields.check(isInside)) {}

/** What an approval covers: the exact set of moves and the target they lead to. */
export const planHash = (plan: SafePlan | DraftPlan): Digest =>
  digestOf(Schema.encodeSync(DraftPlan)(new DraftPlan({ ...plan })))
