/** An order is followed for as long as somebody looks, and no longer. */
import { createRoot } from "solid-js"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { useCommand } from "./command.ts"

const asked: Array<string> = []
beforeEach(() => {
  asked.length = 0
  vi.useFakeTimers()
  vi.stubGlobal("fetch", (to: string) => {
    asked.push(to)
    return Promise.resolve(Response.json({ status: "accepted", facts: [] }))
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
const receipt = { command: "c1", seq: 7 }

it("asks what became of an order until whoever looks has gone", async () => {
  const { command, leave } = createRoot((dispose) => ({ command: useCommand(), leave: dispose }))
  await command.run(() => Promise.resolve(receipt))
  await vi.advanceTimersByTimeAsync(3_100)
  expect(asked).toEqual(["/api/v1/commands/c1"])
  leave()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(1)
})

it("does not begin to ask where he has gone while it was sent", async () => {
  const { command, leave } = createRoot((dispose) => ({ command: useCommand(), leave: dispose }))
  const sent = command.run(() => new Promise((resolve) => setTimeout(() => resolve(receipt), 100)))
  leave()
  await vi.advanceTimersByTimeAsync(100)
  await sent
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toEqual([])
})

it("says in words what went wrong, also where nothing was answered", async () => {
  const command = createRoot(() => useCommand())
  await command.run(() => Promise.reject(new TypeError("x is undefined")))
  expect(command.problem()?.title).toBe("The service does not answer")
})
