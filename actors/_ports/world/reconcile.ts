/**
 * How a group looks after itself: replaces what died, launches what is missing, ends what is too much, evens its
 * zones.
 */
import type { ZoneId } from "../../../schemas/ids.ts"
import { groupTag } from "../ec2.ts"
import { putDown } from "./activities.ts"
import { isGone, placeOf, start } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { disturb, isLeaving, join, leave } from "./members.ts"
import { Refused } from "./refused.ts"
import { type GroupRow, type InstanceRow, keyIn } from "./state.ts"
import { resolve } from "./templates.ts"

const zonesOf = (w: Ground, group: GroupRow): ReadonlyMap<ZoneId, string> => {
  const zones = new Map<ZoneId, string>()
  for (const subnet of group.subnets) {
    const zone = w.rows.subnets.get(keyIn(group, subnet))?.zone
    if (zone !== undefined && !zones.has(zone)) zones.set(zone, subnet)
  }
  return zones
}
const isOn = (group: GroupRow, process: string) => !group.suspended.includes(process)
const sumOf = (rows: ReadonlyArray<InstanceRow>) => rows.reduce((sum, row) => sum + (row.member?.weight ?? 0), 0)

/** Members that count towards desired: whatever comes or serves, not what leaves or stands by. */
const staying = (w: Ground, group: GroupRow) =>
  w.members(group.key).filter((row) => !isLeaving(row) && row.member?.state !== "Standby")

export const reconcile = (w: Ground, key: string): void => {
  const group = w.rows.groups.get(key)
  if (group === undefined) return
  if (group.status !== null) return dissolve(w, group)
  replaceUnhealthy(w, group)
  const members = staying(w, group)
  const missing = group.desired - sumOf(members)
  const serving = members.filter((row) => row.member?.state === "InService")
  if (missing > 0) return launchMissing(w, group, missing)
  if (sumOf(serving) > group.desired && isOn(group, "Terminate")) return endSurplus(w, group, serving)
  if (serving.length < members.length) return disturb(w, key)
  rebalance(w, group, members)
}

/** A group that is being deleted ends its members first. */
const dissolve = (w: Ground, group: GroupRow): void => {
  const members = w.members(group.key)
  if (members.length === 0) {
    w.seenGroups.delete(group.key)
    return w.rows.groups.drop(group.key)
  }
  for (const row of members) leave(w, row)
  disturb(w, group.key)
}

/** A member whose machine died or whose target turned bad is noticed, and ended where the process may. */
const replaceUnhealthy = (w: Ground, group: GroupRow): void => {
  if (!isOn(group, "HealthCheck")) return
  for (const row of staying(w, group)) {
    const { member } = row
    if (member === null) continue
    const isBad = isGone(row) || Object.values(member.targets).includes("unhealthy")
    if (isBad && member.healthy) {
      member.healthy = false
      w.mark(row)
    }
    if (member.healthy || !isOn(group, "ReplaceUnhealthy") || !isOn(group, "Terminate")) continue
    putDown(w, group, row, "terminate")
    leave(w, row)
  }
}

const launchMissing = (w: Ground, group: GroupRow, missing: number): void => {
  if (!isOn(group, "Launch")) return
  for (let left = missing; left > 0; ) {
    const row = launchOne(w, group, emptiest(w, group))
    if (row === undefined) break
    left -= row.member?.weight ?? 1
  }
  disturb(w, group.key)
}

/** Members by zone, every zone of the group among them. */
const spread = (w: Ground, group: GroupRow): ReadonlyMap<ZoneId, ReadonlyArray<InstanceRow>> => {
  const members = Map.groupBy(staying(w, group), (row) => row.zone)
  return new Map([...zonesOf(w, group).keys()].map((zone) => [zone, members.get(zone) ?? []]))
}
const emptiest = (w: Ground, group: GroupRow): ZoneId | undefined =>
  [...spread(w, group)].sort(([, a], [, b]) => a.length - b.length)[0]?.[0]

