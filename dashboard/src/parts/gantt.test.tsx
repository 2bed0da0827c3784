/** The chart of a swap: live bars grow, the way back points left, and the line tells whether the promise held. */
import { cleanup, render, screen } from "@solidjs/testing-library"
import { createSignal } from "solid-js"
import { afterEach, expect, it } from "vitest"
import { sayCapacity } from "./capacity-line.tsx"
import { axisOf, rowsOf, type StepView, ticksOf } from "./gantt-layout.ts"
import { Gantt } from "./gantt.tsx"

afterEach(cleanup)

const step = (name: string, from: number | null, to: number | null, more: Partial<StepView> = {}): StepView => ({
  step: name,
  label: name,
  way: "forward",
  status: to === null ? (from === null ? "waiting" : "running") : "done",
  pivot: false,
  from,
  to,
  attempts: 1,
  calls: [],
  ...more
})
const t = 1_000_000
const path = (way: string) => document.querySelector(`path[data-way="${way}"]`)?.getAttribute("d") ?? ""
/** The points of an outline, in order. */
const tipOf = (d: string) => [...d.matchAll(/([\d.]+),10/g)].map((found) => Number(found[1]))

it("draws a step that was taken back as an arrow to the left", () => {
  render(() => (
    <Gantt
      now={t + 100_000}
      steps={[
        step("launch", t, t + 40_000, { status: "undone" }),
        step("launch", t + 60_000, t + 100_000, { way: "back", status: "undone" })
      ]}
    />
  ))
  const [forwardTip] = tipOf(path("forward"))
  const [backTip] = tipOf(path("back"))
  expect(forwardTip).toBe(400)
  expect(backTip).toBe(600)
  expect(document.querySelector('path[data-way="back"]')?.getAttribute("class")).toContain("fill-warn")
  expect(screen.getByText("taken back, 40 s")).toBeTruthy()
})

it("lets a running bar grow with the time, on the same element", () => {
  const [now, setNow] = createSignal(t + 50_000)
  render(() => <Gantt now={now()} steps={[step("launch", t, t + 40_000), step("bake", t + 40_000, null)]} />)
  const live = () => document.querySelector<SVGPathElement>("path[data-live]")
  const before = live()
  const [tip] = tipOf(before?.getAttribute("d") ?? "")
  expect(tip).toBe(1_000)
  expect(screen.getByText("runs, 10 s")).toBeTruthy()
  setNow(t + 80_000)
  expect(screen.getByText("runs, 40 s")).toBeTruthy()
  expect(live()).toBe(before)
})

it("numbers attempts and marks the pivot", () => {
  render(() => <Gantt now={t + 9_000} steps={[step("remove", t, t + 9_000, { attempts: 3, pivot: true })]} />)
  expect(screen.getByText("×3")).toBeTruthy()
  expect(screen.getByText("pivot")).toBeTruthy()
})

it("gives steps that are still to come a row without a bar", () => {
  const steps = [step("launch", t, t + 1_000), step("attach", null, null)]
  const rows = rowsOf(steps, axisOf(steps, t + 1_000), t + 1_000)
  expect(rows.map(({ name, forward }) => [name, forward !== undefined])).toEqual([
    ["launch", true],
    ["attach", false]
  ])
})

it("has at most seven ticks at round distances, whatever the length", () => {
  for (const seconds of [1, 7, 45, 119, 600, 5_000, 90_000]) {
    const ticks = ticksOf({ from: t, to: t + seconds * 1_000 })
    expect(ticks.length).toBeLessThanOrEqual(7)
    expect(ticks[0]?.share).toBe(0)
    expect(ticks.at(-1)?.share).toBeLessThanOrEqual(1)
  }
})

it("says that capacity held, or when it did not", () => {
  const point = (at: number, inService: number) => ({ at, desired: 12, inService })
  expect(sayCapacity([point(t, 12), point(t + 1, 13), point(t + 2, 12)])).toContain("never below desired")
  expect(sayCapacity([point(t, 12), point(t + 1, 11)])).toContain("11 at")
  expect(sayCapacity([])).toContain("No sweep")
})
