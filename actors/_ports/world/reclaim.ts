/**
 * AWS takes Spot instances back, with two minutes' notice or without; every take is on record, to judge the reports
 * by.
 */
import type { InstanceId } from "../../../schemas/ids.ts"
import { isGone, placeOf, shutDown } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { dying } from "./members.ts"
import type { InstanceRow } from "./state.ts"

/** From the notice to the end. Source: EC2 User Guide, Spot Instance interruption notices. */
const noticeMs = 120_000

/** Begins a take; false where there is nothing to take any more, or it has begun. */
export const reclaim = (w: Ground, id: InstanceId, isWarned: boolean): boolean => {
  const row = w.rows.instances.get(id)
  if (row === undefined || row.lifecycle !== "spot" || isGone(row) || w.agenda.has("take", id)) return false
  const { instanceType, zone } = row
  const warnedAt = isWarned ? w.at : null
  w.rows.reclaims.put(id, { ...placeOf(row), instance: id, instanceType, zone, warnedAt, takenAt: null })
  if (isWarned) w.plan("take", id, w.at + noticeMs / w.speed)
  else take(w, row)
  return true
}

export const take = (w: Ground, row: InstanceRow): void => {
  const record = w.rows.reclaims.get(row.id)
  if (record === undefined || isGone(row)) return
  w.rows.reclaims.put(row.id, { ...record, takenAt: w.at })
  shutDown(w, row, "Server.SpotInstanceTermination")
  dying(w, row)
}

/** A running Spot instance gets its day of reckoning, where takes happen at all: exponential, as hazards are. */
export const tempt = (w: Ground, row: InstanceRow): void => {
  const { reclaimsPerHour } = w.behaviours
  if (row.lifecycle !== "spot" || reclaimsPerHour <= 0) return
  const hours = -Math.log(1 - w.draw()) / reclaimsPerHour
  w.plan("tempted", row.id, w.at + (hours * 3_600_000) / w.speed)
}
export const tempted = (w: Ground, row: InstanceRow): void => {
  reclaim(w, row.id, !w.chance(w.behaviours.unwarnedRate))
}
