/** A call: its address, its key, what becomes of a refusal, and of a session that has run out. */
import { afterEach, describe, expect, it, vi } from "vitest"
import { ApiProblem, call, callWithVersion, renewWith, urlOf } from "./client.ts"

interface Sent {
  readonly url: string
  readonly init: RequestInit
}
/** A service that gives these answers in turn, and remembers what it was asked. */
const service = (
  ...answers: ReadonlyArray<readonly [status: number, body: unknown, headers?: Record<string, string>]>
) => {
  const sent: Array<Sent> = []
  const left = [...answers]
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    sent.push({ url, init })
    const [status, body, headers] = left.shift() ?? [500, {}]
    return Promise.resolve(
      new Response(status === 204 ? null : JSON.stringify(body), { status, headers: headers ?? {} })
    )
  })
  return sent
}
const header = (sent: Sent | undefined, name: string) => new Headers(sent?.init.headers).get(name)

afterEach(() => {
  vi.unstubAllGlobals()
  renewWith(() => Promise.resolve(false))
})

describe("a call", () => {
  it("puts parameters into the path so that none can become a path of its own", () => {
    expect(urlOf("GET /api/v1/sagas/{id}", { params: { id: "a/b?c" }, query: { at: "81204" } })).toBe(
      "/api/v1/sagas/a%2Fb%3Fc?at=81204"
    )
  })
  it("leaves out what is not set", () => {
    expect(urlOf("GET /api/v1/events", { query: { account: undefined, q: "", limit: "5" } })).toBe(
      "/api/v1/events?limit=5"
    )
  })
  it("gives every order a key, and reads none", async () => {
    const sent = service([200, {}], [202, { commands: [] }], [202, { commands: [] }])
    await call("GET /api/v1/summary")
    const body = { stop: "pause" as const, because: "a reason of length" }
    await call("POST /api/v1/stop", { body })
    await call("POST /api/v1/stop", { body })
    const keys = sent.map((one) => header(one, "idempotency-key"))
    expect(keys[0]).toBeNull()
    expect(keys[1]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys[2]).not.toBe(keys[1])
  })
  it("rejects with the problem as it was told", async () => {
    const current = { moves: 3 }
    service([
      412,
      { title: "It was changed", detail: "Look again", correlationId: "c-1", currentVersion: "9", current }
    ])
    const problem = await call("GET /api/v1/summary").catch((refusal: unknown) => refusal)
    expect(problem).toBeInstanceOf(ApiProblem)
    expect(problem).toMatchObject({
      status: 412,
      title: "It was changed",
      correlationId: "c-1",
      currentVersion: "9",
      current
    })
  })
  it("rejects with a problem where the answer is none", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>Bad Gateway", { status: 502 })))
    await expect(call("GET /api/v1/summary")).rejects.toMatchObject({ status: 502, title: "The service answered 502" })
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")))
    await expect(call("GET /api/v1/summary")).rejects.toMatchObject({ status: 0 })
  })
  it("renews a spent session once for all calls, and repeats each with the key that it had", async () => {
    const sent = service([401, {}], [401, {}], [202, { commands: [] }], [202, { commands: [] }])
    const renew = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true))
    renewWith(renew)
    const order = () => call("POST /api/v1/stop", { body: { stop: "run", because: "a reason of length" } })
    await Promise.all([order(), order()])
    expect(renew).toHaveBeenCalledTimes(1)
    const keys = sent.map((one) => header(one, "idempotency-key"))
    expect(new Set(keys.slice(0, 2))).toEqual(new Set(keys.slice(2)))
  })
  it("does not try to renew while it signs in", async () => {
    const renew = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true))
    renewWith(renew)
    service([401, { title: "No" }])
    await expect(call("POST /api/v1/auth/login", { body: { email: "a@b.cc", password: "x" } })).rejects.toMatchObject({
      status: 401
    })
    expect(renew).not.toHaveBeenCalled()
  })
  it("gives the version with the answer", async () => {
    service([200, { id: "x" }, { etag: 'W/"81203"' }])
    expect((await callWithVersion("GET /api/v1/approvals/{id}", { params: { id: "x" } })).etag).toBe('W/"81203"')
  })
})
