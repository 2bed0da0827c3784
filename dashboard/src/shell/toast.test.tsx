/** A toast says what was done for a while, waits while somebody is with it, and takes back by button and by key. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { renderAt } from "../parts/router.test-bed.tsx"
import { toast, Toasts } from "./toast.tsx"

let ends: Array<() => void> = []
const say: typeof toast = (...asked) => {
  const end = toast(...asked)
  ends.push(end)
  return end
}
beforeEach(() => {
  vi.useFakeTimers()
  renderAt("/", Toasts)
})
afterEach(() => {
  for (const end of ends) end()
  ends = []
  cleanup()
  vi.useRealTimers()
})
const there = (text: string) => screen.queryByText(text) !== null
const line = (text: string) => screen.getByText(text).parentElement as HTMLElement

it("is said in a status that is there before it, and goes after its time: longer where it can be taken back", () => {
  expect(screen.getByRole("status").getAttribute("aria-atomic")).toBe("false")
  say("Saved")
  say("Muted", { undo: () => undefined })
  expect(screen.getByRole("status").textContent).toContain("Saved")
  vi.advanceTimersByTime(6_000)
  expect([there("Saved"), there("Muted")]).toEqual([false, true])
  vi.advanceTimersByTime(3_999)
  expect(there("Muted")).toBe(true)
  vi.advanceTimersByTime(1)
  expect(there("Muted")).toBe(false)
})

it("stands still while somebody points at it or is in it, and gives back at least two seconds", () => {
  say("Muted", { undo: () => undefined })
  vi.advanceTimersByTime(9_900)
  fireEvent.pointerEnter(line("Muted"))
  screen.getByRole("button", { name: "Undo" }).focus()
  fireEvent.pointerLeave(line("Muted"))
  vi.advanceTimersByTime(60_000)
  expect(there("Muted")).toBe(true)
  screen.getByRole("button", { name: "Undo" }).blur()
  vi.advanceTimersByTime(1_999)
  expect(there("Muted")).toBe(true)
  vi.advanceTimersByTime(1)
  expect(there("Muted")).toBe(false)
})

it("takes back once, by the button or by u, of the newest one", () => {
  const undone: Array<string> = []
  for (const name of ["first", "second", "third"]) say(name, { undo: () => undone.push(name) })
  fireEvent.keyDown(document.body, { key: "u" })
  expect(undone).toEqual(["third"])
  fireEvent.click(screen.getAllByRole("button", { name: "Undo" })[0]!)
  expect(undone).toEqual(["third", "first"])
  expect([there("first"), there("second"), there("third")]).toEqual([false, true, false])
})

it("shows three at most, the oldest gone, and can be taken away", () => {
  const end = ["one", "two", "three", "four"].map((text) => say(text)).at(-1)
  expect(["one", "two", "three", "four"].map(there)).toEqual([false, true, true, true])
  end?.()
  expect(there("four")).toBe(false)
})
