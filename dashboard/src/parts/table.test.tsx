/** What a person relies on in a table: its order, that rows stay where they are, keys, and that its state is a link. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { createSignal } from "solid-js"
import { afterEach, expect, it } from "vitest"
import { renderAt } from "./router.test-bed.tsx"
import { type Column, DataTable } from "./table.tsx"

interface Machine {
  readonly id: string
  readonly zone: string
  readonly price: number | null
}
const columns: ReadonlyArray<Column<Machine>> = [
  { id: "id", title: "Machine", value: (row) => row.id },
  { id: "zone", title: "Zone", value: (row) => row.zone },
  { id: "price", title: "Price", unit: "micro-USD/h", value: (row) => row.price, align: "end" }
]
const machine = (id: string, price: number | null, zone = "az1"): Machine => ({ id, zone, price })
const some = [machine("m2", 30), machine("m10", null), machine("m1", 100), machine("m3", 9)]

const names = () => screen.getAllByRole("rowheader").map((cell) => cell.textContent)
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

const show = (
  rows: ReadonlyArray<Machine>,
  { at = "/", onOpen }: { readonly at?: string; readonly onOpen?: (row: Machine) => void } = {}
) => {
  const [list, setList] = createSignal(rows)
  const [question, setQuestion] = createSignal("first")
  const shown = renderAt(at, () => (
    <DataTable
      title="Machines"
      columns={columns}
      rows={list()}
      key={(row) => row.id}
      of={question()}
      onOpen={onOpen}
      explains={(row) => `why ${row.id}`}
      empty={<p>No machine has been seen: the next sweep brings them.</p>}
    />
  ))
  return { ...shown, setList, setQuestion }
}

afterEach(cleanup)

it("shows rows as they came until somebody sorts", async () => {
  show(some)
  await settled()
  expect(names()).toEqual(["m2", "m10", "m1", "m3"])
})

it("sorts figures by size, the largest first, and what is unknown last either way", async () => {
  show(some)
  await settled()
  fireEvent.click(screen.getByRole("button", { name: "Price" }))
  await settled()
  expect(names()).toEqual(["m1", "m2", "m3", "m10"])
  expect(screen.getByRole("columnheader", { name: "Price" }).getAttribute("aria-sort")).toBe("descending")
  fireEvent.click(screen.getByRole("button", { name: "Price" }))
  await settled()
  expect(names()).toEqual(["m3", "m2", "m1", "m10"])
})

it("orders m2 before m10, as people count", async () => {
  show(some, { at: "/?sort=id" })
  await settled()
  expect(names()).toEqual(["m1", "m2", "m3", "m10"])
})

it("keeps rows where they are when new ones come, and says how many wait", async () => {
  const { setList } = show(some)
  await settled()
  setList([machine("m0", 1), ...some])
  await settled()
  expect(names()).toEqual(["m2", "m10", "m1", "m3"])
  fireEvent.click(screen.getByRole("button", { name: /1 new/ }))
  await settled()
  expect(names()).toEqual(["m0", "m2", "m10", "m1", "m3"])
  expect(screen.queryByRole("button", { name: /new/ })).toBeNull()
})

it("does not move a sorted row when its value changes, yet shows the new value", async () => {
  const { setList } = show(some, { at: "/?sort=-price" })
  await settled()
  setList([machine("m2", 500), machine("m10", null), machine("m1", 100), machine("m3", 9)])
  await settled()
  expect(names()).toEqual(["m1", "m2", "m3", "m10"])
  expect(screen.getByText("500")).toBeTruthy()
})

it("lets a row that has gone stand, marked, until somebody looks again", async () => {
  const { setList } = show(some)
  await settled()
  setList(some.slice(1))
  await settled()
  expect(names()).toEqual(["m2", "m10", "m1", "m3"])
  fireEvent.click(screen.getByRole("button", { name: /1 gone/ }))
  await settled()
  expect(names()).toEqual(["m10", "m1", "m3"])
})

it("shows the rows of another question at once", async () => {
  const { setList, setQuestion } = show(some)
  await settled()
  setQuestion("second")
  setList([...some, machine("m4", 5)])
  await settled()
  expect(names()).toHaveLength(5)
})

it("filters by words in any column, and the filter is in the address", async () => {
  const { address } = show([machine("m1", 1, "az1"), machine("m2", 2, "az2")])
  await settled()
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "AZ2" } })
  await settled()
  expect(names()).toEqual(["m2"])
  expect(address()).toContain("q=AZ2")
  expect(screen.getByText("1 of 2 rows")).toBeTruthy()
})

it("shows the columns that the address names, and names none where they are the usual ones", async () => {
  const { address } = show(some, { at: "/?cols=id,zone" })
  await settled()
  expect(screen.getAllByRole("columnheader").map((one) => one.textContent)).toEqual(["Machine", "Zone"])
  fireEvent.click(screen.getByRole("button", { name: "Columns" }))
  fireEvent.click(screen.getByRole("checkbox", { name: "Price" }))
  await settled()
  expect(screen.getAllByRole("columnheader")).toHaveLength(3)
  expect(address()).not.toContain("cols")
})

it("offers to clear a filter that hides everything", async () => {
  show(some, { at: "/?q=nowhere" })
  await settled()
  fireEvent.click(screen.getByRole("button", { name: "Clear the filter" }))
  await settled()
  expect(names()).toHaveLength(4)
})

it("goes from row to row by j and k, and opens by Enter", async () => {
  let opened = ""
  show(some, { onOpen: (row) => (opened = row.id) })
  await settled()
  for (const key of ["j", "j", "j", "k"]) fireEvent.keyDown(document.body, { key })
  expect(document.activeElement?.getAttribute("data-key")).toBe("m10")
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Enter" })
  expect(opened).toBe("m10")
})

it("is reached by Tab also where a filter leaves fewer rows than somebody had gone down", async () => {
  show(some)
  await settled()
  for (const key of ["j", "j", "j", "j"]) fireEvent.keyDown(document.body, { key })
  expect(document.activeElement?.getAttribute("data-key")).toBe("m3")
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "m2" } })
  await settled()
  expect(names()).toEqual(["m2"])
  expect([...document.querySelectorAll("tr[data-key]")].map((row) => row.getAttribute("tabindex"))).toEqual(["0"])
})

it("says what is to be explained of the row that has the focus", async () => {
  show(some)
  await settled()
  for (const key of ["j", "j"]) fireEvent.keyDown(document.body, { key })
  expect(document.activeElement?.closest("[data-explain]")?.getAttribute("data-explain")).toBe("why m10")
})

it("draws only the rows in sight of ten thousand", async () => {
  show(Array.from({ length: 10_000 }, (_, i) => machine(`m${i}`, i)))
  await settled()
  expect(screen.getAllByRole("rowheader").length).toBeLessThan(120)
  expect(screen.getByText("10,000 rows")).toBeTruthy()
})

it("teaches where there is nothing", async () => {
  show([])
  await settled()
  expect(screen.getByText(/the next sweep brings them/)).toBeTruthy()
})
