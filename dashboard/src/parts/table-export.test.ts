/** What leaves a table says which moment and filter it is of, and is read by others as it was meant. */
import { expect, it } from "vitest"
import { asCloudoptim, asCurl, toCsv, toNdjson } from "./table-export.ts"
import type { Column } from "./table-rows.ts"

interface Row {
  readonly name: string
  readonly price: number | null
}
const columns: ReadonlyArray<Column<Row>> = [
  { id: "name", title: "Name", value: (row) => row.name },
  { id: "price", title: "Price", unit: "micro-USD/h", value: (row) => row.price }
]
const told = { asOf: 81_204, filter: "m5", sort: "-price", source: "/api/v1/pools?mine=true", rows: 2 }
const rows = [
  { name: 'a "b", c', price: 61_200 },
  { name: "=1+1", price: null }
]

it("begins a CSV with the moment, the filter and where it came from", () => {
  const [first, second] = toCsv(columns, rows, told).split("\r\n")
  expect(JSON.parse(first?.slice(2) ?? "")).toEqual(told)
  expect(second).toBe("name,price (micro-USD/h)")
})

it("quotes what must be quoted, and lets no spreadsheet run a name as a formula", () => {
  const lines = toCsv(columns, rows, told).split("\r\n")
  expect(lines[2]).toBe('"a ""b"", c",61200')
  expect(lines[3]).toBe("'=1+1,")
})

it("leaves negative figures figures", () => {
  expect(toCsv(columns, [{ name: "x", price: -5 }], told)).toContain("x,-5")
})

it("begins NDJSON with the same, then one object a row with null where nothing is known", () => {
  const [first, ...rest] = toNdjson(columns, rows, told)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown)
  expect(first).toEqual(told)
  expect(rest).toEqual([
    { name: 'a "b", c', price: 61_200 },
    { name: "=1+1", price: null }
  ])
})

it("copies the product's own command where that asks the same, and none where it would ask something else", () => {
  expect(asCloudoptim("/api/v1/sagas?account=111122223333&status=done&limit=500")).toBe(
    "cloudoptim sagas --limit 500 --account '111122223333' --status 'done'"
  )
  expect(asCloudoptim("/api/v1/groups?region=us-east-1&limit=500")).toBeUndefined()
  expect(asCloudoptim("/api/v1/ledger?limit=500")).toBeUndefined()
})

it("copies a command that cannot break out of its quotes", () => {
  expect(asCurl("https://x.example", "/api/v1/pools?q='; rm -rf ~")).toBe(
    `curl -sS -H "authorization: Bearer $CLOUDOPTIM_KEY" 'https://x.example/api/v1/pools?q=%27; rm -rf ~'`
  )
})
