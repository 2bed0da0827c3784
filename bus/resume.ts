/** How a saga is taken up: from another holder, or, stuck, on a person's word, from the step in which it got stuck. */
import { type Instant, instant } from "../schemas/ids.ts"
import type { Entry } from "../schemas/saga.ts"
import type { Order } from "./order.ts"
import { haltedBy, why } from "./patience.ts"
import type { Saga } from "./saga.ts"

/** By another holder: an outage of ours is no patience of the step's where there is no other way than this one. */
export const takenOver = ({ committed, way }: Entry, now: number): Partial<Entry> => ({
  mark: "taken",
  ...(committed || way === "back" ? { stepAt: instant(now) } : {})
})

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
  const begun = { mark: "resumed", attempt: 1, stepAt, resumedIn: step } as const
  // what undoes a launch must know why it turned back, not what it got stuck on
  if (way === "back") return { ...begun, phase: "Undo", code: backFor ?? null, reason }
  const isPivot = steps.find(({ name }) => name === step)?.kind === "pivot"
  return { ...begun, phase: isPivot ? "Commit" : "Intent", code: null, reason: null }
}

/** It was to go on where nothing may begin now. */
export const stillStuck = (word: string): Partial<Entry> => ({ mark: "resumed", ...why(haltedBy(word)) })
