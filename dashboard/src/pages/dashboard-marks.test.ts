/** Marks on a chart are few, of its own time, and in the order in which they happened. */
import { expect, it } from "vitest"
import { marksOf } from "./dashboard-marks.ts"

const said = (at: number, severity: "info" | "critical" = "info") => ({ at, says: `said at ${at}.`, severity })

it("marks only what happened on the chart, the oldest first", () => {
  expect(marksOf([said(30), said(5), said(20, "critical")], 10)).toEqual([
    { at: 20, label: "said at 20", tone: "bad" },
    { at: 30, label: "said at 30", tone: "info" }
  ])
})
it("keeps the newest where there are too many to read", () => {
  const many = Array.from({ length: 40 }, (_, i) => said(i + 1))
  const ats = marksOf(many, 0).map(({ at }) => at)
  expect(ats.length).toBeLessThan(15)
  expect(ats.at(-1)).toBe(40)
  expect(ats).toEqual([...ats].sort((a, b) => a - b))
})
