/** What nobody could read: everybody sees that it is so; who runs the house reads how it begins and has it heard. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { openAt } from "../parts/router.test-bed.tsx"
import { hearersOf } from "./monitor-consumers.tsx"
import { MonitorDead } from "./monitor-dead.tsx"
import { deadWords, type System, troublesOf } from "./monitor-health.tsx"

const at = Date.now() - 300_000
const letter = (seq: number, over: object = {}) => ({
  seq,
  at,
  consumer: "onboarder",
  reason: "wrong-shape",
  subject: "cmd.111122223333.onboarder.connect-account.x",
  logSeq: 4_711,
  logAt: at,
  bytes: 12,
  sha256: "a".repeat(64),
  canBeHeardAgain: true,
  head: null,
  ...over
})
const head = { base64: "eyJh", text: '{"a":·<script>' }
const whole = { reason: "wrong-shape: mode: missing", head }
const who = (superAdmin: boolean) =>
  ({ kind: "user", tenant: "acme", user: null, key: null, role: "owner", scopes: [], superAdmin, until: null }) as const

let items: ReadonlyArray<object> = []
let sent: Array<{ readonly url: string; readonly body: { readonly because?: string } }> = []
const show = (superAdmin: boolean, address = "/monitor") => {
  signedIn(who(superAdmin) as unknown as Me)
  openAt(address, MonitorDead)
}
const button = (name: RegExp) => screen.findByRole<HTMLButtonElement>("button", { name })

beforeEach(() => {
  sent = []
  vi.stubGlobal("fetch", async (to: string, init?: RequestInit) => {
    if (init?.method !== "POST") return Response.json({ items, nextCursor: null, asOf: 9 })
    sent.push({ url: to, body: JSON.parse(String(init.body)) })
    return Response.json({ command: "9", seq: 9, location: "/x", correlationId: "c" }, { status: 202 })
  })
})
afterEach(() => {
  cleanup()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

it("says where there is none that everything could be read, and what would stand here", async () => {
  items = []
  show(true)
  await screen.findByText("Everything that was said could be read")
  expect(screen.queryByRole("listitem")).toBeNull()
})

it("tells a tenant which message of his it was and why, and offers him nothing", async () => {
  items = [letter(1)]
  show(false)
  expect((await screen.findByRole("listitem")).textContent).toMatch(
    /wrong shape.*onboarder.*connect-account of onboarder, account 111122223333/
  )
  expect(screen.queryByRole("button")).toBeNull()
})

it("shows who runs the house how it begins, as text alone, once he asks", async () => {
  items = [letter(1, whole)]
  show(true)
  const more = await button(/How it begins: message 4711/)
  expect(screen.queryByText(/script/)).toBeNull()
  fireEvent.click(more)
  expect(more.getAttribute("aria-expanded")).toBe("true")
  expect(screen.getByRole("region", { name: /How message 4711 begins/ }).textContent).toBe(head.text)
  expect(screen.getByText("mode: missing")).toBeTruthy()
})

it("has a message heard again for a reason of ten characters, and not without", async () => {
  items = [letter(3, whole)]
  show(true)
  fireEvent.click(await button(/Hear again: message 4711/))
  const reason = await screen.findByLabelText("Why")
  const submit = () => fireEvent.submit(document.querySelector("form") ?? document.body)
  fireEvent.input(reason, { target: { value: "too short" } })
  submit()
  expect(sent).toHaveLength(0)
  fireEvent.input(reason, { target: { value: "the new version reads it" } })
  submit()
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]).toMatchObject({
    url: expect.stringContaining("/api/v1/system/dead/3/redrive") as string,
    body: { because: "the new version reads it" }
  })
})

it("offers nothing where its hearer hears nothing twice, and nothing at an earlier moment", async () => {
  items = [letter(1, { ...whole, canBeHeardAgain: false })]
  show(true)
  const never = await button(/Hear again/)
  expect([never.disabled, never.title]).toEqual([true, expect.stringContaining("asked for anew")])
  cleanup()
  items = [letter(1, whole)]
  show(true, "/monitor?at=5")
  expect((await button(/Hear again/)).disabled).toBe(true)
})

it("is a trouble of the monitor, in words, and whoever hears several kinds is counted once", () => {
  const well = { projections: [], sweeps: [], dependencies: [], dead: 0 } as unknown as System
  expect([troublesOf(well), deadWords(well)]).toEqual([0, undefined])
  const ill = { ...well, dead: 3 }
  expect([troublesOf(ill), deadWords(ill)]).toEqual([1, "3 messages nobody could read"])
  expect(deadWords({ ...well, dead: 100 })).toMatch(/^100 or more/)
  const consumer = { name: "b", filter: "evt.*.x.y.*", settled: 1, pending: 700, open: 1, redelivered: 0 }
  expect(hearersOf([consumer, { ...consumer, filter: "cmd.*.x.y.*" }, { ...consumer, name: "a" }])).toEqual([
    { name: "a", filters: ["evt.*.x.y.*"], pending: 700, open: 1, redelivered: 0 },
    { name: "b", filters: ["evt.*.x.y.*", "cmd.*.x.y.*"], pending: 1_400, open: 2, redelivered: 0 }
  ])
})
