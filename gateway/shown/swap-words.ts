/** How swaps are told: the order, each entry of the journal, each call that changes something, and the end. */
import { Result } from "effect"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { decodeAs, encodeAs } from "../../schemas/envelope.ts"
import type { Entry } from "../../schemas/saga.ts"
import { Move } from "../../schemas/safe-plan.ts"
import { labelOf } from "../../schemas/steps.ts"
import { resumeOrdered, swapOrdered, SwapOrdered, swapSettled } from "../../schemas/swap.ts"
import { hourly } from "./phrase.ts"
import { type Severity, told, type Words } from "./words.ts"

const ended = { done: "is done", undone: "was turned back", refused: "was refused", stuck: "is stuck" } as const
const because = (e: { readonly reason: string | null; readonly code: string | null }) =>
  e.reason === null ? (e.code ?? "") : e.reason

const gravityOf = (end: keyof typeof ended, code: string | null): Severity =>
  end === "stuck" ? "critical" : end === "done" && code === null ? "good" : "warning"

export const swapWords = [
  told(swapOrdered, {
    says: (c) =>
      `${c.move.old} (${c.move.oldType}) in ${c.group} is to become ${c.move.pool.instanceType} on Spot ` +
      `in ${c.move.pool.zone}, approved by ${c.approvedBy}.`,
    correlation: (c) => c.move.swap
  }),
  told(resumeOrdered, {
    says: (c) => `Swap ${c.swap} of ${c.group} is to go on from the step in which it got stuck, by ${c.by}.`,
    correlation: (c) => c.swap
  }),
  told(swapSettled, {
    says: (e) => {
      const what = `The swap of ${e.move.old} in ${e.group} ${ended[e.end]}`
      if (e.end === "done" && e.code === null) return `${what} and saves ${hourly(e.hourlySavings)}.`
      return `${what}: ${because(e)}.`
    },
    severity: (e) => gravityOf(e.end, e.code),
    severities: ["good", "critical", "warning"],
    correlation: (e) => e.swap
  }),
  told(callBegun, {
    says: (e) => `${e.action} is asked of account ${e.account}${e.step === null ? "" : ` for step ${e.step}`}.`,
    correlation: (e) => e.saga
  }),
  told(callEnded, {
    says: (e) =>
      e.outcome === "ok"
        ? `${e.action} was answered by account ${e.account}.`
        : e.outcome === "refused"
          ? `${e.action} was refused by account ${e.account}: ${e.code ?? "no code"}.`
          : `${e.action} had no answer from account ${e.account}: ${e.code ?? "no code"}.`,
    severity: (e) => (e.outcome === "ok" ? "info" : "warning"),
    severities: ["info", "warning"],
    correlation: (e) => e.saga
  })
]

const marks = {
  beat: "is still held",
  taken: "was taken over",
  "let-go": "was let go of",
  resumed: "was stuck and goes on"
} as const

const phases = {
  Planned: () => "has its plan, and every choice is frozen",
  Intent: (step: string) => `begins: ${step}`,
  Outcome: (step: string) => `got its answer: ${step}`,
  Commit: (step: string) => `begins what cannot be taken back: ${step}`,
  Undo: (step: string) => `takes back: ${step}`,
  Undone: (step: string) => `took back: ${step}`,
  Done: () => "is done",
  RolledBack: () => "is turned back, and everything is as before",
  Refused: () => "was refused before anything was begun",
  Stuck: (step: string) => `is stuck and needs a person: ${step}`
} as const

/** The order inside an entry: of a swap, or of a saga that this version does not know. */
export const orderIn = (entry: Entry): SwapOrdered | undefined => {
  const order = decodeAs(SwapOrdered, entry.input)
  return Result.isSuccess(order) ? order.success : undefined
}

/** Why it was written where the saga did not move by it; what stays stuck though it was told to go on just says so. */
const markOf = ({ mark, phase }: Entry): keyof typeof marks | undefined =>
  mark === "move" || phase === "Stuck" ? undefined : mark

/** Entries of the journal. Their order is shown by its move alone: the rest was shown when it was given. */
export const journalWords: Words<Entry> = {
  says: (e) => {
    const step = labelOf(e.saga, e.step)
    const mark = markOf(e)
    const why = e.reason === null || mark !== undefined ? "" : ` (${e.reason})`
    const what = e.saga === "orphan-sweep" ? "Sweep" : "Swap"
    return `${what} ${e.id} ${mark === undefined ? phases[e.phase](step) : `${marks[mark]} by ${e.by}`}${why}.`
  },
  severity: (e) => {
    const mark = markOf(e)
    if (mark !== undefined) return mark === "taken" || mark === "resumed" ? "warning" : "info"
    if (e.phase === "Stuck") return "critical"
    if (e.phase === "Done") return "good"
    return e.way === "back" || e.phase === "RolledBack" || e.phase === "Refused" ? "warning" : "info"
  },
  correlation: (e) => e.id,
  shows: (e) => {
    const order = orderIn(e)
    const { tenant, account, saga, id, n, mark, phase, step, attempt, way, committed, by, until, epoch, code, reason } =
      e
    const { stepAt, startedAt, at } = e
    const about =
      order === undefined
        ? { region: null, group: null, plan: null, move: null }
        : { region: order.region, group: order.group, plan: order.plan, move: encodeAs(Move, order.move) }
    const how = { mark, phase, step, attempt, way, committed, by, until, epoch, code, reason, stepAt, startedAt, at }
    return { tenant, account, saga, id, n, ...how, ...about }
  }
}
