/** A swap as a list shows it: everything is in the newest entry of its journal. */
import { Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import type { JournalView, SagaView } from "../../schemas/api/operations.ts"
import { groupToken } from "../../schemas/group.ts"
import { poolToken } from "../../schemas/pool.ts"
import { type Entry, entryIn } from "../../schemas/saga.ts"
import { labelOf, stepsOf } from "../../schemas/steps.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import { orderIn } from "../shown/swap-words.ts"

export type Saga = typeof SagaView.Type
export type Journalled = typeof JournalView.Type

/** An entry with its order, and where the log holds it. */
export interface Read {
  readonly seq: number
  readonly entry: Entry
  readonly order: SwapOrdered
}

/** Undefined where it is no entry of a swap. */
export const readEntry = (stored: Stored): Read | undefined => {
  const entry = entryIn(stored.data)
  if (Result.isFailure(entry)) return undefined
  const order = orderIn(entry.success)
  return order === undefined ? undefined : { seq: stored.seq, entry: entry.success, order }
}

const statuses: Partial<Record<Entry["phase"], Saga["status"]>> = {
  Done: "done",
  RolledBack: "undone",
  Refused: "refused",
  Stuck: "stuck"
}
export const statusOf = ({ phase }: Pick<Entry, "phase">): Saga["status"] => statuses[phase] ?? "running"

/** How many of its steps stand done: all at the end, none once it is turned back. */
const stepIndexOf = ({ saga, phase, step }: Entry): number => {
  const steps = stepsOf(saga)
  if (phase === "Done") return steps.length
  if (phase === "RolledBack" || phase === "Refused") return 0
  if (phase === "Planned") return steps.filter(({ kind }) => kind === "look").length
  return Math.max(
    0,
    steps.findIndex((one) => one.step === step)
  )
}

/** What its replacement is: once launched, unless it was taken back or died in the end. */
const replacementOf = ({ made, phase }: Entry): string | null => {
  const launched = made["launch"]
  const isLost = phase === "RolledBack" || phase === "Refused" || (phase === "Done" && made["kept"] === false)
  return typeof launched === "string" && !isLost ? launched : null
}

/** What it saves an hour: promised while it runs, real once it is done, else nothing; as its settlement has it. */
const savingsOf = ({ entry, order: { move } }: Read): number => {
  const status = statusOf(entry)
  const isSaving = status === "running" || (status === "done" && entry.made["kept"] !== false)
  return isSaving ? move.onDemandPerHour - move.spotPerHour : 0
}

/** A swap done whose replacement died says why, though its journal ended well. */
const whyOf = ({ phase, made, code, reason }: Entry): Pick<Saga, "code" | "reason"> =>
  phase === "Done" && made["kept"] === false
    ? { code: "ReplacementDied", reason: "the replacement was taken after the old one had gone" }
    : { code, reason }

export const sagaOf = (read: Read): Saga => {
  const { entry, order } = read
  const { tenant, account, id, saga, phase, step, way, committed, attempt, by, epoch, until, startedAt, at } = entry
  const { region, group, move, plan, canary, approvedBy } = order
  const where = { tenant, account, region, group, groupId: groupToken({ account, region, group }) }
  const stand = { phase, status: statusOf(entry), step, way, committed, attempt, by, epoch, until, startedAt, at }
  return {
    id,
    saga,
    plan,
    ...where,
    ...stand,
    stepLabel: labelOf(saga, step),
    stepIndex: stepIndexOf(entry),
    stepCount: stepsOf(saga).length,
    old: move.old,
    oldType: move.oldType,
    newType: move.pool.instanceType,
    pool: poolToken(move.pool),
    zone: move.pool.zone,
    replacement: replacementOf(entry),
    hourlySavings: savingsOf(read),
    canary,
    approvedBy,
    ...whyOf(entry)
  }
}

export const journalled = ({ seq, entry }: Read): Journalled => {
  const { n, at, mark, phase, step, attempt, way, committed, by, epoch, code, reason } = entry
  return { seq, n, at, mark, phase, step, attempt, way, committed, by, epoch, code, reason }
}
