/** What changed between a plan that was shown and the one that stands: whatever a person would decide by. */
import { describe, expect, it } from "vitest"
import type { ApprovalDetail } from "./approval.tsx"
import { differences } from "./approval-changes.ts"

const shown = {
  status: "pending",
  moves: 2,
  done: 0,
  monthlySavings: 234_100_000,
  swaps: [{ old: "i-00000001" }, { old: "i-00000002" }]
} as unknown as ApprovalDetail

describe("the differences of a plan", () => {
  it("are none where nothing changed", () => {
    expect(differences(shown, shown)).toEqual([])
  })
  it("name every instance that came or went", () => {
    const stands = {
      ...shown,
      moves: 2,
      swaps: [{ old: "i-00000002" }, { old: "i-00000003" }]
    } as unknown as ApprovalDetail
    expect(differences(shown, stands)).toEqual([
      ["i-00000001", "to be swapped", "stays"],
      ["i-00000003", "stays", "to be swapped"]
    ])
  })
  it("show what it saves now, where that is something else", () => {
    expect(differences(shown, { ...shown, monthlySavings: 180_000_000 })).toEqual([
      ["Saves", "$234.10/mo", "$180.00/mo"]
    ])
  })
  it("make nothing up where the answer tells only part of the plan", () => {
    expect(differences(shown, { status: "closed" })).toEqual([["Status", "pending", "closed"]])
  })
})
