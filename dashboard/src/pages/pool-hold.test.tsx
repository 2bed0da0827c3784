/** A pool's gate in people's hands: everybody reads why it is shut, and who may say so says until when and why. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { renderAt } from "../parts/router.test-bed.tsx"
import { PoolHold } from "./pool-hold.tsx"
import type { Pool } from "./risk-layers.tsx"

const key = "use1-az1_m5_large_linux"
const day = 86_400_000
const open = { key, instanceType: "m5.large", zone: "use1-az1", gate: { _tag: "open" }, held: null, isOpen: true }
const until = Date.now() + 3 * day
const shut = {
  ...open,
  gate: { _tag: "poisoned", until },
  held: { until, because: "the zone was flooded" },
  isOpen: false
}
const who = (superAdmin: boolean) =>
  ({ kind: "user", tenant: "acme", user: null, key: null, role: "owner", scopes: [], superAdmin, until: null }) as const

interface Asked {
  readonly url: string
  readonly body: { readonly until?: number; readonly because: string }
}
let asked: Array<Asked> = []
const show = (pool: unknown, superAdmin: boolean) => {
  signedIn(who(superAdmin) as unknown as Me)
  renderAt("/risk", () => <PoolHold of={pool as Pool} />)
}
const button = (name: string) => screen.getAllByRole<HTMLButtonElement>("button", { name, hidden: true })
const write = (label: RegExp, text: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value: text } })
const submit = () => fireEvent.submit(document.querySelector("form") ?? document.body)

beforeEach(() => {
  asked = []
  vi.stubGlobal(
    "fetch",
    vi.fn<typeof fetch>(async (input, init) => {
      asked.push({ url: String(input), body: JSON.parse(String(init?.body ?? "{}")) })
      return new Response(JSON.stringify({ command: "9", seq: 9, location: "/x", correlationId: "c" }), { status: 202 })
    })
  )
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it("tells everybody until when a person keeps it shut and why, and offers the words to a super admin alone", () => {
  show(shut, false)
  expect(screen.getByText(/A person keeps it shut until/).textContent).toContain("the zone was flooded")
  expect(screen.queryByRole("button", { name: "Quarantine" })).toBeNull()
  cleanup()
  show(shut, true)
  expect(button("Quarantine")).toHaveLength(1)
  expect(button("Clear")[0]?.disabled).toBe(false)
})

it("asks for a quarantine of so many days from now, with the reason", async () => {
  show(open, true)
  expect(button("Clear")[0]?.disabled).toBe(true)
  fireEvent.click(button("Quarantine")[0]!)
  write(/For how many days/, "2")
  submit()
  expect(asked).toHaveLength(0)
  write(/Why/, "AWS drains the zone")
  submit()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]?.url).toContain(`/api/v1/pools/${key}/quarantine`)
  expect(asked[0]?.body.because).toBe("AWS drains the zone")
  expect(Math.abs((asked[0]?.body.until ?? 0) - Date.now() - 2 * day)).toBeLessThan(60_000)
})

it("clears only when the pool's name is typed", async () => {
  show(shut, true)
  fireEvent.click(button("Clear")[0]!)
  write(/Why/, "the zone is dry again")
  submit()
  expect(asked).toHaveLength(0)
  write(/Type/, key)
  submit()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]).toMatchObject({
    url: expect.stringContaining(`/api/v1/pools/${key}/clear`) as string,
    body: { because: "the zone is dry again" }
  })
})
