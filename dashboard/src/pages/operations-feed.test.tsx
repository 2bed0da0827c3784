/** The feed: what comes is shown at once, but never under the eyes of somebody who is reading. */
import { Route, Router } from "@solidjs/router"
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { QueryClientProvider } from "@tanstack/solid-query"
import { fillFeed, type LiveEvent, openLive } from "../api/live.ts"
import { makeQueryClient } from "../api/read.ts"
import { useKeyboard } from "../shell/keys.ts"
import { Feed } from "./operations-feed.tsx"

const event = (seq: number, more: Partial<LiveEvent> = {}): LiveEvent => ({
  seq,
  at: 1_795_264_800_000 + seq * 1_000,
  kind: "fact",
  account: "111122223333",
  owner: "executor-07",
  name: "swap-settled",
  about: "x",
  says: `Swap ${seq} is done.`,
  severity: "good",
  correlation: null,
  cause: null,
  body: { seq },
  ...more
})

let asked: Array<string> = []
let older: ReadonlyArray<LiveEvent> = []
let send: (text: string) => void = () => undefined
let close: () => void = () => undefined

beforeEach(() => {
  asked = []
  older = []
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("fetch", (to: string) => {
    if (to.startsWith("/api/v1/events")) {
      asked.push(to)
      return Promise.resolve(Response.json({ items: older, nextCursor: null, asOf: 9 }))
    }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (text) => controller.enqueue(new TextEncoder().encode(text))
      }
    })
    return Promise.resolve(new Response(body))
  })
})
afterEach(() => {
  cleanup()
  close()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

const Page = () => {
  useKeyboard()
  return <Feed />
}
const open = (...events: ReadonlyArray<LiveEvent>) => {
  fillFeed(events, events.at(-1)?.seq ?? 0, "before-all")
  close = openLive("acme:u1", () => undefined)
  render(() => (
    <QueryClientProvider client={makeQueryClient()}>
      <Router>
        <Route path="*" component={Page} />
      </Router>
    </QueryClientProvider>
  ))
  return screen.findByLabelText("Events, newest first")
}
const come = (one: LiveEvent) => send(`id: e1:${one.seq}\nevent: x\ndata: ${JSON.stringify(one)}\n\n`)
const lines = () => screen.queryAllByRole("listitem").map((line) => /Swap \d+ is done\./.exec(line.textContent)?.[0])

describe("the feed", () => {
  it("shows what comes on top, while nobody reads", async () => {
    await open(event(1), event(2))
    expect(lines()).toEqual(["Swap 2 is done.", "Swap 1 is done."])
    come(event(3))
    await waitFor(() => expect(lines()[0]).toBe("Swap 3 is done."))
  })
  it("moves no row under the pointer: what comes is counted, and shown when somebody asks", async () => {
    const box = await open(event(1), event(2))
    fireEvent.pointerEnter(box)
    come(event(3))
    come(event(4))
    const news = await screen.findByRole("button", { name: "2 new: show" })
    expect(lines()).toEqual(["Swap 2 is done.", "Swap 1 is done."])
    fireEvent.click(news)
    await waitFor(() => expect(lines()).toHaveLength(4))
  })
  it("catches up by itself when the pointer has left", async () => {
    const box = await open(event(1))
    fireEvent.pointerEnter(box)
    come(event(2))
    await screen.findByRole("button", { name: "1 new: show" })
    fireEvent.pointerLeave(box)
    await waitFor(() => expect(lines()).toEqual(["Swap 2 is done.", "Swap 1 is done."]))
  })
  it("keeps what it is narrowed to in the address", async () => {
    await open(event(1, { severity: "critical" }), event(2), event(3, { severity: "critical", owner: "risk-manager" }))
    fireEvent.click(screen.getByRole("button", { name: "critical" }))
    await waitFor(() => expect(lines()).toEqual(["Swap 3 is done.", "Swap 1 is done."]))
    expect(window.location.search).toBe("?severity=critical")
    fireEvent.click(screen.getByRole("button", { name: "executor" }))
    await waitFor(() => expect(lines()).toEqual(["Swap 1 is done."]))
  })
})

describe("the feed, narrowed", () => {
  it("says why nothing is shown, and takes back at once what hides everything", async () => {
    await open(event(1))
    fireEvent.input(screen.getByLabelText("Words that events contain"), { target: { value: "no such word" } })
    await waitFor(() => expect(screen.getByText("No event matches")).toBeDefined())
    fireEvent.click(screen.getByRole("button", { name: "Clear the filter" }))
    await waitFor(() => expect(lines()).toEqual(["Swap 1 is done."]))
    expect(window.location.search).toBe("")
  })
  it("is narrowed after a reload as before, also by who has said nothing since", async () => {
    window.history.replaceState({}, "", "/?severity=critical&owner=onboarder&q=swap&open=2")
    await open(event(1))
    expect(screen.getByRole("button", { name: "critical" }).getAttribute("aria-pressed")).toBe("true")
    fireEvent.click(screen.getByRole("button", { name: "critical" }))
    fireEvent.click(screen.getByRole("button", { name: "onboarder" }))
    await waitFor(() => expect(lines()).toEqual(["Swap 1 is done."]))
    expect(window.location.search).toBe("?q=swap&open=2")
  })
  it("goes on from row to row by j and k, and what is opened is in the address", async () => {
    await open(event(1), event(2), event(3))
    for (const key of ["j", "j", "j", "k"]) fireEvent.keyDown(document.activeElement ?? document.body, { key })
    expect(document.activeElement?.textContent).toBe("Swap 2 is done.")
    fireEvent.click(document.activeElement ?? document.body)
    await waitFor(() => expect(window.location.search).toBe("?open=2"))
  })
})

describe("the feed's past", () => {
  it("reads from the log what was said before all that it has", async () => {
    older = [event(4), event(3)]
    await open(event(5))
    fireEvent.click(screen.getByRole("button", { name: "Read older ones from the log" }))
    await waitFor(() => expect(lines()).toEqual(["Swap 5 is done.", "Swap 4 is done.", "Swap 3 is done."]))
    expect(asked).toEqual(["/api/v1/events?limit=500&cursor=before-all"])
    expect(screen.queryByRole("button", { name: "Read older ones from the log" })).toBeNull()
  })
  it("shows of an earlier moment what had been said by then, and nothing that came since", async () => {
    window.history.replaceState({}, "", "/?at=4")
    older = [event(4), event(3)]
    await open(event(5))
    await waitFor(() => expect(lines()).toEqual(["Swap 4 is done.", "Swap 3 is done."]))
    expect(asked).toEqual(["/api/v1/events?at=4&limit=500"])
    come(event(6))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(lines()).toEqual(["Swap 4 is done.", "Swap 3 is done."])
  })
})
