/** The feed: what comes is shown at once, but never under the eyes of somebody who is reading. */
import { Route, Router } from "@solidjs/router"
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fillFeed, type LiveEvent, openLive } from "../api/live.ts"
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

let send: (text: string) => void = () => undefined
let close: () => void = () => undefined

beforeEach(() => {
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("fetch", () => {
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

const open = (...events: ReadonlyArray<LiveEvent>) => {
  fillFeed(events, events.at(-1)?.seq ?? 0)
  close = openLive("acme:u1", () => undefined)
  render(() => (
    <Router>
      <Route path="*" component={Feed} />
    </Router>
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
  it("says why nothing is shown", async () => {
    await open(event(1))
    fireEvent.input(screen.getByLabelText("Words that events contain"), { target: { value: "no such word" } })
    await waitFor(() => expect(screen.getByText("No event matches")).toBeDefined())
  })
})
