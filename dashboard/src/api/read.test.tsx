/** Reading: in the scope of the address, again after events, never in a replay, and without losing what is shown. */
import { Route, Router } from "@solidjs/router"
import { cleanup, render, screen, waitFor } from "@solidjs/testing-library"
import { QueryClientProvider } from "@tanstack/solid-query"
import { For } from "solid-js"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type LiveEvent, openLive } from "./live.ts"
import { makeQueryClient, useRead } from "./read.ts"
import { type UrlState, useUrlState } from "../shell/url-state.ts"

let asked: Array<string> = []
let items: ReadonlyArray<{ readonly id: string; readonly group: string }> = []
let asOf = 1
let answer: () => Promise<Response> = () => Promise.resolve(Response.json({ items, nextCursor: null, asOf }))
let say: (text: string) => void = () => undefined
let close: () => void = () => undefined
let url: UrlState | undefined

const settled = (seq: number): string => {
  const event: Partial<LiveEvent> = { seq, at: 1, kind: "fact", owner: "executor-03", name: "swap-settled" }
  return `id: e:${seq}\ndata: ${JSON.stringify(event)}\n\n`
}

beforeEach(() => {
  asked = []
  items = [{ id: "s1", group: "web" }]
  asOf = 1
  answer = () => Promise.resolve(Response.json({ items, nextCursor: null, asOf }))
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("fetch", (to: string) => {
    if (to.startsWith("/api/v1/stream")) {
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        say = (text) => controller.enqueue(new TextEncoder().encode(text))
      }
      return Promise.resolve(new Response(new ReadableStream<Uint8Array>({ start })))
    }
    asked.push(to)
    return answer()
  })
})
afterEach(() => {
  cleanup()
  close()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

const Sagas = () => {
  url = useUrlState()
  const read = useRead(() => ["GET /api/v1/sagas", { query: { limit: "5" } }], { topics: ["executor"] })
  return (
    <ul>
      <li>{read.error?.title ?? (read.isPending ? "pending" : "there")}</li>
      <For each={read.data?.items}>{(saga) => <li data-saga={saga.id}>{saga.group}</li>}</For>
    </ul>
  )
}
const open = (address: string) => {
  window.history.replaceState({}, "", address)
  close = openLive("acme:u1", () => undefined)
  render(() => (
    <QueryClientProvider client={makeQueryClient()}>
      <Router>
        <Route path="*" component={Sagas} />
      </Router>
    </QueryClientProvider>
  ))
}
const rows = () => [...document.querySelectorAll("[data-saga]")]

describe("a read", () => {
  it("asks in the scope of the address, and again when that changes", async () => {
    open("/?account=111122223333&q=x")
    await waitFor(() => expect(rows()).toHaveLength(1))
    expect(asked).toEqual(["/api/v1/sagas?account=111122223333&limit=5"])
    items = []
    url?.set({ account: null, at: "81204" })
    await waitFor(() => expect(asked.at(-1)).toBe("/api/v1/sagas?at=81204&limit=5"))
    await waitFor(() => expect(rows()).toHaveLength(0))
  })
  it("reads again after an event of its topic, once for a flock of them, and keeps the rows that stay", async () => {
    open("/")
    await waitFor(() => expect(rows()).toHaveLength(1))
    const [row] = rows()
    const before = asked.length
    items = [
      { id: "s2", group: "api" },
      { id: "s1", group: "web, renamed" }
    ]
    asOf = 20
    for (let seq = 1; seq <= 20; seq++) say(settled(seq))
    await waitFor(() => expect(rows().map((one) => one.textContent)).toEqual(["api", "web, renamed"]))
    expect(asked.length - before).toBeLessThanOrEqual(2)
    expect(rows()[1]).toBe(row)
  })
  it("asks again when the answer does not yet reflect the event, and then no more", async () => {
    open("/")
    await waitFor(() => expect(rows()).toHaveLength(1))
    say(settled(50))
    await waitFor(() => expect(asked).toHaveLength(2))
    asOf = 50
    await waitFor(() => expect(asked).toHaveLength(3), { timeout: 4_000 })
    await new Promise((resolve) => setTimeout(resolve, 1_800))
    expect(asked).toHaveLength(3)
  })
  it("reads nothing again while an earlier moment is shown", async () => {
    open("/?at=81204")
    await waitFor(() => expect(rows()).toHaveLength(1))
    const before = asked.length
    say(settled(7))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(asked.length).toBe(before)
  })
  it("says why there is nothing, and does not ask a refusal again and again", async () => {
    answer = () => Promise.resolve(Response.json({ title: "This may not be done by you" }, { status: 403 }))
    open("/")
    await waitFor(() => expect(screen.getByText("This may not be done by you")).toBeDefined())
    expect(asked).toHaveLength(1)
  })
})
