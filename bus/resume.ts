/** How a saga that got stuck goes on: on a person's word about that very time, from the step in which it got stuck. */
import { type Instant, instant } from "../schemas/ids.ts"
import type { Entry } from "../schemas/saga.ts"
import type { Order } from "./order.ts"
import type { Saga } from "./saga.ts"

/** Stuck, and told to go on. */
export const goesOn = ({ phase, at }: Entry, { resumes }: Order<unknown>): boolean =>
  phase === "Stuck" && at === resumes

/** The step that it got stuck in, as if it had just been begun: doing and undoing are safe to repeat. */
export const begunAgain = (
  { steps }: Saga<any, any>,
  { way, step, reason, backFor }: Entry,
  now: number
): Partial<Entry> => {
  const stepAt: Instant = instant(now)
  const begun = { mark: "resumed", attempt: 1, stepAt } as const
  // what undoes a launch must know why it turned back, not what it got stuck on
  if (way === "back") return { ...begun, phase: "Undo", code: backFor ?? null, reason }
  const isPivot = steps.find(({ name }) => name === step)?.kind === "pivot"
  return { ...begun, phase: isPivot ? "Commit" : "Intent", code: null, reason: null }
}
