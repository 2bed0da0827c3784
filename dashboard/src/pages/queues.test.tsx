/** Queues narrow by what is in the address, say why they are empty, and are gone through by keyboard. */
import { cleanup, fireEvent, screen, waitFor } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { openAt } from "../parts/router.test-bed.tsx"
import { onExplain } from "../shell/explain.ts"
import { ApprovalList } from "./approvals-list.tsx"
import { SafetyTab } from "./operations-safety.tsx"

const at = Date.UTC(2026, 10, 21, 10, 2, 13)
const plan = (id: string, group: string) => ({
  id,
  group,
  account: "111122223333",
  region: "us-east-1",
  status: "pending",
  closedBecause: null,
  monthlySavings: 234_000_000,
  moves: 3,
  done: 0,
  undone: 0,
  requestedAt: at,
  expiresAt: at + 86_400_000
})
const verdict = (seq: number, action: string) => ({
  seq,
  at,
  account: "111122223333",
  region: "us-east-1",
  group: "shop-web",
  proposal: "p",
  action,
  because: null,
  details: "two zones where three are asked for",
  violations: [{ type: "zone_spread", layer: 2, says: "x" }]
})
let asked: Array<string> = []
beforeEach(() => {
  asked = []
  vi.stubGlobal("fetch", (to: string) => {
    asked.push(to)
    const items = to.includes("/approvals")
      ? [plan("a1", "shop-web"), plan("b2", "data-ingest")]
      : to.includes("action=rejected")
        ? []
        : [verdict(7, "approved"), verdict(9, "safe-alternative")]
    const isLast = !to.includes("status=closed") || to.includes("cursor=")
    return Promise.resolve(Response.json({ items, nextCursor: isLast ? null : "c2", asOf: 9 }))
  })
})
afterEach(() => {
  cleanup()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key })

it("goes from plan to plan by j and k, each a link to its own", async () => {
  openAt("/approvals", ApprovalList)
  await screen.findByText("data-ingest")
  for (const key of ["j", "j", "j"]) press(key)
  expect(document.activeElement?.getAttribute("href")).toBe("/approvals/b2")
  press("k")
  expect(document.activeElement?.getAttribute("data-explain")).toBe("a1")
})

it("keeps the words that plans were narrowed by, and takes them back where they hide all", async () => {
  openAt("/approvals?q=nowhere", ApprovalList)
  await screen.findByText("No plan matches")
  expect(screen.queryByText("No plan waits")).toBeNull()
  fireEvent.click(screen.getByRole("button", { name: "Show all plans" }))
  await screen.findByText("data-ingest")
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "SHOP us-east" } })
  await waitFor(() => expect(screen.queryByText("data-ingest")).toBeNull())
  expect(window.location.search).toContain("q=SHOP")
})

it("says where there are more plans than were read, and reads them", async () => {
  openAt("/approvals?status=closed&q=nowhere", ApprovalList)
  await screen.findByText("No plan matches")
  fireEvent.click(screen.getByRole("button", { name: "Read more" }))
  await waitFor(() => expect(asked.at(-1)).toContain("cursor=c2"))
  await waitFor(() => expect(screen.queryByText(/more plans than were read/)).toBeNull())
})

it("asks for verdicts of one kind, however old, and says when there are none", async () => {
  openAt("/ops?tab=safety", SafetyTab)
  await waitFor(() => expect(screen.getAllByRole("rowheader")).toHaveLength(2))
  fireEvent.click(screen.getByRole("button", { name: "refused" }))
  await screen.findByText("No verdict like that")
  expect(asked.at(-1)).toBe("/api/v1/safety/violations?limit=500&action=rejected")
  expect(window.location.search).toContain("verdict=rejected")
})

it("explains the verdict that is opened", async () => {
  let explained = ""
  const forget = onExplain((id) => (explained = id))
  openAt("/ops?tab=safety", SafetyTab)
  await waitFor(() => expect(screen.getAllByRole("rowheader")).toHaveLength(2))
  press("j")
  press("j")
  press("Enter")
  expect(explained).toBe("9")
  forget()
})
