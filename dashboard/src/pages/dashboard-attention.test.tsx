/** A row is muted at one press and taken back at another; what is muted is folded away and counted apart. */
import { cleanup, fireEvent, screen, waitFor, within } from "@solidjs/testing-library"
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { openAt } from "../parts/router.test-bed.tsx"
import { Toasts } from "../shell/toast.tsx"
import { AttentionPanel } from "./dashboard-attention.tsx"

const hour = 3_600_000
const until = Date.now() + 5 * hour
const row = (id: string, title: string, over: object = {}) => ({
  id,
  kind: "stopped",
  severity: "warning",
  title,
  why: "until somebody lets it go on",
  account: "111122223333",
  deadlineAt: null,
  since: Date.now() - hour,
  link: "/policies",
  muted: null as { readonly by: string; readonly until: number } | null,
  ...over
})
const slash = "poisoned:use1-az1/m5"
const who = (role: string) =>
  ({ kind: "user", tenant: "acme", user: null, key: null, role, scopes: [], superAdmin: false, until: null }) as const

/** The service as it would be: it remembers what was muted. */
let rows: Array<ReturnType<typeof row>> = []
let sent: Array<string> = []
let refuses: Response | undefined
const answer = async (to: string, init?: RequestInit) => {
  const method = init?.method ?? "GET"
  if (method === "GET") return Response.json({ items: rows, nextCursor: null, asOf: 9 })
  sent.push(`${method} ${to}${typeof init?.body === "string" ? ` ${init.body}` : ""}`)
  if (refuses !== undefined) return refuses.clone()
  const id = decodeURIComponent(to.split("/").at(-2) ?? "")
  const muted = method === "PUT" ? { by: "ada@example.com", until } : null
  rows = rows.map((one) => (one.id === id ? { ...one, muted } : one))
  return Response.json(muted === null ? { id } : { id, ...muted })
}

beforeEach(() => {
  rows = [row("stopped:1", "Account one is stopped"), row(slash, "2 instances in quarantine")]
  sent = []
  refuses = undefined
  vi.stubGlobal("fetch", vi.fn<typeof answer>(answer))
})
afterEach(() => {
  // what stands at the foot of the page outlives it
  for (const undo of screen.queryAllByRole("button", { name: /^Undo/ })) undo.click()
  cleanup()
  window.history.replaceState({}, "", "/")
})
// a way back that was taken after a test is still answered
afterAll(() => vi.unstubAllGlobals())
const open = (role = "operator", address = "/") => {
  signedIn(who(role) as unknown as Me)
  openAt(address, () => (
    <>
      <AttentionPanel />
      <Toasts />
    </>
  ))
  return screen.findByText("Account one is stopped")
}
const list = () => screen.getAllByRole("list")[0] as HTMLElement
const speaks = (title: string) => within(list()).queryByText(title) !== null
const button = (name: RegExp) => screen.getByRole<HTMLButtonElement>("button", { name })

it("mutes at once without asking, says so with a way back, and undo lets it speak", async () => {
  await open()
  fireEvent.click(button(/^Mute for 8 h: 2 instances/))
  expect(speaks("2 instances in quarantine")).toBe(false)
  expect(screen.getByRole("status").textContent).toContain("Muted for 8 h")
  button(/^1 muted — show/)
  await waitFor(() => expect(sent).toEqual([`PUT /api/v1/attention/${encodeURIComponent(slash)}/mute {"hours":8}`]))
  fireEvent.click(button(/^Undo/))
  expect(speaks("2 instances in quarantine")).toBe(true)
  await waitFor(() => expect(sent[1]).toBe(`DELETE /api/v1/attention/${encodeURIComponent(slash)}/mute`))
  await waitFor(() => expect(screen.queryByText(/ muted — /)).toBeNull())
})

