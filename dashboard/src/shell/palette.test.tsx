/** The palette by keyboard: what the arrows come to is in sight. */
import { cleanup, fireEvent, screen } from "@solidjs/testing-library"
import { afterEach, expect, it, vi } from "vitest"
import { renderAt } from "../parts/router.test-bed.tsx"
import Palette from "./palette.tsx"

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it("brings the row that the arrows come to into sight", () => {
  const seen: Array<string> = []
  vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    seen.push(this.querySelector("span")?.textContent ?? "")
  })
  renderAt("/", () => <Palette onClose={() => undefined} />)
  const field = screen.getByRole("combobox", { hidden: true })
  fireEvent.keyDown(field, { key: "ArrowUp" })
  expect(seen.at(-1)).toBe("Settings")
  fireEvent.keyDown(field, { key: "ArrowDown" })
  expect(seen.at(-1)).toBe("Dashboard")
})
