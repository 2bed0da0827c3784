/** The heat map without a mouse and without colours: arrows, one place in the tab order, and names that say it all. */
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library"
import { afterEach, expect, it, vi } from "vitest"
import { HeatMap, heatStep, stepFrom } from "./heat-map.tsx"

afterEach(cleanup)

const rows = ["m5.large", "c5.large"].map((id) => ({ id, title: id, group: id.slice(0, 2) }))
const columns = ["use1-az1", "use1-az2"].map((id) => ({ id, title: id }))
const show = () => {
  const onOpen = vi.fn<(row: string, column: string) => void>()
  render(() => (
    <HeatMap
      label="Safety score"
      rows={rows}
      columns={columns}
      cell={(row, column) =>
        row === "c5.large" && column === "use1-az2"
          ? undefined
          : { value: 0.82, text: ".82", says: "Safety score, ok", corner: "14" }
      }
      onOpen={onOpen}
    />
  ))
  return onOpen
}

it("has one place in the tab order, and arrows move it", () => {
  show()
  const reachable = () => screen.getAllByRole("button").filter((cell) => cell.tabIndex === 0)
  expect(reachable()).toHaveLength(1)
  const [first] = reachable()
  first?.focus()
  fireEvent.keyDown(first ?? document.body, { key: "ArrowRight" })
  expect(document.activeElement?.textContent).toContain("m5.large in use1-az2")
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowDown" })
  expect(document.activeElement?.textContent).toContain("c5.large in use1-az2")
  expect(reachable()).toEqual([document.activeElement])
})

it("names a cell by what is seen first, then its state and its place", () => {
  show()
  const name = screen.getAllByRole("button")[0]?.textContent?.replace(/\s+/g, " ").trim()
  expect(name).toBe(".82 14 Safety score, ok, m5.large in use1-az1")
})

it("opens a pool, and nothing where there is none", () => {
  const onOpen = show()
  for (const cell of screen.getAllByRole("button")) fireEvent.click(cell)
  expect(onOpen.mock.calls).toEqual([
    ["m5.large", "use1-az1"],
    ["m5.large", "use1-az2"],
    ["c5.large", "use1-az1"]
  ])
})

it("stops at the edges", () => {
  expect(stepFrom({ row: 0, column: 0 }, "ArrowUp", 3, 4)).toEqual({ row: 0, column: 0 })
  expect(stepFrom({ row: 1, column: 1 }, "End", 3, 4)).toEqual({ row: 1, column: 3 })
  expect(stepFrom({ row: 1, column: 1 }, "PageDown", 3, 4)).toEqual({ row: 2, column: 1 })
  expect(stepFrom({ row: 1, column: 1 }, "x", 3, 4)).toBeUndefined()
})

it("gives the best the brightest step, and nothing known no step at all", () => {
  expect([0, 0.17, 0.5, 0.75, 1, null].map(heatStep)).toEqual([
    "heat-0",
    "heat-1",
    "heat-3",
    "heat-4",
    "heat-5",
    "heat-none"
  ])
})
