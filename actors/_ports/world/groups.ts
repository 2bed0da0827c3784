/** Auto Scaling groups: what they hold, and the arithmetic of min, desired and max under our calls. */
import type { GroupName, InstanceId } from "../../../schemas/ids.ts"
import { Group } from "../group.ts"
import type { Caller } from "../port.ts"
import { putDown } from "./activities.ts"
import { isGone } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { onEffect } from "./invariants.ts"
import { paged } from "./market.ts"
import { disturb, isLeaving, join, leave, weightOf } from "./members.ts"
import { refuse } from "./refused.ts"
import { type GroupRow, type InstanceRow, keyIn, type Place } from "./state.ts"

const invalid = (details: string) => refuse("ValidationError", details)

export const groupIn = (w: Ground, place: Place, name: string): GroupRow =>
  w.rows.groups.get(keyIn(place, name)) ?? invalid(`AutoScalingGroup name not found - ${name}`)

const view = (w: Ground, row: GroupRow): Group => {
  const known = w.seenGroups.get(row.key)
  if (known !== undefined) return known
  const { group, minSize, desired, maxSize, subnets, template, suspended, targetGroups, classicBalancers } = row
  const { warmPool, capacityRebalance, maxInstanceLifetimeSeconds, status, tags } = row
  const made = new Group({
    group: group as GroupName,
    minSize,
    desired,
    maxSize,
    subnets: [...subnets],
    template,
    mixed: mixedView(row),
    suspended: [...suspended],
    members: w.members(row.key).flatMap(memberView),
    targetGroups: [...targetGroups],
    classicBalancers,
    warmPool,
    capacityRebalance,
    maxInstanceLifetimeSeconds,
    status,
    tags: { ...tags },
    // its own launches carry all of them
    launchTags: { ...tags },
    obstacles: [...(row.obstacles ?? [])]
  })
  w.seenGroups.set(row.key, made)
  return made
}
const mixedView = ({ mixed }: GroupRow) => {
  if (mixed === null) return null
  const { onDemandBase, onDemandPercentAboveBase, types, weighted } = mixed
  return { onDemandBase, onDemandPercentAboveBase, types: [...types], weighted }
}
const memberView = ({ id, instanceType, zone, member, from }: InstanceRow) => {
  if (member === null) return []
  const { state, healthy, protectedFromScaleIn, weight } = member
  const template = from === undefined ? {} : { template: from }
  return [{ instance: id, instanceType, zone, state, healthy, protectedFromScaleIn, weight, ...template }]
}

/** DescribeAutoScalingGroups gives at most so many a page (trap 21). */
const groupPage = 100
interface Asked {
  readonly names: ReadonlyArray<string>
  readonly page: string | null
}
export const groups = (w: Ground, { names, page }: Asked, caller: Caller) => {
  const wanted = new Set(names)
  const rows = [...w.rows.groups.rows.values()].filter(
    (row) =>
      row.account === caller.account && row.region === caller.region && (wanted.size === 0 || wanted.has(row.group))
  )
  const { rows: shown, next } = paged(rows, page, groupPage)
  return { groups: shown.map((row) => view(w, row)), next }
}

interface About {
  readonly group: string
  readonly instance: InstanceId
}

/**
 * Raises desired by what it adds and never past the maximum (trap 1); the zone must be one of the group's (trap 15).
 */
export const attach = (w: Ground, input: About, caller: Caller): void => {
  const group = changeable(w, caller, input.group)
  const row = w.rows.instances.get(input.instance)
  if (row === undefined || row.visibleAt > w.at || row.account !== caller.account || row.region !== caller.region) {
    return invalid(`Invalid Instance ID(s): [${input.instance}] specified`)
  }
  if (row.state !== "running")
    invalid(`Instance ${row.id} is not in correct state. Instance(s) must be in running state`)
  if (row.member !== null) invalid(`Instance ${row.id} is already part of AutoScalingGroup:${row.member.group}`)
  const zones = group.subnets.map((subnet) => w.rows.subnets.get(keyIn(caller, subnet))?.zone)
  if (!zones.includes(row.zone)) invalid(`Instance ${row.id} is in ${row.zone}, where the group is not`)
  const weight = weightOf(group, row)
  if (group.desired + weight > group.maxSize) {
    invalid(`You are attempting to attach ${weight} over AutoScalingGroup:${group.group}'s max size ${group.maxSize}`)
  }
  group.desired += weight
  w.markGroup(group)
  onEffect(w, `attach ${row.id}`, group.key)
  putDown(w, group, row, "attach", weight)
  join(w, group, row)
}

/** Terminates a member through draining and hooks, and lowers desired by it, never below the minimum (trap 3). */
export const retire = (w: Ground, input: About, caller: Caller): void => {
  const group = changeable(w, caller, input.group)
  const row = w.rows.instances.get(input.instance)
  const { member } = row ?? { member: null }
  if (row === undefined || member === null || member.group !== group.key) {
    return invalid(`Instance Id not found - No managed instance found for instance ID ${input.instance}`)
  }
  if (isLeaving(row) || isGone(row)) invalid(`Instance ${row.id} is not in InService or Standby: ${member.state}`)
  if (group.desired - member.weight < group.minSize) {
    invalid(`Terminating without replacement will violate group's min size constraint (${group.minSize})`)
  }
  group.desired -= member.weight
  w.markGroup(group)
  onEffect(w, "retire", row.id)
  putDown(w, group, row, "terminate", -member.weight)
  leave(w, row)
  disturb(w, group.key)
}

/**
 * A maximum below desired takes desired down with it, and members with that. Desired above what its owner allows was
 * possible in the room that we made alone, and goes with it.
 */
export const setMaxSize = (w: Ground, name: string, maxSize: number, caller: Caller): void => {
  const group = changeable(w, caller, name)
  if (maxSize < group.minSize)
    invalid(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${group.minSize}`)
  if (maxSize === group.maxSize) return
  onEffect(w, `${maxSize > group.maxSize ? "raise" : "lower"} knob ${group.key}`, String(maxSize))
  group.maxSize = maxSize
  if (group.desired > maxSize) {
    group.desired = maxSize
    if (maxSize === group.base.maxSize) group.base = { ...group.base, desired: Math.min(group.base.desired, maxSize) }
    disturb(w, group.key)
  }
  w.markGroup(group)
}

export const suspend = (w: Ground, name: string, process: string, caller: Caller): void => {
  const group = changeable(w, caller, name)
  if (group.suspended.includes(process)) return
  onEffect(w, `suspend ${process} knob ${group.key}`, "")
  group.suspended = [...group.suspended, process]
  w.markGroup(group)
}

export const resume = (w: Ground, name: string, process: string, caller: Caller): void => {
  const group = changeable(w, caller, name)
  if (!group.suspended.includes(process)) return
  onEffect(w, `resume ${process} knob ${group.key}`, "")
  group.suspended = group.suspended.filter((each) => each !== process)
  w.markGroup(group)
  disturb(w, group.key)
}

const changeable = (w: Ground, place: Place, name: string): GroupRow => {
  const group = groupIn(w, place, name)
  if (group.status !== null) refuse("ScalingActivityInProgress", `${name}: ${group.status}`)
  return group
}
