/** A trace reads from cause to effect: where a hop stands in time, how long it waited, and what nobody knows of it. */
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library"
import { afterEach, expect, it, vi } from "vitest"
import { type Hop, place, TraceTree } from "./trace-tree.tsx"

afterEach(cleanup)

const t = 1_800_000_000_000
const hop = (seq: number, at: number, depth: number, waitedMs: number | null): Hop => ({
  event: {
    seq,
    at,
    kind: "fact",
    account: "111111111111",
    owner: "executor",
    name: "swap-settled",
    about: "x",
    says: `said ${seq}`,
    severity: "info",
    correlation: null,
    cause: null,
    body: null
  },
  depth,
  waitedMs
})

it("puts a hop where it was said, and its wait from its cause until then", () => {
  const [first, second, third] = place([hop(1, t, 0, null), hop(2, t + 50, 1, 50), hop(3, t + 100, 2, 25)])
  expect([first?.from, first?.at]).toEqual([0, 0])
  expect([second?.from, second?.at]).toEqual([0, 0.5])
  expect([third?.from, third?.at]).toEqual([0.75, 1])
})

it("says how long each waited, and takes nothing for an origin that has a place under another", () => {
  render(() => (
    <TraceTree
      hops={[hop(1, t, 0, null), hop(2, t + 3_000, 1, 3_000), hop(3, t + 5_000, 2, null)]}
      onOpen={() => undefined}
    />
  ))
  expect(screen.getByText("origin")).toBeTruthy()
  expect(screen.getByText("after 3 s")).toBeTruthy()
  expect(screen.getByText("at +5 s")).toBeTruthy()
})

it("opens the hop that is clicked", () => {
  const onOpen = vi.fn<(hop: Hop) => void>()
  render(() => <TraceTree hops={[hop(1, t, 0, null), hop(2, t + 1, 1, 1)]} onOpen={onOpen} />)
  fireEvent.click(screen.getByRole("button", { name: /said 2/ }))
  expect(onOpen.mock.calls[0]?.[0].event.seq).toBe(2)
})
