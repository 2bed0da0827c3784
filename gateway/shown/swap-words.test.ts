/** How entries of a journal are told: what the saga did, or who has it now, and never that a stuck one goes on. */
import { assert, it } from "@effect/vitest"
import { journalOf, orderOf, type Turn, wholeJourney } from "../../test/gateway/swaps.ts"
import { journalWords } from "./swap-words.ts"

const whose = { tenant: "acme", account: "111122223333", n: 1 }
const told = (turn: Turn) => {
  const stuck: ReadonlyArray<Turn> = [
    ...wholeJourney.slice(0, 12),
    ["Stuck", "retire", { code: "Denied", reason: "no" }]
  ]
  const entry = journalOf(whose, orderOf(whose, "swap-1", 1), [...stuck, turn]).at(-1)!
  return [journalWords.says(entry), journalWords.severity?.(entry)]
}

it("a stuck swap that is told to go on goes on, or stays stuck where nothing may begin, and says why", () => {
  const resumed = { mark: "resumed", code: null, reason: null } as const
  const [goes, gravity] = told(["Commit", "retire", resumed])
  assert.match(`${goes}`, /^Swap swap-1 was stuck and goes on by /)
  assert.strictEqual(gravity, "warning")
  const halted = { mark: "resumed", code: "Halted", reason: "the account is halted" } as const
  const [stays, grave] = told(["Stuck", "retire", halted])
  assert.match(`${stays}`, /^Swap swap-1 is stuck and needs a person: .+ \(the account is halted\)\.$/)
  assert.strictEqual(grave, "critical")
})
