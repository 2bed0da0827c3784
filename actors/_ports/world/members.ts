/** The life of a group's member: pending, hooks, in service, targets, draining, hooks again, and out. */
import { groupTag } from "../ec2.ts"
import { isGone, shutDown } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { onInService } from "./invariants.ts"
import type { GroupRow, InstanceRow, MemberRow } from "./state.ts"

/** The group looks after itself at its next turn: turns lie on a grid of its own, and only who needs one takes it. */
export const disturb = (w: Ground, key: string): void => {
  if (w.agenda.has("reconcile", key)) return
  const period = w.behaviours.reconcileMs / w.speed
  const next = (Math.floor(w.at / period) + 1) * period
  // a period is rarely a whole number of milliseconds: rounded, the next turn may be the present one, for ever
  w.plan("reconcile", key, next > w.at ? next : next + period)
}

export const groupOf = (w: Ground, row: InstanceRow): GroupRow | undefined =>
  row.member === null ? undefined : w.rows.groups.get(row.member.group)

export const isLeaving = (row: InstanceRow): boolean => row.member?.state.startsWith("Terminating") === true

export const weightOf = (group: GroupRow, row: Pick<InstanceRow, "instanceType">): number =>
  group.mixed?.weighted === true ? (group.mixed.weights[row.instanceType] ?? 1) : 1

/** Makes an instance a member: one that runs already is let in after a moment and the group's launch hooks. */
export const join = (w: Ground, group: GroupRow, row: InstanceRow): void => {
  row.member = {
    group: group.key,
    state: "Pending",
    healthy: true,
    protectedFromScaleIn: false,
    weight: weightOf(group, row),
    targets: {}
  }
  row.tags = { ...row.tags, [groupTag]: group.group }
  if (row.state === "running") w.plan("admit", row.id, w.at + w.span([1000, 5000]))
  w.mark(row)
  disturb(w, group.key)
}

/** Runs, and nothing but the hooks stands before service. */
export const admit = (w: Ground, row: InstanceRow): void => {
  const group = groupOf(w, row)
  if (group === undefined || row.member?.state !== "Pending" || row.state !== "running") return
  if (group.launchHooks === 0) return serve(w, row)
  row.member.state = "Pending:Wait"
  w.plan("hooked", row.id, w.at + w.span(w.behaviours.launchHookMs))
  w.mark(row)
}

/** In service, and a target of the group's target groups from now on (trap 14: not a healthy one yet). */
export const serve = (w: Ground, row: InstanceRow): void => {
  const { member } = row
  const group = groupOf(w, row)
  if (group === undefined || member === null || isLeaving(row) || row.state !== "running") return
  member.state = "InService"
  member.protectedFromScaleIn = group.newMembersProtected
  member.targets = Object.fromEntries(group.targetGroups.map((each) => [each, "initial" as const]))
  if (group.targetGroups.length > 0) w.plan("target", row.id, w.at + w.span(w.behaviours.targetMs))
  onInService(w, row)
  w.mark(row)
  disturb(w, group.key)
}

/** The first health checks of a target are in. */
export const judgeTarget = (w: Ground, row: InstanceRow): void => {
  const { member } = row
  if (member === null || member.state !== "InService" || row.state !== "running") return
  const state = w.chance(w.behaviours.unhealthyTargetRate) ? "unhealthy" : "healthy"
  member.targets = Object.fromEntries(Object.keys(member.targets).map((each) => [each, state]))
  w.mark(row)
  disturb(w, member.group)
}

/** Begins to leave: drained by its target groups, held by the hooks, then terminated. It serves nobody from now on. */
export const leave = (w: Ground, row: InstanceRow): void => {
  const { member } = row
  if (member === null || isLeaving(row)) return
  member.state = "Terminating"
  for (const planned of ["admit", "hooked", "target"]) w.agenda.cancel(planned, row.id)
  if (isGone(row)) return ended(w, row)
  const targets = Object.keys(member.targets)
  member.targets = Object.fromEntries(targets.map((each) => [each, "draining" as const]))
  if (targets.length === 0) return drained(w, row)
  w.plan("drained", row.id, w.at + w.span(w.behaviours.drainingMs))
  w.mark(row)
  disturb(w, member.group)
}

export const drained = (w: Ground, row: InstanceRow): void => {
  const { member } = row
  if (member === null || member.state !== "Terminating") return
  member.targets = {}
  const hooks = groupOf(w, row)?.terminateHooks ?? 0
  if (hooks === 0) return finish(w, row)
  member.state = "Terminating:Wait"
  w.plan("released", row.id, w.at + w.span(w.behaviours.terminateHookMs))
  w.mark(row)
  disturb(w, member.group)
}

/** The hooks have let go. */
export const finish = (w: Ground, row: InstanceRow): void => {
  if (row.member === null || !isLeaving(row)) return
  row.member.state = "Terminating:Proceed"
  if (isGone(row)) return ended(w, row)
  shutDown(w, row, "Client.UserInitiatedShutdown")
  w.mark(row)
}

/** The machine dies under its group, by whomever: its targets know it at once, the group at its next turn. */
export const dying = (w: Ground, row: InstanceRow): void => {
  if (row.member === null) return
  row.member.targets = Object.fromEntries(Object.keys(row.member.targets).map((each) => [each, "unused" as const]))
  w.mark(row)
  disturb(w, row.member.group)
}

/** The machine is gone for good. A member that was leaving is out; another stays until its group has noticed. */
export const ended = (w: Ground, row: InstanceRow): void => {
  const member = row.member
  if (member === null) return
  if (isLeaving(row) && row.state === "terminated") w.release(row)
  else w.mark(row)
  disturb(w, member.group)
}

/** Out of the group and alive: by an owner's hand alone. */
export const detach = (w: Ground, row: InstanceRow): void => {
  const member: MemberRow | null = row.member
  if (member === null) return
  const { [groupTag]: _, ...tags } = row.tags
  row.tags = tags
  for (const planned of ["admit", "hooked", "target", "drained", "released"]) w.agenda.cancel(planned, row.id)
  w.release(row)
  disturb(w, member.group)
}
