/** A policy is saved only after it was tried, and only on the version that was read; what was typed is never lost. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { renderAt } from "../parts/router.test-bed.tsx"
import { PolicyPane } from "./policies-pane.tsx"

const account = "111111111111"
const row = {
  tenant: "acme",
  account,
  policy: {
    version: 3,
    approval: { _tag: "manual" },
    floors: { scoreMin: 0.75, zonesMin: 3, zoneShareMin: 0.05, poolShareMax: 0.2, onDemandShareMin: 0.15 },
    presets: [],
    swapsPerWindow: 10,
    windowMs: 600_000,
    inFlightShare: 0.1,
    bakeMs: 300_000,
    excludedGroups: []
  },
  by: "dana@acme.example",
  at: 1,
  stop: "run",
  stopBy: null,
  stopBecause: null,
  stopAt: null
}
const owner = {
  kind: "user",
  tenant: "acme",
  user: null,
  key: null,
  role: "owner",
  scopes: [],
  superAdmin: false,
  until: null
}

interface Asked {
  readonly url: string
  readonly method: string
  readonly ifMatch: string | undefined
}
let asked: Array<Asked> = []
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })

/** Answers tries with one change, and saves with whatever is given. */
const answering = (save: () => Response) =>
  vi.fn<typeof fetch>(async (input, init) => {
    const url = String(input)
    const headers = new Headers(init?.headers)
    asked.push({ url, method: init?.method ?? "GET", ifMatch: headers.get("if-match") ?? undefined })
    if (init?.method !== "PUT") return json(row, 200, { etag: '"3"' })
    const receipt = { command: "c1", seq: 9, location: "/x", correlationId: "c", version: 4 }
    return url.includes("dryRun") ? json({ ...receipt, changes: ["floors.scoreMin: 0.75 -> 0.8"] }, 202) : save()
  })

const open = async (save: () => Response) => {
  vi.stubGlobal("fetch", answering(save))
  renderAt("/policies", () => <PolicyPane account={account} onClose={() => undefined} />)
  const score = await screen.findByLabelText("Safety score at least")
  fireEvent.input(score, { target: { value: "0.8" } })
  fireEvent.input(screen.getByLabelText(/^Why/), { target: { value: "we had a bad night" } })
  return score
}
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name })
const tryOut = async () => {
  const form = document.querySelector("form")
  if (form !== null) fireEvent.submit(form)
  await screen.findByText("floors.scoreMin: 0.75 -> 0.8")
  await vi.waitFor(() => expect(button("Save").disabled).toBe(false))
}

beforeEach(() => {
  asked = []
  signedIn(owner as unknown as Me)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it("saves nothing before it was shown what would change", async () => {
  await open(() => json({}, 500))
  expect(button("Save").disabled).toBe(true)
  await tryOut()
  expect(asked.filter(({ method }) => method === "PUT").map(({ url }) => url)).toEqual([
    `/api/v1/policies/${account}?dryRun=true`
  ])
})

it("names the version that it was made on, in the try and in the save", async () => {
  await open(() => json({ command: "c1", seq: 9, location: "/x", correlationId: "c", version: 4, changes: [] }, 202))
  await tryOut()
  fireEvent.click(button("Save"))
  await vi.waitFor(() => expect(asked.filter(({ method }) => method === "PUT")).toHaveLength(2))
  expect(asked.filter(({ method }) => method === "PUT").map(({ ifMatch }) => ifMatch)).toEqual(['"3"', '"3"'])
})

it("when somebody was faster: says which version stands, keeps what was typed, and does not save over it", async () => {
  await open(() => json({ title: "It was changed", status: 412, currentVersion: "4" }, 412))
  await tryOut()
  fireEvent.click(button("Save"))
  await screen.findByText(/version 4 stands/)
  expect(button("Save").disabled).toBe(true)
  expect(screen.getByLabelText<HTMLInputElement>("Safety score at least").value).toBe("0.8")
  fireEvent.click(button("Read what stands"))
  await vi.waitFor(() => expect(asked.filter(({ method }) => method === "GET")).toHaveLength(2))
  expect(screen.getByLabelText<HTMLInputElement>("Safety score at least").value).toBe("0.8")
})

it("asks again to show what would change after each edit", async () => {
  const score = await open(() => json({}, 500))
  await tryOut()
  fireEvent.input(score, { target: { value: "0.9" } })
  expect(button("Save").disabled).toBe(true)
})
