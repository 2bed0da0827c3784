/** What must never happen in the cloud, watched as it happens: each change costs a look at what it changed, no more. */
import type { Caller } from "../port.ts"
import { managedByValue, ownTags } from "../ec2.ts"
import { callTimeoutMs } from "../port.ts"
import type { Change } from "./counts.ts"
import type { Ground } from "./ground.ts"
import type { GroupRow, InstanceRow, SagaRow, WriteRow } from "./state.ts"

export const violate = (w: Ground, invariant: number, details: string): void => {
  const n = w.count("violation")
  w.rows.violations.put(String(n), { invariant, details, at: w.at })
}

/** AWS took capacity so shortly before our call that the caller cannot have seen it: the loss is AWS's. */
const unseenMs = callTimeoutMs

/**
 * 1: what serves never falls below the floor, the desired capacity as its owner or AWS last set it. What they took is
 * excused until it is back, which no replacement of ours brings about; what a call of ours takes on top is a violation.
 */
export const onServing = (w: Ground, { group, by, isReplacement }: Change): void => {
  const row = w.rows.groups.get(group)
  if (row === undefined) return
  const serving = w.counts.serving.get(group) ?? 0
  const gap = Math.max(0, row.base.desired - serving)
  if (isReplacement) return
  if (by > 0) return excuse(w, row, Math.min(row.excused, gap))
  if (w.current === null) {
    row.lossAt = w.at
    excuse(w, row, Math.max(row.excused, gap))
    w.markGroup(row)
    return
  }
  if (gap <= row.excused) return
  if (row.lossAt !== null && w.at - row.lossAt <= unseenMs) return excuse(w, row, gap)
  const { saga, step } = w.current
  violate(
    w,
    1,
    `${row.group}: ${serving} serve where ${row.base.desired} must, by ${w.current.action} of ${saga}/${step}`
  )
  // said once; from here on the group is measured by what is left
  excuse(w, row, gap)
}

const excuse = (w: Ground, row: GroupRow, excused: number) => {
  if (row.excused === excused) return
  row.excused = excused
  w.markGroup(row)
}

/**
 * The owner or AWS set the desired capacity: what is missing to it at that moment is not our doing. `before`: the floor
 * until then. A replacement that serves beside the old one is no part of it: it does not fill what was asked for just
 * now, and the old one may go the next moment.
 */
export const onFloor = (w: Ground, row: GroupRow, before: number): void => {
  const serving = Math.min(w.counts.serving.get(row.key) ?? 0, before)
  excuse(w, row, Math.max(0, row.base.desired - serving))
}

const sagaOf = (w: Ground, saga: string): SagaRow => w.rows.sagas.get(saga) ?? { epoch: 0, effects: {}, served: [] }

/** Remembers the highest epoch that a saga was seen with, reads included. */
export const onCaller = (w: Ground, caller: Caller): void => {
  if (caller.saga === null) return
  const row = sagaOf(w, caller.saga)
  if (row.epoch >= caller.epoch && w.rows.sagas.get(caller.saga) !== undefined) return
  w.rows.sagas.put(caller.saga, { ...row, epoch: Math.max(row.epoch, caller.epoch) })
}

/** 9: nothing is executed for a session that has ended, nor for a holder that another one has replaced. */
export const onExecuted = (w: Ground, write: WriteRow): void => {
  const who = `${write.action} of ${write.saga ?? "nobody"}/${write.step ?? ""} by ${write.by}`
  if (write.late) violate(w, 9, `${who} executed after ${write.until}`)
  if (write.saga === null) return
  const { epoch } = sagaOf(w, write.saga)
  if (write.epoch < epoch) violate(w, 9, `${who} executed with epoch ${write.epoch}, already at ${epoch}`)
}

/**
 * 5: one saga has each of its effects once. `kind` is the effect's name within the saga, as `launch` or `attach i-1`;
 * called where something really changed, so that a repeated request that found its work done counts for nothing.
 */
export const onEffect = (w: Ground, kind: string, what: string): void => {
  const write = w.current
  if (write === null) return
  write.effect = `${kind} ${what}`.trim()
  if (write.saga === null) return
  const row = sagaOf(w, write.saga)
  const times = (row.effects[kind] ?? 0) + 1
  w.rows.sagas.put(write.saga, { ...row, effects: { ...row.effects, [kind]: times } })
  if (times > 1) violate(w, 5, `${write.saga} executed ${kind} ${times} times, last on ${what}`)
}

/** The owner turned a knob of the group: a saga may then turn it anew. */
export const onOwner = (w: Ground, group: GroupRow): void => {
  for (const [saga, row] of w.rows.sagas.rows) {
    const kept = Object.entries(row.effects).filter(([kind]) => !kind.endsWith(`knob ${group.key}`))
    if (kept.length < Object.keys(row.effects).length) {
      w.rows.sagas.put(saga, { ...row, effects: Object.fromEntries(kept) })
    }
  }
}

/** 3: old and one replacement, never more. 4: what we launch carries our tags from its first moment. */
export const onLaunch = (w: Ground, row: InstanceRow): void => {
  const { tags, saga } = row
  const isTagged =
    tags[ownTags.managedBy] === managedByValue && tags[ownTags.saga] !== undefined && tags[ownTags.step] !== undefined
  if (!isTagged || (saga !== null && tags[ownTags.saga] !== saga))
    violate(w, 4, `${row.id} was launched without our tags`)
  if (saga === null) return
  const running = w.counts.ofSaga.get(saga)?.size ?? 0
  if (running > 1) violate(w, 3, `${saga} runs ${running} replacements beside the old instance`)
}

/** 5, its other half: at most one replacement of a saga is ever in service. */
export const onInService = (w: Ground, row: InstanceRow): void => {
  if (row.saga === null) return
  const saga = sagaOf(w, row.saga)
  if (saga.served.includes(row.id)) return
  const served = [...saga.served, row.id]
  w.rows.sagas.put(row.saga, { ...saga, served })
  if (served.length > 1) violate(w, 5, `${row.saga} brought ${served.length} replacements into service`)
}

/** 7: a customer's member goes through its group, which respects hooks and draining; never by a plain terminate. */
export const onTerminate = (w: Ground, row: InstanceRow): void => {
  const write = w.current
  if (write === null || row.member === null || row.saga !== null) return
  violate(w, 7, `${row.id} of ${row.member.group} terminated past its group by ${write.saga}/${write.step}`)
}

/** 2: groups whose knobs are not as their owner or AWS left them. Ask it of groups without an open swap. */
export const knobsNotRestored = (groups: Iterable<GroupRow>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  for (const { key, base, minSize, desired, maxSize, suspended } of groups) {
    const of = (name: string, is: unknown, was: unknown) =>
      is !== was && wrong.push(`${key}: ${name} ${is}, was ${was}`)
    of("min", minSize, base.minSize)
    of("desired", desired, base.desired)
    of("max", maxSize, base.maxSize)
    of("suspended", suspended.toSorted().join(), base.suspended.toSorted().join())
  }
  return wrong
}

/** 4, its other half: instances of ours that nobody answers for any more. */
export const orphans = (
  w: Ground,
  olderThanMs: number,
  isClosed: (saga: string) => boolean
): ReadonlyArray<InstanceRow> => {
  const found: Array<InstanceRow> = []
  for (const [saga, ids] of w.counts.ofSaga) {
    for (const id of ids) {
      const row = w.rows.instances.get(id)
      if (row !== undefined && row.member === null && w.at - row.launchedAt >= olderThanMs && isClosed(saga))
        found.push(row)
    }
  }
  return found
}
