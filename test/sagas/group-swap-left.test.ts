/** A tenant who leaves hurts nothing: no swap begins in his account, and one that has begun ends by its own rules. */
import { assert, describe, it } from "@effect/vitest"
import { swapSettled } from "../../schemas/swap.ts"
import { assertClean } from "./clean.ts"
import { through } from "./stage.ts"

describe("an account that is disconnected", () => {
  it("before the order: nothing is begun or changed, and it is said why", () => {
    const stage = through({}, (stage) => stage.disconnect())
    const [settled] = stage.said(swapSettled)
    assert.deepInclude({ ...settled }, { end: "refused", code: "Disconnected", replacement: null })
    assert.strictEqual(stage.world.ground.rows.writes.rows.size, 0)
  })

  const moves = through().entries.filter(({ n }, _, all) => n < all.length)
  it.each(moves.map(({ n, phase, step, mark }) => ({ n, at: `${mark === "move" ? phase : mark} ${step}`.trim() })))(
    "at entry $n ($at): the swap goes on to its end",
    ({ n }) => {
      const stage = through({}, (stage) => {
        stage.onEntry = (entry) => {
          if (entry.n === n) stage.sim.after(1, () => stage.disconnect())
        }
      })
      assertClean(stage, ["Done"])
    }
  )
})
