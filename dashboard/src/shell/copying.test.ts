/** Copying says what came of it, also where the browser has no clipboard to copy to. */
import { createRoot } from "solid-js"
import { afterEach, expect, it, vi } from "vitest"
import { byHand, copyText, useCopying } from "./copying.ts"

afterEach(() => vi.unstubAllGlobals())

it("says so on a page without a clipboard, as one that came without encryption has none", async () => {
  vi.stubGlobal("navigator", {})
  expect(await copyText("x")).toBe(false)
  const copying = createRoot(() => useCopying(byHand))
  copying.copy("x")
  await vi.waitFor(() => expect(copying.says()).toBe("The browser did not allow copying: select it by hand"))
})

it("names what was copied", async () => {
  const written: Array<string> = []
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void written.push(text) } })
  const copying = createRoot(() => useCopying())
  copying.copy("curl x", "Command")
  await vi.waitFor(() => expect(copying.says()).toBe("Command copied"))
  expect(written).toEqual(["curl x"])
})
