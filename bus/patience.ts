/** Which refusals are worth asking again, and what becomes of those that were asked for too long. */
import type { Advice } from "../schemas/advice.ts"
import { LeaseLost } from "../schemas/saga.ts"
import { BusDown } from "./bus.ts"
import type { Refusal } from "./saga.ts"

/** A step's no, or the end of our right to ask. */
export type No = Refusal | LeaseLost | BusDown

/** The saga is not ours to go on with: neither forward nor back. */
export const isFatal = (no: No): no is LeaseLost | BusDown => no instanceof LeaseLost || no instanceof BusDown

const patient: ReadonlyArray<Advice> = ["later", "unknown"]
export const isWorthAsking = (no: No): boolean => !isFatal(no) && patient.includes(no.advice)

/** Shortest code and sentence of a no, for the journal. */
export const why = (no: No): { readonly code: string; readonly reason: string } =>
  isFatal(no) ? { code: no._tag, reason: no.message } : { code: no.code, reason: no.message }

export const stillNot = (step: string): Refusal => ({
  _tag: "StillNot",
  code: "StillNot",
  advice: "later",
  message: `what ${step} did is not to be seen yet`
})

export const haltedBy = (word: string): Refusal => ({ _tag: "Halted", code: "Halted", advice: "person", message: word })

export const outOfTime = (step: string, last: No): Refusal => {
  const { code, reason } = why(last)
  return { _tag: "OutOfTime", code, advice: "person", message: `step ${step} ran out of time; last: ${reason}` }
}
