/** What one person was to be told is not told to the next who signs in at the same window. */
import { createRoot } from "solid-js"
import { afterEach, expect, it, vi } from "vitest"
import { feed } from "../api/live.ts"
import { useStream } from "./frame.tsx"

afterEach(() => vi.unstubAllGlobals())

it("lets go of events that come once whoever asked for them has left", async () => {
  let answer: (with_: Response) => void = () => undefined
  const asked: Array<string> = []
  vi.stubGlobal("fetch", (to: string) => {
    asked.push(to)
    return new Promise<Response>((resolve) => (answer = resolve))
  })
  createRoot((leave) => {
    useStream()
    leave()
  })
  answer(Response.json({ items: [{ seq: 7 }], nextCursor: null, asOf: 7 }))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(feed.size()).toBe(0)
  expect(asked).toEqual(["/api/v1/events?limit=100"])
})
