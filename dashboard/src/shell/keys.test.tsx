/** Keys: pairs, the newest claim, and silence while somebody writes or is being asked. */
import { cleanup, fireEvent, render } from "@solidjs/testing-library"
import { createSignal, Show } from "solid-js"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { useKeyboard, useKeys } from "./keys.ts"

let done: Array<string> = []
const claim = (key: string, word = key) => ({ key, says: word, act: () => done.push(word) })
const [isPageOpen, setPageOpen] = createSignal(false)

const Page = () => {
  useKeys([claim("p", "the page's p"), claim("a")])
  return <p>page</p>
}
const Shell = () => {
  useKeyboard()
  useKeys([claim("p", "the shell's p"), claim("g o"), claim("o"), claim("Ctrl K")])
  return (
    <>
      <input aria-label="words" />
      <Show when={isPageOpen()}>
        <Page />
      </Show>
    </>
  )
}
const press = (key: string, more: KeyboardEventInit = {}, on: Element = document.body) =>
  fireEvent.keyDown(on, { key, bubbles: true, ...more })

beforeEach(() => {
  done = []
  setPageOpen(false)
  render(() => <Shell />)
})
afterEach(() => {
  cleanup()
  document.querySelector("dialog")?.remove()
})

describe("keys", () => {
  it("take two in a row for one, and the second alone for itself", () => {
    press("g")
    press("o")
    press("o")
    expect(done).toEqual(["g o", "o"])
  })
  it("belong to the page while it is open, and to the shell again afterwards", () => {
    setPageOpen(true)
    press("p")
    setPageOpen(false)
    press("p")
    press("a")
    expect(done).toEqual(["the page's p", "the shell's p"])
  })
  it("are letters while somebody writes, but for the palette", () => {
    const field = document.querySelector("input") ?? document.body
    press("p", {}, field)
    press("k", { ctrlKey: true }, field)
    expect(done).toEqual(["Ctrl K"])
  })
  it("are the dialog's while one is open", () => {
    const dialog = document.createElement("dialog")
    dialog.setAttribute("open", "")
    document.body.append(dialog)
    press("p")
    expect(done).toEqual([])
  })
  it("leave the browser its own", () => {
    press("p", { ctrlKey: true })
    press("a", { metaKey: true })
    expect(done).toEqual([])
  })
})