it("offers other times in the row itself, and Escape closes them", async () => {
  await open()
  const more = button(/^Mute for longer or shorter: Account one/)
  fireEvent.click(more)
  expect(more.getAttribute("aria-expanded")).toBe("true")
  fireEvent.keyDown(button(/^24 h/), { key: "Escape" })
  expect(screen.queryByRole("button", { name: "24 h" })).toBeNull()
  expect(document.activeElement).toBe(more)
  fireEvent.click(more)
  fireEvent.click(button(/^24 h/))
  await waitFor(() => expect(sent).toEqual([`PUT /api/v1/attention/stopped%3A1/mute {"hours":24}`]))
  expect(screen.getByRole("status").textContent).toContain("Muted for 24 h")
})

it("folds what is muted under the list, counts it apart, and tells by whom and until when", async () => {
  rows = [...rows, row("unswept:1", "A region is unswept", { muted: { by: "ada@example.com", until } })]
  await open()
  const panel = screen.getByRole("region", { name: "Needs attention" })
  expect(panel.textContent).toContain("2, 1 muted")
  expect(screen.queryByText("A region is unswept")).toBeNull()
  fireEvent.click(button(/^1 muted — show/))
  const line = screen.getByText("A region is unswept").closest("li") as HTMLElement
  expect(line.textContent).toMatch(/by ada@example\.com until \d\d:\d\d:\d\d UTC/)
  fireEvent.click(within(line).getByRole("button", { name: /^Let it speak/ }))
  expect(speaks("A region is unswept")).toBe(true)
  await waitFor(() => expect(sent).toEqual(["DELETE /api/v1/attention/unswept%3A1/mute"]))
  await waitFor(() => expect(panel.textContent).not.toContain("muted"))
})

it("is not called nothing where all of it is muted", async () => {
  rows = rows.map((one) => ({ ...one, muted: { by: "ada@example.com", until } }))
  signedIn(who("operator") as unknown as Me)
  openAt("/", AttentionPanel)
  await screen.findByText("Nothing else needs you.")
  expect(screen.queryByText("Nothing needs you")).toBeNull()
  button(/^2 muted — show/)
})

it("shows a row again when its time is over, though nothing was read since", async () => {
  rows = [...rows, row("unswept:1", "A region is unswept", { muted: { by: "ada", until: Date.now() + 1_500 } })]
  await open()
  expect(speaks("A region is unswept")).toBe(false)
  await waitFor(() => expect(speaks("A region is unswept")).toBe(true), { timeout: 4_000 })
})

it("takes it back and says why where the service refuses", async () => {
  await open()
  refuses = Response.json({ title: "It stands differently by now", status: 409 }, { status: 409 })
  fireEvent.click(button(/^Mute for 8 h: Account one/))
  expect(speaks("Account one is stopped")).toBe(false)
  await screen.findByText("It stands differently by now")
  await waitFor(() => expect(speaks("Account one is stopped")).toBe(true))
  expect(screen.getByRole("status").textContent).not.toContain("Muted for")
})

it("goes on from the next row where it was pressed by keyboard", async () => {
  await open()
  const first = button(/^Mute for 8 h: Account one/)
  first.focus()
  fireEvent.click(first)
  await waitFor(() => expect(document.activeElement?.textContent).toContain("2 instances in quarantine"))
  const last = button(/^Mute for 8 h: 2 instances/)
  last.focus()
  fireEvent.click(last)
  await waitFor(() => expect(document.activeElement?.textContent).toContain("muted — show"))
})

it("offers nothing to a viewer, nor for what is over in two minutes, and is shut of an earlier moment", async () => {
  rows = [...rows, row("interruption:i-1", "It is being taken", { kind: "interruption" })]
  await open("viewer")
  expect(screen.queryByRole("button", { name: /^Mute/ })).toBeNull()
  cleanup()
  await open("operator")
  expect(screen.queryByRole("button", { name: /^Mute .*being taken/ })).toBeNull()
  expect(button(/^Mute for 8 h: Account one/).disabled).toBe(false)
  cleanup()
  await open("operator", "/?at=7")
  expect(button(/^Mute for 8 h: Account one/).disabled).toBe(true)
})
