/** A whole list follows the log, also where a part of the log was missed, and a failure is not an empty list. */
import { cleanup } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { openLive } from "../api/live.ts"
import { type AllPages, useAllPages } from "./all-pages.ts"
import { renderAt } from "./router.test-bed.tsx"

let asked = 0
let status = 200
let say: (text: string) => void = () => undefined
let close: () => void = () => undefined
let read: AllPages<unknown> | undefined

beforeEach(() => {
  asked = 0
  status = 200
  vi.stubGlobal("BroadcastChannel", undefined)
  vi.stubGlobal("fetch", (to: string) => {
    if (to.startsWith("/api/v1/stream")) {
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        say = (text) => controller.enqueue(new TextEncoder().encode(text))
      }
      return Promise.resolve(new Response(new ReadableStream<Uint8Array>({ start })))
    }
    asked++
    return Promise.resolve(Response.json({ items: [], nextCursor: null, asOf: 1, title: "Not for you" }, { status }))
  })
})
afterEach(() => {
  cleanup()
  close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
const open = () => {
  close = openLive("acme:u1", () => undefined)
  renderAt("/risk", () => {
    read = useAllPages("GET /api/v1/pools", () => ({}), ["risk-manager"])
    return null
  })
}

it("is read again where events were missed", async () => {
  vi.useFakeTimers()
  open()
  await vi.advanceTimersByTimeAsync(10)
  expect(asked).toBe(1)
  say('id: e2:5\nevent: reset\ndata: {"asOf":5}\n\n')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked).toBe(2)
})

it("is not there yet where it could not be read, and says why", async () => {
  status = 403
  open()
  await vi.waitFor(() => expect(read?.error()?.title).toBe("Not for you"))
  expect(read?.isPending()).toBe(true)
})
