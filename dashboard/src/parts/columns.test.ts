/** What leaves a table is exact: money in micro-USD, moments as RFC 3339, nothing where nothing is known. */
import { expect, it } from "vitest"
import { moneyColumn, timeColumn } from "./columns.tsx"
import { toCsv } from "./table-export.ts"

interface Row {
  readonly saves: number | null
  readonly at: number | null
}
const columns = [
  moneyColumn<Row>("saves", "Saves", "month", (row) => row.saves),
  timeColumn<Row>("at", "When", (row) => row.at)
]
const told = { asOf: 1, filter: "", sort: "", source: "", rows: 2 }

it("exports figures and moments as they are, whatever is shown of them", () => {
  const rows = [
    { saves: 234_123_456, at: Date.UTC(2026, 10, 21, 10, 2, 13) },
    { saves: null, at: null }
  ]
  expect(toCsv(columns, rows, told).split("\r\n").slice(1, 4)).toEqual([
    "saves (micro-USD/mo),at (UTC)",
    "234123456,2026-11-21T10:02:13.000Z",
    ","
  ])
})
