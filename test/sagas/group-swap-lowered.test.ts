/** A mode that is lowered is no accident: nothing begins, what has begun turns back while it can and ends where not. */
import { assert, describe, it } from "@effect/vitest"
import { swapSettled } from "../../schemas/swap.ts"
import { assertClean } from "./clean.ts"
import { endingsAt, entriesOf, struckAt, through } from "./runs.ts"

const whole = through()

describe.each(["observe", "recommend"] as const)("an account that is lowered to %s", (mode) => {
  it("before the order: nothing is begun or changed, and it is said why", () => {
    const stage = through({}, (stage) => stage.mode(mode))
    const [settled] = stage.said(swapSettled)
    assert.deepInclude({ ...settled }, { end: "refused", code: "NotActing", replacement: null })
    assert.match(settled?.reason ?? "", new RegExp(`in mode ${mode}`))
    assert.deepStrictEqual(
      stage.entries.map(({ phase }) => phase),
      ["Refused"]
    )
    assert.strictEqual(stage.writes.length, 0)
  })

  it.each(entriesOf(whole))("at entry $n ($at): the swap ends as the pivot allows, and its group is whole", ({ n }) => {
    const stage = struckAt(n, (stage) => stage.mode(mode))
    const last = stage.entries.at(-1)
    assertClean(stage, endingsAt(whole, n))
    if (last?.phase === "RolledBack") assert.match(last.reason ?? "", new RegExp(`in mode ${mode}`))
  })

  it("while its swap is turning back for another reason: it turns back all the way", () => {
    const stage = through({}, (stage) => {
      stage.onEntry = ({ phase, step }) => {
        if (phase === "Outcome" && step === "attach") stage.sim.after(1, () => stage.stop("halt"))
        if (phase === "Undo" && step === "attach") stage.mode(mode)
      }
    })
    assertClean(stage, ["RolledBack"], { code: "Halted" })
  })
})

it("a holder that dies under a lowered mode is followed by one that turns the swap back", () => {
  const stage = through({}, (stage) => {
    stage.onEntry = ({ phase, step, mark }, proc) => {
      if (phase !== "Intent" || step !== "bake" || mark !== "move") return
      stage.mode("observe")
      proc.kill()
    }
  })
  assertClean(stage, ["RolledBack"], { code: "Halted" })
})
