/** What people write for others to read is legible: nothing hidden stands in it, and every script does. */
import { assert, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { decodeAs } from "../envelope.ts"
import { named, Reason } from "./page.ts"

const name = named(40)

it.each(["ada", "Zoë Müller", "日本", "O'Neil & Sons, Ltd.", "می‌خواهم", "🧑‍💻 on call", "☺️"])(
  "%j is a name",
  (text) => {
    assert.isTrue(Schema.is(name)(text))
  }
)

it.each([
  "",
  "a\u0000b",
  "a\nb",
  "a\u001b[31mred",
  "eve\u202egpj",
  "a\u200bb",
  "\ufeffa",
  "a\u0085b",
  "a\u2066b",
  "a\u00adb",
  "\u2800",
  "\u3164",
  "a\ud800b",
  "a\u{e0041}",
  " ",
  "a".repeat(41)
])("%j is none", (text) => {
  assert.isFalse(Schema.is(name)(text))
})

it("a reason may have lines, and nothing else that is hidden; the refusal says what to leave out", () => {
  assert.isTrue(Schema.is(Reason)("the canary failed\nand so did the next"))
  assert.isFalse(Schema.is(Reason)(" ".repeat(12)))
  const no = decodeAs(Reason, "it rings a bell \u0007")
  assert.match(Result.isFailure(no) ? no.failure.details : "", /leave out control characters/)
})
