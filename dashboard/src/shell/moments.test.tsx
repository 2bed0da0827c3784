/** Which moment is shown is always said: a pause, an earlier moment, and how far one steps in it. */
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { type Component, createRoot } from "solid-js"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { isPaused, openLive, setPaused } from "../api/live.ts"
import { openAt } from "../parts/router.test-bed.tsx"
import { momentOf } from "./earlier.tsx"
import { Exactly, useNow } from "./moment.tsx"
import { ReplayFrame } from "./replay-frame.tsx"
import { StaleStrip } from "./stale-strip.tsx"

let close: () => void = () => undefined
beforeEach(() => {
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("fetch", (to: string) =>
    Promise.resolve(
      to.startsWith("/api/v1/stream")
        ? new Response(new ReadableStream<Uint8Array>({}))
        : Response.json({
            items: [{ seq: 81_204, at: Date.UTC(2026, 10, 21, 10, 2, 13) }],
            nextCursor: null,
            asOf: 81_204
          })
    )
  )
})
afterEach(() => {
  cleanup()
  close()
  setPaused(false)
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})
const open = (address: string, part: Component) => {
  close = openLive("acme:u1", () => undefined)
  openAt(address, part)
}

describe("a pause", () => {
  it("is said across the page, and ended there", async () => {
    open("/", StaleStrip)
    expect(screen.queryByText("Paused")).toBeNull()
    setPaused(true)
    await screen.findByText("Paused")
    fireEvent.click(screen.getByRole("button", { name: /Go on/ }))
    expect(isPaused()).toBe(false)
  })
})

describe("a moment", () => {
  it("goes on for one who looks, also after another left before he had looked", () => {
    vi.useFakeTimers()
    createRoot((leave) => {
      useNow()
      leave()
    })
    const stays = createRoot((leave) => ({ now: useNow(), leave }))
    const goes = createRoot((leave) => ({ now: useNow(), leave }))
    goes.leave()
    const before = stays.now()
    vi.advanceTimersByTime(5_000)
    expect(stays.now()).toBe(before + 5_000)
    stays.leave()
    vi.useRealTimers()
  })
  it("is told to machines where it stands whole", () => {
    render(() => <Exactly at={Date.UTC(2026, 10, 21, 10, 2, 13)} />)
    expect(document.querySelector("time")?.getAttribute("datetime")).toBe("2026-11-21T10:02:13.000Z")
  })
})

describe("an earlier moment", () => {
  it("is told with the time of its newest event, by whatever it was asked for", async () => {
    open("/?at=2026-11-21T10:02:14Z", ReplayFrame)
    await waitFor(() => expect(screen.getByRole("status").textContent).toContain("10:02:13 UTC"))
    fireEvent.keyDown(document.body, { key: "[" })
    await waitFor(() => expect(window.location.search).toBe("?at=81203"))
  })
  it("is asked for in the zone that times are written in", () => {
    expect(momentOf("2026-11-21T10:02:13", true)).toBe("2026-11-21T10:02:13.000Z")
    const local = new Date(2026, 10, 21, 10, 2, 13).toISOString()
    expect(momentOf("2026-11-21T10:02:13", false)).toBe(local)
    expect(momentOf("", true)).toBeUndefined()
  })
})
