/** The groups' record of their members: who came and went, and whose word it was. */
import { instant, type InstanceId } from "../../../schemas/ids.ts"
import { Activity } from "../group.ts"
import type { Caller } from "../port.ts"
import type { Ground } from "./ground.ts"
import { type ActivityRow, type GroupRow, type InstanceRow, keyIn } from "./state.ts"

/** Puts down what becomes of an instance. `desiredBy`: what this itself does to desired, nought unless told. */
export const putDown = (
  w: Ground,
  group: Pick<GroupRow, "key">,
  row: Pick<InstanceRow, "id">,
  kind: ActivityRow["kind"],
  desiredBy = 0
): void => {
  const before = w.rows.activities.get(row.id) ?? []
  const { id: instance } = row
  w.rows.activities.put(instance, [{ group: group.key, instance, kind, desiredBy, at: w.at }, ...before])
}

interface Asked {
  readonly group: string
  readonly instance: InstanceId
}
/** DescribeScalingActivities of one group, as far as they are about one instance; a deleted group tells nothing. */
export const activities = (w: Ground, { group, instance }: Asked, caller: Caller): ReadonlyArray<Activity> => {
  const key = keyIn(caller, group)
  if (w.rows.groups.get(key) === undefined) return []
  const rows = w.rows.activities.get(instance)?.filter((row) => row.group === key) ?? []
  return rows.map(
    ({ kind, desiredBy, at }) => new Activity({ instance, kind, desiredBy, isVoid: false, startedAt: instant(at) })
  )
}
