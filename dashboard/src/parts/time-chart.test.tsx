/** A chart that cannot be drawn, or seen, is still read: a sentence, the same figures as a table, its events. */
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library"
import { afterEach, expect, it } from "vitest"
import { TimeChart } from "./time-chart.tsx"
import { align, thin } from "./time-series.ts"

afterEach(cleanup)

const t = Date.UTC(2026, 10, 21, 10)
const show = (points: ReadonlyArray<readonly [number, number | null]>) =>
  render(() => (
    <TimeChart
      title="Savings"
      unit="usd"
      summary="Saved 12 dollars in two hours."
      events={[{ at: t, label: "pool poisoned", tone: "bad" }]}
      series={[{ label: "Actual", points }]}
    />
  ))

it("says what it shows, and when something happened", () => {
  show([[t, 12_000_000]])
  expect(screen.getByText("Saved 12 dollars in two hours.")).toBeTruthy()
  expect(screen.getByText(/2026-11-21 10:00 UTC/)).toBeTruthy()
  expect(screen.getByText(/pool poisoned/)).toBeTruthy()
})

it("shows the same figures as a table, with their unit, and gaps as gaps", () => {
  show([
    [t, 12_000_000],
    [t + 3_600_000, null]
  ])
  fireEvent.click(screen.getByRole("button", { name: "show as table" }))
  const cells = screen.getAllByRole("cell").map((cell) => cell.textContent)
  expect(cells).toEqual(["$12.00", "–"])
})

it("says that nothing was recorded rather than drawing nothing", () => {
  show([])
  expect(screen.getByText("Nothing was recorded in this time.")).toBeTruthy()
  expect(screen.queryByRole("button")).toBeNull()
})

it("puts every series on all moments: what it does not know there is drawn through, a null is a gap", () => {
  const [moments, a, b] = align([
    {
      label: "a",
      points: [
        [1, 10],
        [3, null]
      ]
    },
    { label: "b", points: [[2, 20]] }
  ])
  expect([moments, a, b]).toEqual([
    [1, 2, 3],
    [10, undefined, null],
    [undefined, 20, undefined]
  ])
})

it("thins a long table evenly and keeps its ends", () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => i)
  const thinned = thin(rows, 100)
  expect(thinned).toHaveLength(100)
  expect([thinned[0], thinned.at(-1)]).toEqual([0, 999])
  expect(thin([1, 2], 100)).toEqual([1, 2])
})