/** On-demand from the group's template: a group's own launches are always to be had, unless quota or subnet forbid. */
const launchOne = (w: Ground, group: GroupRow, zone: ZoneId | undefined): InstanceRow | undefined => {
  const subnet = zone === undefined ? undefined : zonesOf(w, group).get(zone)
  if (group.template === null || zone === undefined || subnet === undefined) return undefined
  try {
    const template = resolve(w, group, group.template.id, group.template.version)
    const instanceType = group.mixed?.types[0] ?? template.instanceType
    if (instanceType === null || instanceType === undefined) return undefined
    const tags = { ...group.tags, [groupTag]: group.group }
    const from = { id: template.id, version: String(template.version) }
    const order = { ...placeOf(group), instanceType, subnet, zone, lifecycle: "on-demand" as const, tags, saga: null }
    const row = start(w, { ...order, from })
    putDown(w, group, row, "launch")
    join(w, group, row)
    return row
  } catch (cause) {
    if (cause instanceof Refused) return undefined
    throw cause
  }
}

/**
 * The fullest zone gives first, the oldest first, a Spot one before where the policy wants on-demand; never a
 * protected one.
 */
const endSurplus = (w: Ground, group: GroupRow, serving: ReadonlyArray<InstanceRow>): void => {
  const inZone = Map.groupBy(serving, (row) => row.zone)
  const size = (row: InstanceRow) => inZone.get(row.zone)?.length ?? 0
  const spotFirst = lacksOnDemand(group, serving, 0) > 0
  const rank = (row: InstanceRow) => (spotFirst && row.lifecycle === "spot" ? 1 : 0)
  const [victim] = serving
    .filter((row) => row.member?.protectedFromScaleIn === false && sumOf(serving) - row.member.weight >= group.desired)
    .sort((a, b) => rank(b) - rank(a) || size(b) - size(a) || a.n - b.n)
  if (victim === undefined) return
  putDown(w, group, victim, "terminate")
  leave(w, victim)
  disturb(w, group.key)
}

/** How many on-demand members a mixed policy misses, above `spare` (trap 8). */
const lacksOnDemand = (group: GroupRow, members: ReadonlyArray<InstanceRow>, spare: number): number => {
  if (group.mixed === null) return 0
  const { onDemandBase, onDemandPercentAboveBase } = group.mixed
  const above = Math.max(0, group.desired - onDemandBase)
  const wanted = Math.min(group.desired, onDemandBase) + Math.ceil((above * onDemandPercentAboveBase) / 100)
  return wanted - spare - sumOf(members.filter((row) => row.lifecycle === "on-demand"))
}

/**
 * AZRebalance: zones that differ by two for a while get a new member in the emptiest; the surplus then costs the
 * fullest one of its own (trap 4). With Terminate suspended the group may grow by a tenth (trap 5).
 */
const rebalance = (w: Ground, group: GroupRow, members: ReadonlyArray<InstanceRow>): void => {
  const sizes = [...spread(w, group).values()].map((rows) => rows.length)
  const isUneven = Math.max(...sizes) - Math.min(...sizes) >= 2
  const isDue = (isUneven && isOn(group, "AZRebalance")) || lacksOnDemand(group, members, 0) > 0
  if (!isDue || !isOn(group, "Launch")) {
    if (group.unevenSince !== null) w.markGroup(Object.assign(group, { unevenSince: null }))
    return
  }
  if (group.unevenSince === null) w.markGroup(Object.assign(group, { unevenSince: w.at }))
  const waited = w.at - (group.unevenSince ?? w.at)
  const zone = emptiest(w, group)
  const over = sumOf(members) - group.desired
  const isRoom = over < Math.max(1, Math.floor(group.maxSize / 10))
  if (waited >= w.behaviours.rebalanceAfterMs / w.speed && isRoom) {
    group.unevenSince = null
    w.markGroup(group)
    launchOne(w, group, zone)
  }
  if (isRoom) disturb(w, group.key)
}
