/** What a group is made of, as the five layers judge it, and what of it a swap may take. */
import type { GroupSeen, Member, SweepDone } from "./group.ts"
import type { InstanceType, MicroUsd, ZoneId } from "./ids.ts"
import type { Market } from "./market.ts"
import type { Policy } from "./policy.ts"
import { scoreAt } from "./pool.ts"
import type { AloneBecause } from "./proposal.ts"
import { type Move, Part } from "./safe-plan.ts"

/** The product's number: what was read of a group longer ago is stale. */
export const inventoryAgeMsMax = 120_000

/**
 * When the group was last known to be as its fact says: the start of the newest sweep that had nothing else to report.
 */
export const lastReadOf = (group: GroupSeen, sweep: SweepDone | undefined): number =>
  Math.max(group.readAt, sweep?.startedAt ?? 0)

/** Does it count as capacity? Who leaves, stands by or is detached does not. */
export const isPresent = (member: Member): boolean => member.state === "InService" || member.state.startsWith("Pending")

/** Why a swap must not take this member away, by itself or by its owner's policy, or undefined where it may. */
export const heldBecause = (member: Member, policy: Policy | null = null): string | undefined => {
  if (member.lifecycle !== "on-demand") return "is Spot already"
  if (member.state !== "InService") return `is ${member.state}`
  if (!member.healthy) return "is unhealthy"
  if (member.protectedFromScaleIn) return "is protected from scale-in"
  if (member.weight !== 1) return `counts as ${member.weight} units`
  if (member.bound.length > 0) return `has ${member.bound.join(", ")}`
  if (policy?.excludedInstances?.includes(member.instance))
    return `is excluded by version ${policy.version} of the policy`
  return undefined
}

/**
 * Why nobody of ours may touch the group at all, with the smallest change that would alter it; undefined where we may.
 */
export const untouchableBecause = (
  group: GroupSeen
): { readonly because: AloneBecause; readonly details: string } | undefined => {
  const no = (because: AloneBecause, details: string) => ({ because, details })
  if (group.mode === "observe") return no("observed-only", "mode observe only reads; in mode recommend it is planned")
  if (group.owner !== "asg") return no("not-ours", `${group.owner} manages its instances; only plain groups are moved`)
  if (group.obstacles.length > 0) return no("obstacle", `until this is lifted: ${group.obstacles.join(", ")}`)
  if (group.mixed !== null)
    return no("obstacle", "its mixed instances policy would undo a swap; without one it is planned")
  if (group.template === null) return no("no-template", "it has no launch template; with one it is planned")
  if (group.template.asksForSpot) return no("obstacle", "its launch template itself asks for Spot or fixes the subnet")
  return undefined
}

/** Pools are named by zone and type, so are the parts. */
type Swapped = Pick<Move, "old" | "pool">

/**
 * The composition of a group once these moves are done. `unknown` lists types of which nobody knows the size: then
 * there is nothing to judge. Scores are those of the market at that instant; null where there is none to rely on.
 */
export const compositionOf = (
  group: GroupSeen,
  moves: ReadonlyArray<Swapped>,
  market: Market,
  at: number
): { readonly parts: ReadonlyArray<Part>; readonly unknown: ReadonlyArray<InstanceType> } => {
  const poolOf = new Map(moves.map((move) => [move.old, move.pool]))
  const counts = new Map<string, { zone: ZoneId; instanceType: InstanceType; isSpot: boolean; count: number }>()
  for (const member of group.members) {
    if (!isPresent(member)) continue
    const pool = poolOf.get(member.instance)
    const isSpot = pool !== undefined || member.lifecycle === "spot"
    const { zone, instanceType } = pool ?? member
    const name = `${zone} ${instanceType} ${isSpot}`
    const known = counts.get(name)
    if (known === undefined) counts.set(name, { zone, instanceType, isSpot, count: 1 })
    else known.count += 1
  }
  const unknown = new Set<InstanceType>()
  const parts: Array<Part> = []
  for (const [, { zone, instanceType, isSpot, count }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const type = market.type(instanceType)
    if (type === undefined) {
      unknown.add(instanceType)
      continue
    }
    const offer = isSpot ? market.offer(zone, instanceType) : undefined
    const score = offer === undefined ? null : scoreAt(offer.risk, at)
    const lifecycle = isSpot ? ("spot" as const) : ("on-demand" as const)
    parts.push(new Part({ zone, instanceType, lifecycle, vcpu: type.spec.vcpu, count, score }))
  }
  return { parts, unknown: [...unknown] }
}

/** AWS's own month for comparing prices. */
export const hoursPerMonth = 730

/** What moves save in a month at these prices, gross. */
export const monthlySavingsOf = (moves: ReadonlyArray<Pick<Move, "onDemandPerHour" | "spotPerHour">>): MicroUsd =>
  (moves.reduce((sum, move) => sum + move.onDemandPerHour - move.spotPerHour, 0) * hoursPerMonth) as MicroUsd
