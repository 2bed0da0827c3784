/** The owners of the accounts go on living: what they change under our hands, scripted by the host. */
import type { InstanceId } from "../../../schemas/ids.ts"
import { putDown } from "./activities.ts"
import { isGone, shutDown } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { setTarget } from "./health.ts"
import { onFloor, onOwner } from "./invariants.ts"
import { detach, disturb, dying } from "./members.ts"
import { type GroupRow, type InstanceRow, keyIn, type Place } from "./state.ts"

/** One deed of an owner. Groups are named by account, region and name; `by` may be negative. */
export type Edit =
  | { readonly edit: "scale"; readonly group: GroupAt; readonly by: number }
  | { readonly edit: "max-size"; readonly group: GroupAt; readonly maxSize: number }
  | { readonly edit: "suspend" | "resume"; readonly group: GroupAt; readonly process: string }
  | { readonly edit: "refreshing"; readonly group: GroupAt; readonly isOn: boolean }
  | { readonly edit: "delete-group"; readonly group: GroupAt }
  | { readonly edit: "terminate"; readonly instance: InstanceId }
  | { readonly edit: "detach"; readonly instance: InstanceId; readonly decrement: boolean }
  | { readonly edit: "untag"; readonly instance: InstanceId; readonly tag: string }
  | { readonly edit: "bind"; readonly instance: InstanceId; readonly what: ReadonlyArray<string> }
  | { readonly edit: "forbid"; readonly group: GroupAt; readonly obstacles: ReadonlyArray<string> }
  | { readonly edit: "tag-group"; readonly group: GroupAt; readonly tags: Readonly<Record<string, string>> }
  | {
      readonly edit: "protect"
      readonly instance: InstanceId
      readonly from: "termination" | "scale-in"
      readonly isOn: boolean
    }
  | {
      readonly edit: "target"
      readonly instance: InstanceId
      readonly targetGroup: string
      readonly isHealthy: boolean
    }
export interface GroupAt extends Place {
  readonly group: string
}

/** Does it; false where there is no such group or instance any more. */
export const act = (w: Ground, edit: Edit): boolean => {
  if ("instance" in edit) {
    const row = w.rows.instances.get(edit.instance)
    if (row === undefined) return false
    return actOnInstance(w, row, edit)
  }
  const group = w.rows.groups.get(keyIn(edit.group, edit.group.group))
  if (group === undefined) return false
  actOnGroup(w, group, edit)
  onOwner(w, group)
  w.markGroup(group)
  disturb(w, group.key)
  return true
}

const actOnGroup = (w: Ground, group: GroupRow, edit: Exclude<Edit, { readonly instance: InstanceId }>): void => {
  const { base } = group
  switch (edit.edit) {
    case "scale": {
      const by = Math.max(group.minSize - group.desired, Math.min(group.maxSize - group.desired, edit.by))
      return setDesired(w, group, by)
    }
    case "max-size":
      group.maxSize = edit.maxSize
      group.base = { ...base, maxSize: edit.maxSize }
      if (group.desired > edit.maxSize) setDesired(w, group, edit.maxSize - group.desired)
      return
    case "suspend":
    case "resume": {
      const others = (names: ReadonlyArray<string>) => names.filter((each) => each !== edit.process)
      const changed = (names: ReadonlyArray<string>) => [
        ...others(names),
        ...(edit.edit === "suspend" ? [edit.process] : [])
      ]
      group.suspended = changed(group.suspended)
      group.base = { ...base, suspended: changed(base.suspended) }
      return
    }
    case "refreshing":
      group.refreshing = edit.isOn
      return
    case "forbid":
      group.obstacles = edit.obstacles
      return
    case "tag-group":
      group.tags = { ...edit.tags }
      return
    case "delete-group":
      group.status = "Delete in progress"
      group.minSize = 0
      setDesired(w, group, -group.desired)
  }
}

/**
 * Desired and the floor move together: what our own attach and retire have added in between stays as it is. Nobody
 * wants fewer than his minimum, however far a step of his policy goes.
 */
const setDesired = (w: Ground, group: GroupRow, by: number): void => {
  const { minSize } = group
  const before = group.base.desired
  group.desired += by
  group.base = { ...group.base, desired: Math.max(minSize, group.base.desired + by), minSize }
  onFloor(w, group, before)
}

const actOnInstance = (
  w: Ground,
  row: InstanceRow,
  edit: Extract<Edit, { readonly instance: InstanceId }>
): boolean => {
  switch (edit.edit) {
    case "terminate":
      if (isGone(row)) return false
      shutDown(w, row, "Client.UserInitiatedShutdown")
      dying(w, row)
      return true
    case "detach":
      return detachMember(w, row, edit.decrement)
    case "untag": {
      const { [edit.tag]: _, ...tags } = row.tags
      row.tags = tags
      w.mark(row)
      return true
    }
    case "bind":
      row.bound = edit.what
      w.mark(row)
      return true
    case "protect":
      if (edit.from === "termination") row.terminationProtected = edit.isOn
      else if (row.member !== null) row.member.protectedFromScaleIn = edit.isOn
      w.mark(row)
      return true
    case "target":
      setTarget(w, row, edit.targetGroup, edit.isHealthy)
      if (row.member !== null) disturb(w, row.member.group)
      return true
  }
}

/** Without the decrement the group launches another one in its place (trap 2); with it, its minimum stands. */
const detachMember = (w: Ground, row: InstanceRow, decrement: boolean): boolean => {
  const { member } = row
  const group = member === null ? undefined : w.rows.groups.get(member.group)
  if (member === null || group === undefined) return false
  if (decrement && group.desired - member.weight < group.minSize) return false
  putDown(w, group, row, "detach", decrement ? -member.weight : 0)
  detach(w, row)
  if (decrement) {
    setDesired(w, group, -member.weight)
    onOwner(w, group)
    w.markGroup(group)
  }
  return true
}
