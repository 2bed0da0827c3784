/** The floors as the chart judges them: zones that count, siblings as one pool, and vCPU rather than heads. */
import { cleanup, render, screen } from "@solidjs/testing-library"
import { afterEach, expect, it } from "vitest"
import { Composition, type CompositionPart, productFloors, sharesOf } from "./composition.tsx"

afterEach(cleanup)

const part = (zone: string, instanceType: string, lifecycle: "spot" | "on-demand", count: number, vcpu?: number) =>
  ({ zone, instanceType, lifecycle, count, ...(vcpu === undefined ? {} : { vcpu }) }) satisfies CompositionPart

it("takes sibling types of one family in one zone for one pool", () => {
  const shares = sharesOf(
    [
      part("a", "m5.large", "spot", 1, 2),
      part("a", "m5.xlarge", "spot", 1, 4),
      part("b", "m5.large", "on-demand", 7, 2)
    ],
    productFloors
  )
  expect(shares.largestPool).toEqual({ pool: "m5 in a", share: 0.3 })
})

it("counts a zone from five percent of the vCPU", () => {
  const shares = sharesOf(
    [
      part("a", "m5.large", "on-demand", 40, 2),
      part("b", "m5.large", "on-demand", 9, 2),
      part("c", "t3.nano", "spot", 1, 2)
    ],
    productFloors
  )
  expect(shares.zonesCounted).toBe(2)
})

it("judges by vCPU where sizes are known: one large machine weighs more than many small ones", () => {
  const shares = sharesOf(
    [part("a", "m5.4xlarge", "on-demand", 1, 16), part("b", "m5.large", "spot", 8, 2)],
    productFloors
  )
  expect(shares.onDemand).toBe(0.5)
})

it("says of each rule whether it holds, in words", () => {
  render(() => <Composition parts={[part("a", "m5.large", "spot", 3), part("b", "c5.large", "on-demand", 1)]} />)
  expect(screen.getAllByText(/broken:/)).toHaveLength(2)
  expect(screen.getAllByText(/holds:/)).toHaveLength(1)
})

it("three of fifteen is twenty percent, whatever binary fractions make of it", () => {
  const parts = [
    part("a", "m5.large", "spot", 3),
    part("b", "c5.large", "on-demand", 6),
    part("c", "r5.large", "on-demand", 6)
  ]
  render(() => <Composition parts={parts} />)
  expect(screen.queryAllByText(/broken:/)).toHaveLength(0)
})
