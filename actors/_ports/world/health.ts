/** Whether users are well: targets of target groups, and alarms that somebody sets. */
import type { InstanceId } from "../../../schemas/ids.ts"
import type { TargetState } from "../health.ts"
import type { Caller } from "../port.ts"
import type { Ground } from "./ground.ts"
import { refuse } from "./refused.ts"
import { type InstanceRow, keyIn, type Place } from "./state.ts"

const knownTargetGroup = (w: Ground, place: Place, targetGroup: string) =>
  w.rows.targetGroups.get(keyIn(place, targetGroup)) ?? refuse("TargetGroupNotFound", `no target group ${targetGroup}`)

export const target = (
  w: Ground,
  targetGroup: string,
  instance: InstanceId,
  caller: Caller
): typeof TargetState.Type => {
  knownTargetGroup(w, caller, targetGroup)
  const row = w.rows.instances.get(instance)
  if (row === undefined || row.account !== caller.account || row.region !== caller.region) return "absent"
  return row.member?.targets[targetGroup] ?? "absent"
}

export const unhealthyTargets = (w: Ground, targetGroup: string, caller: Caller): number => {
  knownTargetGroup(w, caller, targetGroup)
  let sum = 0
  for (const group of w.rows.groups.rows.values()) {
    if (group.account !== caller.account || group.region !== caller.region) continue
    if (!group.targetGroups.includes(targetGroup)) continue
    for (const id of w.counts.members.get(group.key) ?? []) {
      if (w.rows.instances.get(id)?.member?.targets[targetGroup] === "unhealthy") sum++
    }
  }
  return sum
}

export const alarms = (w: Ground, names: ReadonlyArray<string>, caller: Caller) =>
  names.map((name) => ({ name, state: w.rows.alarms.get(keyIn(caller, name))?.state ?? ("absent" as const) }))

/** A target's health checks turn: the application's doing, not AWS's and not ours. */
export const setTarget = (w: Ground, row: InstanceRow, targetGroup: string, isHealthy: boolean): void => {
  if (row.member === null || row.member.targets[targetGroup] === undefined) return
  row.member.targets = { ...row.member.targets, [targetGroup]: isHealthy ? "healthy" : "unhealthy" }
  w.mark(row)
}
