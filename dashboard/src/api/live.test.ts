/** What is heard live: in order, once each, held back by a pause, and found again after the connection was lost. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  connection,
  feed,
  fillFeed,
  fillOlder,
  type LiveEvent,
  olderFrom,
  onEvents,
  onReset,
  openLive,
  setPaused
} from "./live.ts"

const event = (seq: number, name = "swap-settled", owner = "executor-07"): LiveEvent => ({
  seq,
  at: seq * 1_000,
  kind: "fact",
  account: "111122223333",
  owner,
  name,
  about: "x",
  says: `event ${seq}`,
  severity: "info",
  correlation: null,
  cause: null,
  body: {}
})
const frame = (one: LiveEvent) => `id: e1:${one.seq}\nevent: ${one.owner}\ndata: ${JSON.stringify(one)}\n\n`

/** A service whose stream a test writes to; each opening is a connection of its own. */
const service = () => {
  const opened: Array<{ readonly url: string; readonly send: (text: string) => void; readonly end: () => void }> = []
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        init.signal?.addEventListener("abort", () => {
          try {
            controller.close()
          } catch {
            // It was ended before.
          }
        })
        opened.push({
          url,
          send: (text) => controller.enqueue(new TextEncoder().encode(text)),
          end: () => controller.close()
        })
      }
    })
    return Promise.resolve(new Response(body))
  })
  return opened
}

let close: () => void = () => undefined
let heard: Array<number> = []
let forget: () => void = () => undefined

beforeEach(() => {
  // One window alone: how several share a stream is the locks' affair.
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("requestAnimationFrame", (act: () => void) => setTimeout(act, 0))
  heard = []
  forget = onEvents(undefined, (events) => heard.push(...events.map(({ seq }) => seq)))
})
afterEach(() => {
  forget()
  close()
  setPaused(false)
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})
const open = () => (close = openLive("acme:u1", () => undefined))
const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 })

describe("the live stream", () => {
  it("begins after what the feed was filled with, and tells each event once", async () => {
    const streams = service()
    fillFeed([event(9), event(10)], 10)
    open()
    await soon(() => expect(streams[0]?.url).toBe("/api/v1/stream?after=10"))
    streams[0]?.send([event(10), event(11), event(11), event(12)].map(frame).join(""))
    await soon(() => expect(heard).toEqual([11, 12]))
    expect(feed.newest(10).map(({ seq }) => seq)).toEqual([12, 11, 10, 9])
  })
  it("says how late the newest event was, and never that it came before it was written", async () => {
    const streams = service()
    open()
    await soon(() => expect(streams).toHaveLength(1))
    streams[0]?.send(frame({ ...event(1), at: Date.now() - 2_000 }))
    await soon(() => expect(heard).toEqual([1]))
    expect(connection().lagMs).toBeGreaterThanOrEqual(2_000)
    expect(connection().lagMs).toBeLessThan(20_000)
    streams[0]?.send(frame({ ...event(2), at: Date.now() + 60_000 }))
    await soon(() => expect(heard).toEqual([1, 2]))
    expect(connection().lagMs).toBe(0)
  })
  it("goes further back than it began, and knows where the next older page is", () => {
    service()
    fillFeed([event(9), event(10)], 10, "before-9")
    open()
    expect(olderFrom()).toBe("before-9")
    fillOlder([event(7), event(8)], null)
    expect(feed.newest(10).map(({ seq }) => seq)).toEqual([10, 9, 8, 7])
    expect(olderFrom()).toBeNull()
  })
  it("tells a listener of an owner's lanes as of the owner, and of nothing else", async () => {
    const streams = service()
    const swaps: Array<number> = []
    const stop = onEvents(["executor"], (events) => swaps.push(...events.map(({ seq }) => seq)))
    open()
    await soon(() => expect(streams).toHaveLength(1))
    streams[0]?.send([event(1), event(2, "pool-scored", "risk-manager"), event(3)].map(frame).join(""))
    await soon(() => expect(heard).toEqual([1, 2, 3]))
    expect(swaps).toEqual([1, 3])
    stop()
  })
  it("holds everything back while paused, and lets all of it in afterwards", async () => {
    const streams = service()
    open()
    await soon(() => expect(streams).toHaveLength(1))
    setPaused(true)
    streams[0]?.send([event(1), event(2)].map(frame).join(""))
    await soon(() => expect(connection().waiting).toBe(2))
    expect(connection().state).toBe("paused")
    expect(heard).toEqual([])
    setPaused(false)
    await soon(() => expect(heard).toEqual([1, 2]))
    expect(connection().waiting).toBe(0)
  })
  it("is heard also where the window was hidden before it drew its next frame", async () => {
    vi.stubGlobal("requestAnimationFrame", () => 0)
    const streams = service()
    open()
    await soon(() => expect(streams).toHaveLength(1))
    streams[0]?.send(frame(event(1)))
    await soon(() => expect(heard).toEqual([1]))
    streams[0]?.send(frame(event(2)))
    await soon(() => expect(heard).toEqual([1, 2]))
  })
  it("comes back after the last event that it had, when the connection is lost", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0)
    const streams = service()
    open()
    await soon(() => expect(streams).toHaveLength(1))
    streams[0]?.send(frame(event(41)))
    await soon(() => expect(heard).toEqual([41]))
    streams[0]?.end()
    await soon(() => expect(connection().state).toBe("reconnecting"))
    await soon(() => expect(streams[1]?.url).toBe("/api/v1/stream?after=41"))
    streams[1]?.send([event(41), event(42)].map(frame).join(""))
    await soon(() => expect(heard).toEqual([41, 42]))
    expect(connection().state).toBe("live")
  })
  it("says so when something was missed for good, and goes on", async () => {
    const streams = service()
    let resets = 0
    const stop = onReset(() => resets++)
    open()
    await soon(() => expect(streams).toHaveLength(1))
    streams[0]?.send(frame(event(900)))
    await soon(() => expect(heard).toEqual([900]))
    streams[0]?.send(`id: e2:5\nevent: reset\ndata: {"asOf":5}\n\n${frame(event(6))}`)
    await soon(() => expect(heard).toEqual([900, 6]))
    expect(resets).toBe(1)
    stop()
  })
})
