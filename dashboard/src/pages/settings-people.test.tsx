/** Who may come in, and as what: a refused change is shown as it stands, and what was not read is not called empty. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { openAt } from "../parts/router.test-bed.tsx"
import { People } from "./settings-people.tsx"

const user = { id: "u2", name: "Robin", email: "robin@acme.example", role: "viewer", status: "active" }
let invitations: () => Promise<Response> = () => new Promise(() => undefined)

beforeEach(() => {
  invitations = () => new Promise(() => undefined)
  vi.stubGlobal("fetch", (to: string, init?: RequestInit) => {
    if (init?.method === "PATCH") return Promise.resolve(Response.json({ title: "The last owner" }, { status: 409 }))
    if (to.includes("/invitations")) return invitations()
    const items = [{ ...user, signsInWith: ["password"], lastSeenAt: null }]
    return Promise.resolve(Response.json({ items, nextCursor: null }))
  })
  signedIn({ tenant: "acme", role: "owner", superAdmin: false, user: { id: "u1" } } as unknown as Me)
})
afterEach(() => {
  cleanup()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

it("shows the role that stands where another was refused", async () => {
  openAt("/settings?tab=people", People)
  const field = await screen.findByLabelText<HTMLSelectElement>("Role of Robin")
  fireEvent.change(field, { target: { value: "owner" } })
  await screen.findByText("The last owner")
  expect(field.value).toBe("viewer")
})

it("does not say that nobody is invited while it is asked, nor where it could not be read", async () => {
  let answer: (with_: Response) => void = () => undefined
  invitations = () => new Promise((resolve) => (answer = resolve))
  openAt("/settings?tab=people", People)
  await screen.findByLabelText("Loading invitations")
  expect(screen.queryByText("Nobody is invited")).toBeNull()
  answer(Response.json({ title: "Not for you" }, { status: 403 }))
  await screen.findByText("Not for you")
  expect(screen.queryByText("Nobody is invited")).toBeNull()
  expect(screen.queryByLabelText("Loading invitations")).toBeNull()
})
