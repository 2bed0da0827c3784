/** What the figures of every run that came to its end must say, whatever happened to it on the way. */
import { assert } from "@effect/vitest"
import { faultsOf, type Figures } from "../../deploy/report.ts"

/** Nothing lost, nothing left behind, nobody served worse; and a reason for every group that was not moved. */
export const assertAllWell = (figures: Figures) => {
  assert.deepStrictEqual(faultsOf(figures), [], JSON.stringify(figures, null, 1))
  assert.strictEqual(figures.events_in_ledger, figures.events_published)
  assert.strictEqual(figures.groups_inside + figures.groups_left_alone.length, figures.groups)
  for (const { group, because, details } of figures.groups_left_alone) {
    assert.notStrictEqual(details, "", `${group} is left alone (${because}) without a word why`)
  }
}
