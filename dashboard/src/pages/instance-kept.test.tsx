/** An instance is kept from plans and let go again: each order is asked for by itself, and its words stay its own. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { createSignal } from "solid-js"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import type { Instance } from "../parts/instance-columns.tsx"
import { renderAt } from "../parts/router.test-bed.tsx"
import { InstanceKept } from "./instance-kept.tsx"

let sent: Array<unknown> = []
beforeEach(() => {
  sent = []
  vi.stubGlobal("fetch", (_: string, init?: RequestInit) => {
    if (init?.method === "PATCH") sent.push(JSON.parse(String(init.body)))
    return Promise.resolve(Response.json([], { status: 202 }))
  })
  signedIn({ tenant: "acme", role: "owner", superAdmin: false } as unknown as Me)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})
const write = () => fireEvent.input(screen.getByLabelText(/^Why/), { target: { value: "somebody debugs on it" } })
const press = (name: string, which = 0) =>
  fireEvent.click(screen.getAllByRole("button", { name, hidden: true })[which] ?? document.body)
const submit = () => fireEvent.submit(document.querySelector("form") ?? document.body)

it("keeps one, and lets it go again at the same place", async () => {
  const [excluded, setExcluded] = createSignal(false)
  const of = () => ({ instance: "i-0123456789abcdef0", excluded: excluded() }) as Instance
  renderAt("/monitor", () => <InstanceKept of={of()} />)
  press("Exclude")
  write()
  submit()
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  await screen.findByText("Done")
  setExcluded(true)
  expect(screen.getByRole("heading", { hidden: true }).textContent).toBe("Exclude i-0123456789abcdef0")
  press("Close")
  press("Let go")
  write()
  submit()
  await vi.waitFor(() => expect(sent).toHaveLength(2))
  expect(sent).toMatchObject([{ excluded: true }, { excluded: false }])
})
