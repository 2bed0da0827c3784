/** What the command line shows of other people's words cannot steer the terminal that it is read on. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { clean, tableOf } from "./print.ts"

const bold = "\u001b[1m"
const hostile = "a\u001b[2J\u009b31m\r\nb\u202ec\u2066d\u0007"

describe("words from elsewhere", () => {
  it.prop(
    "hold no control character once they are shown, but for our own bold and dim",
    { text: Schema.String },
    (one) => {
      for (const text of [one.text, hostile, `${hostile}${one.text}`]) {
        const left = ["0", "1", "2"].reduce((shown, n) => shown.replaceAll(`\u001b[${n}m`, ""), clean(text))
        assert.notMatch(left, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }
    }
  )

  it("keep what is ours, and every letter of theirs", () => {
    assert.strictEqual(clean(`${bold}ä\u{1f600} ½`), `${bold}ä\u{1f600} ½`)
  })

  it("stay in their row of a table", () => {
    const table = tableOf([{ name: "NAME", of: (text: string) => text }], [hostile, "x"])
    assert.lengthOf(table.split("\n"), 3)
    assert.notInclude(table, "\u001b[2J")
  })
})
