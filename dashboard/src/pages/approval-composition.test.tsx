/** Parts of a plan: what is not in a pool has no score, and the worst score is one. */
import { cleanup, screen } from "@solidjs/testing-library"
import { afterEach, expect, it } from "vitest"
import { productFloors } from "../parts/composition.tsx"
import { renderAt } from "../parts/router.test-bed.tsx"
import { Compositions } from "./approval-composition.tsx"
import type { ApprovalDetail } from "./approval.tsx"

afterEach(cleanup)

it("tells a pool that scores nothing from no pool at all", () => {
  const part = { instanceType: "m5.large", count: 1, vcpu: 2 }
  const spot = { ...part, zone: "use1-az1", lifecycle: "spot", score: 0 }
  const bought = { ...part, zone: "use1-az2", lifecycle: "on-demand", score: null }
  const plan = { status: "pending", before: [bought], after: [bought, spot], floors: productFloors }
  renderAt("/approvals/a1", () => <Compositions plan={plan as unknown as ApprovalDetail} />)
  const rows = screen.getAllByRole("row").map((row) => row.textContent)
  expect(rows.find((text) => text.includes("use1-az1"))).toContain("0.00")
  expect(rows.find((text) => text.includes("use1-az2"))).toContain("no pool")
})
