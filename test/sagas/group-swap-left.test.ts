/** A tenant who leaves hurts nothing: no swap begins in his account, and one that has begun ends by its own rules. */
import { assert, describe, it } from "@effect/vitest"
import { swapSettled } from "../../schemas/swap.ts"
import { assertClean } from "./clean.ts"
import { entriesOf, struckAt, through } from "./runs.ts"

describe("an account that is disconnected", () => {
  it("before the order: nothing is begun or changed, and it is said why", () => {
    const stage = through({}, (stage) => stage.disconnect())
    const [settled] = stage.said(swapSettled)
    assert.deepInclude({ ...settled }, { end: "refused", code: "Disconnected", replacement: null })
    assert.strictEqual(stage.writes.length, 0)
  })

  it.each(entriesOf(through()))("at entry $n ($at): the swap goes on to its end", ({ n }) => {
    assertClean(
      struckAt(n, (stage) => stage.disconnect()),
      ["Done"]
    )
  })
})
