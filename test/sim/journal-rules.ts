/** What one journal entry must be after the one before it, whatever the saga: invariants 7, 10 and 11. */
import type { LeaseTerms } from "../../bus/lease.ts"
import { endings, type Entry } from "../../schemas/saga.ts"

export type Wrong = readonly [invariant: number, details: string]
type Told = Omit<Entry, "input" | "made">

/** `digest` is of `last`; `storedAt` is when the server stored `entry`, in milliseconds since 1970. */
export const breaches = (
  last: Told,
  entry: Told,
  { digest, storedAt, terms }: { readonly digest: string; readonly storedAt: number; readonly terms: LeaseTerms }
): ReadonlyArray<Wrong> => {
  const wrong: Array<Wrong> = []
  if (entry.n !== last.n + 1) wrong.push([10, `journal fork: entry ${entry.n} after ${last.n}`])
  if (entry.prev !== digest) wrong.push([10, `entry ${entry.n} does not follow from ${last.n}`])
  const isResumed = entry.mark === "resumed"
  const isTaken = entry.mark === "taken" || isResumed
  if ((entry.by !== last.by) !== isTaken) wrong.push([10, `entry ${entry.n} by ${entry.by} is marked ${entry.mark}`])
  if (entry.epoch !== last.epoch + (isTaken ? 1 : 0)) wrong.push([10, `epoch ${entry.epoch} after ${last.epoch}`])
  // a request sent at the very end of the lease is on its way for one call's time limit
  const early = last.until + terms.callTimeoutMs - storedAt
  if (isTaken && last.mark !== "let-go" && early > 0) wrong.push([10, `stolen lease: taken ${early} ms too early`])
  // what is stuck goes on in the step in which it got stuck, and nothing else that has ended goes on
  if (isResumed && (last.phase !== "Stuck" || entry.step !== last.step)) {
    wrong.push([11, `resumed at ${entry.phase} ${entry.step} after ${last.phase} ${last.step}`])
  }
  if (!isResumed && endings.includes(last.phase)) wrong.push([11, `${entry.phase} after the end`])
  if (last.way === "back" && entry.way === "forward") wrong.push([7, "forward after back"])
  if (last.committed && entry.way === "back") wrong.push([7, "undo after the commit"])
  if (last.committed && !entry.committed) wrong.push([7, "the commit is forgotten"])
  return wrong
}
