/** An explanation says what failed and what would have passed, and never hides that a re-run came out otherwise. */
import { cleanup, render, screen } from "@solidjs/testing-library"
import { afterEach, expect, it } from "vitest"
import { Explained, type Explanation, shareIn } from "./explain-drawer.tsx"

afterEach(cleanup)

const layer = (n: number, passed: boolean) => ({
  layer: n,
  rule: `rule ${n}`,
  threshold: "20 %",
  actual: "18.3 %",
  passed
})
const explanation = (more: Partial<Explanation>): Explanation => ({
  seq: 81_100,
  at: 1_800_000_000_000,
  kind: "verdict",
  account: "111111111111",
  region: "us-east-1",
  group: "web-blue",
  outcome: "Refused: web-blue would have two zones.",
  inputs: [{ name: "group", value: "14 members", source: "discovery", seq: 81_001, ageMs: 14_000 }],
  candidates: [],
  layers: [layer(1, true), layer(2, false)],
  policy: { version: 3, by: "dana@acme.example", rule: "a person says yes" },
  counterfactual: "Would have been approved with 3 zones (had 2).",
  hash: "ab".repeat(32),
  rerunHash: "ab".repeat(32),
  rerunAgrees: true,
  rerunSays: "decided again on the rows that it had read: the same in every field",
  correlation: null,
  asOf: 81_204,
  ...more
})

it("says the outcome, what failed, and what would have changed it", () => {
  render(() => <Explained of={explanation({})} />)
  expect(screen.getByText("Refused: web-blue would have two zones.")).toBeTruthy()
  expect(screen.getByText("Safety layers: 1 layer failed")).toBeTruthy()
  expect(screen.getByText("Would have been approved with 3 zones (had 2).")).toBeTruthy()
  expect(screen.getByText("failed")).toBeTruthy()
})

it("shows how old an input was when it was decided on, and who said it", () => {
  render(() => <Explained of={explanation({})} />)
  expect(screen.getByText("14 s")).toBeTruthy()
  expect(screen.getByText("#81001")).toBeTruthy()
})

it("does not pass a mismatch off as proof", () => {
  render(() => <Explained of={explanation({ rerunHash: "cd".repeat(32), rerunAgrees: false })} />)
  expect(screen.getByText("mismatch")).toBeTruthy()
  expect(screen.queryByText("same result")).toBeNull()
})

it("says that nothing was proven where nothing could be run again", () => {
  render(() => <Explained of={explanation({ rerunHash: null, rerunAgrees: null })} />)
  expect(screen.getByText("It could not be run again here.")).toBeTruthy()
  expect(screen.queryByText("same result")).toBeNull()
})

it("draws as a share only what is one", () => {
  expect(["18.3 %", "0.75", "at least 3 zones", "none", "100 %"].map(shareIn)).toEqual([
    0.183,
    0.75,
    undefined,
    undefined,
    1
  ])
})
