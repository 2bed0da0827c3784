/** Why a group is left as it is, in words that name the smallest change that would alter the answer. */
import { heldBecause, isPresent } from "../../schemas/composition.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import type { Policy } from "../../schemas/policy.ts"
import { isOpenAt } from "../../schemas/pool.ts"
import type { AloneBecause } from "../../schemas/proposal.ts"
import { type Floors, type Part, smallGroupSizes, violationsOf } from "../../schemas/safe-plan.ts"
import { isNearer, type Rejected, type Weighed } from "./candidates.ts"

export interface Alone {
  readonly because: AloneBecause
  readonly details: string
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`

/** No member may be taken away, though the group as a whole might be touched. */
export const nothingMovable = (group: GroupSeen, policy: Policy | null): Alone => {
  const held = new Map<string, number>()
  for (const member of group.members) {
    const reason = heldBecause(member, policy)
    if (reason !== undefined) held.set(reason, (held.get(reason) ?? 0) + 1)
  }
  if (!group.members.some(isPresent)) return { because: "empty", details: "no member serves; with three it is planned" }
  const reasons = [...held].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, count]) => `${count} ${reason}`)
  return { because: "obstacle", details: `no member may be taken: ${reasons.join(", ")}` }
}

/** The layers as they are found, before any move: what they forbid, no move from on-demand to Spot mends. */
export const outside = (parts: ReadonlyArray<Part>, floors: Floors): Alone | undefined => {
  const wrong = violationsOf(parts, floors)
  if (wrong.length === 0) return undefined
  const found = wrong.map((one) => one.details).join("; ")
  return { because: "best-feasible", details: `as it is: ${found}; less Spot, or safer, is for its owner to choose` }
}

/** Of the pools ruled out, the one that came nearest. */
const nearest = (rejected: ReadonlyArray<Rejected>): Rejected | undefined => {
  let best = rejected[0]
  for (const one of rejected) {
    if (best === undefined) continue
    const isBetter = isNearer(one.reason, best.reason)
    const isLevel = one.reason.kind === best.reason.kind
    if (isBetter || (isLevel && (one.score ?? 0) > (best.score ?? 0))) best = one
  }
  return best
}

/** No pool may take anybody in. */
export const noChoice = ({ rejected }: Weighed, at: number): Alone => {
  const best = nearest(rejected)
  if (best === undefined)
    return { because: "no-pools", details: "no pool of its zones is on sale; one that is would do" }
  const { pool, spec } = best.offer.priced
  const counts = new Map<string, number>()
  for (const { reason } of rejected) counts.set(reason.kind, (counts.get(reason.kind) ?? 0) + 1)
  const sums = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${count} ${kind}`)
  const open = isOpenAt(best.offer.risk, at) ? "" : " (and it is poisoned)"
  const weighed = `${rejected.length} pools weighed (${sums.join(", ")})`
  const details = `${weighed}; nearest ${spec.instanceType} in ${pool.zone}: ${best.reason.text}${open}`
  return { because: best.reason.kind === "dear" ? "not-cheaper" : "no-pools", details }
}

/** There are pools, but no layer has room for one more member. */
export const noRoom = (parts: ReadonlyArray<Part>, smallest: number, floors: Floors): Alone => {
  if (parts.some((part) => part.lifecycle === "spot")) {
    return { because: "inside-the-five-layers", details: "as far as the layers allow; with more members more can move" }
  }
  const total = parts.reduce((sum, part) => sum + part.vcpu * part.count, 0)
  const members = parts.reduce((sum, part) => sum + part.count, 0)
  const preset =
    members >= smallGroupSizes.min && members <= smallGroupSizes.max
      ? ", or a policy that names preset small-group"
      : ""
  const share = `its smallest movable member is ${percent(smallest / total)} of ${total} vCPU`
  const steady = percent(floors.onDemandShareMin)
  const limits = `a pool may hold ${percent(floors.poolShareMax)}, and ${steady} stay on demand`
  const needed = Math.max(1, Math.ceil(smallest / floors.poolShareMax - 1e-9))
  return { because: "too-small", details: `${share}: ${limits}; with ${needed} vCPU in all one could move${preset}` }
}

/** Zones stay as they are, whatever moves: judged on a composition with some Spot in it. */
export const tooFewZones = (target: ReadonlyArray<Part>, floors: Floors): Alone | undefined => {
  const wrong = violationsOf(target, floors).filter((one) => one.type === "az_distribution")
  if (wrong.length === 0) return undefined
  const details = `${wrong.map((one) => one.details).join("; ")}: a subnet and members in one more zone would do`
  return { because: "infeasible", details }
}
