/** Connecting shows our external id and asks for none; leaving takes number and reason; checks are told in words. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { createSignal } from "solid-js"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { type Me, signedIn } from "../api/session.ts"
import { renderAt } from "../parts/router.test-bed.tsx"
import { ConnectAccount } from "./accounts-connect.tsx"
import { AccountPane } from "./accounts-pane.tsx"
import type { Account } from "./accounts.tsx"

const row: Account = {
  account: "111111111111",
  tenant: "acme",
  name: "production",
  regions: ["us-east-1"],
  environment: "PROD",
  mode: "observe",
  roleArn: "arn:aws:iam::111111111111:role/CloudOptimRole",
  externalIdEndsWith: "abcd",
  status: "connected",
  reason: null,
  since: 1,
  verified: {
    at: 1,
    seq: 5,
    by: "dana@acme.example",
    checks: [
      { check: "role", ok: true, details: "we are somebody", mend: null },
      { check: "external-id", ok: null, details: "no role is assumed", mend: null },
      { check: "groups in us-east-1", ok: false, details: "AccessDenied: no", mend: "grant the observer policy" }
    ]
  },
  sweeps: [],
  stop: "run",
  policyVersion: 0,
  groups: 1,
  instances: 2,
  spot: 0
}
const trust = {
  externalId: "cloudoptim-made-here",
  principal: "arn:aws:iam::1:role/us",
  trustPolicy: '{"Version": "x"}'
}
const receipt = { command: "9", seq: 9, location: "/x", correlationId: "c" }

interface Asked {
  readonly url: string
  readonly method: string
  readonly body: unknown
}
let asked: Array<Asked> = []
const answer = vi.fn<typeof fetch>(async (input, init) => {
  const url = String(input)
  const method = init?.method ?? "GET"
  asked.push({ url, method, body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined })
  const body = url.endsWith("/trust") ? trust : method === "GET" ? { status: "accepted", facts: [] } : receipt
  return new Response(JSON.stringify(body), { status: method === "GET" ? 200 : 202 })
})
const sent = (method: string) => asked.filter((one) => one.method === method)
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name })
const type = (label: string | RegExp, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } })

beforeEach(() => {
  asked = []
  vi.stubGlobal("fetch", answer)
  const owner = { kind: "user", tenant: "acme", user: null, key: null, role: "owner", scopes: [], superAdmin: false }
  signedIn({ ...owner, until: null } as unknown as Me)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it("shows the external id and the policy to paste, and sends neither", async () => {
  renderAt("/accounts", () => <ConnectAccount onClose={() => undefined} />)
  await screen.findByText("cloudoptim-made-here")
  expect(screen.getByLabelText("Trust policy of the role").textContent).toBe(trust.trustPolicy)
  type("Account number", row.account)
  type("Name", row.name)
  type("Role", row.roleArn ?? "")
  const form = document.querySelector("form")
  if (form !== null) fireEvent.submit(form)
  await vi.waitFor(() => expect(sent("POST")).toHaveLength(1))
  const { account, name, regions, environment, roleArn } = row
  expect(sent("POST")[0]?.body).toEqual({ account, name, regions, environment, roleArn })
})

it("asks for a role of everybody but whoever runs the service", async () => {
  renderAt("/accounts", () => <ConnectAccount onClose={() => undefined} />)
  await screen.findByText("cloudoptim-made-here")
  expect(screen.getByLabelText<HTMLInputElement>("Role").required).toBe(true)
})

it("tells what was tried: passed, failed with the mend, and not tried", () => {
  renderAt("/accounts", () => <AccountPane of={row} onClose={() => undefined} />)
  for (const word of ["passed", "failed", "not tried", "grant the observer policy"]) {
    expect(screen.getAllByText(word).length).toBeGreaterThan(0)
  }
  fireEvent.click(button("Verify"))
  expect(sent("POST").map(({ url }) => url)).toEqual([`/api/v1/accounts/${row.account}/verify`])
})

it("leaves an account only by its number and a reason", async () => {
  renderAt("/accounts", () => <AccountPane of={row} onClose={() => undefined} />)
  fireEvent.click(button("Disconnect"))
  await screen.findByText(/Disconnect production/)
  type(/^Why/, "the team has moved away")
  expect(button("Disconnect").disabled).toBe(true)
  type(/^Type/, row.account)
  expect(button("Disconnect").disabled).toBe(false)
  const form = document.querySelector("form")
  if (form !== null) fireEvent.submit(form)
  await vi.waitFor(() => expect(sent("DELETE")).toHaveLength(1))
  expect(sent("DELETE")[0]?.body).toEqual({ because: "the team has moved away" })
})

it("goes on calling a raise a raise once the account has been raised", () => {
  const [account, setAccount] = createSignal(row)
  renderAt("/accounts", () => <AccountPane of={account()} onClose={() => undefined} />)
  fireEvent.click(button("Raise to recommend"))
  const title = () => screen.getByRole("heading", { level: 2 }).textContent
  expect(title()).toBe("Raise production to recommend")
  setAccount({ ...row, mode: "recommend" })
  expect(title()).toBe("Raise production to recommend")
})

it("tells why the external id is not there, and asks for it again", async () => {
  answer.mockResolvedValueOnce(Response.json({ title: "Not now" }, { status: 503 }))
  renderAt("/accounts", () => <ConnectAccount onClose={() => undefined} />)
  screen.getByLabelText("Loading your external id")
  await screen.findByText("Not now")
  fireEvent.click(button("Try again"))
  await screen.findByText("cloudoptim-made-here")
})

it("says of a disconnected account that it is, and why, and offers neither its mode nor its door", () => {
  const left: Account = { ...row, status: "disconnected", reason: "the team has moved", verified: null }
  renderAt("/accounts", () => <AccountPane of={left} onClose={() => undefined} />)
  screen.getByText(/Disconnected: the team has moved/)
  expect(button("Verify").disabled).toBe(true)
  expect(screen.queryByRole("button", { name: "Disconnect" })).toBeNull()
  expect(screen.queryByText("Mode")).toBeNull()
})
