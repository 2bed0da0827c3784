/** What a person sees of a run: in place on a terminal, seldom elsewhere, and nothing that happened is ever lost. */
import { assert, it } from "@effect/vitest"
import { screenOn } from "./screen.ts"

const on = (terminal: { readonly isTTY?: boolean; readonly columns?: number }) => {
  let text = ""
  let now = 0
  const screen = screenOn({ ...terminal, write: (more) => (text += more) }, () => now)
  return { screen, text: () => text, wait: (ms: number) => (now += ms) }
}

/** What such a terminal shows in the end: a return goes back, the code after it clears the line. */
const shown = (text: string) => text.split("\n").map((line) => line.split("\r\u001b[2K").at(-1))

it("keeps one line up to date on a terminal, below all that happened", () => {
  const { screen, text } = on({ isTTY: true, columns: 40 })
  screen.say("starting")
  for (let i = 1; i <= 3; i++) screen.progress(`  ${i} of 3 swaps done`)
  screen.say("one was turned back")
  screen.progress(`done ${"x".repeat(100)}`)
  screen.rest()
  screen.say("end")
  assert.deepStrictEqual(shown(text()), ["starting", "one was turned back", `done ${"x".repeat(34)}`, "end", ""])
})

it("takes a terminal that does not tell its width for one of 80 columns", () => {
  const { screen, text } = on({ isTTY: true, columns: 0 })
  screen.progress("x".repeat(200))
  assert.strictEqual(shown(text())[0]?.length, 79)
})

it("says how far it has come every five seconds where lines stay, and what happened at once", () => {
  const { screen, text, wait } = on({})
  for (let second = 0; second < 11; second++, wait(1_000)) screen.progress(`${second} s`)
  screen.say("chaos")
  screen.rest()
  assert.deepStrictEqual(text().split("\n"), ["0 s", "5 s", "10 s", "chaos", ""])
})
