/** What changed between the plan that was shown and the one that stands, row by row. */
import { perMonth } from "../words.ts"
import type { ApprovalDetail } from "./approval.tsx"

/** What differs between the plan that was shown and the one that stands; empty = nothing that a person would see. */
export const differences = (
  shown: ApprovalDetail,
  stands: Partial<ApprovalDetail>
): ReadonlyArray<readonly [what: string, was: string, is: string]> => {
  const rows: Array<readonly [string, string, string]> = []
  const compare = (what: string, was: string, is: string | undefined) => {
    if (is !== undefined && is !== was) rows.push([what, was, is])
  }
  compare("Status", shown.status, stands.status)
  compare("Swaps", String(shown.moves), stands.moves === undefined ? undefined : String(stands.moves))
  compare(
    "Saves",
    perMonth(shown.monthlySavings),
    stands.monthlySavings === undefined ? undefined : perMonth(stands.monthlySavings)
  )
  compare("Done", String(shown.done), stands.done === undefined ? undefined : String(stands.done))
  if (stands.swaps !== undefined) {
    const now = new Set(stands.swaps.map(({ old }) => old))
    const before = new Set(shown.swaps.map(({ old }) => old))
    for (const old of before) if (!now.has(old)) rows.push([old, "to be swapped", "stays"])
    for (const old of now) if (!before.has(old)) rows.push([old, "stays", "to be swapped"])
  }
  return rows
}
