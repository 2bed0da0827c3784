/** One swap is taken back by a person: it turns while it can, ends where it cannot, and leaves its group whole. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { home } from "../../actors/_ports/world/stage.ts"
import { Desk, SwapAborted, swapAborted } from "../../schemas/approval.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import type { Entry } from "../../schemas/saga.ts"
import { SwapOrdered } from "../../schemas/swap.ts"
import { aDesk, anOpenPlan, aPolicy } from "../builders.ts"
import { assertClean } from "./clean.ts"
import { type SwapStage, through } from "./stage.ts"

/** The desk has heard that this swap is to turn back. */
const abort = (stage: SwapStage, entry: Entry) => {
  const order = decodeAs(SwapOrdered, entry.input)
  if (Result.isFailure(order)) throw new Error(order.failure.details)
  const { region, group, plan: hash, move } = order.success
  const { tenant, account } = home
  const about = { tenant, account, region, group, hash, swap: move.swap }
  const fact = new SwapAborted({ ...about, by: "ann", because: "she said so", at: stage.at })
  const flying = { swap: move.swap, zone: move.pool.zone, alone: true, stuck: false, abortedBy: "ann" }
  const plans = [anOpenPlan({ hash, inFlight: [flying] })]
  stage.say(swapAborted, fact, { schema: Desk, value: aDesk({ tenant, account, policy: aPolicy(), plans }) })
}

const whole = through().entries
const pivotAt = whole.find(({ committed }) => committed)?.n ?? 0

describe("a swap that is taken back", () => {
  it.each(
    whole
      .filter(({ n }) => n < whole.length)
      .map(({ n, phase, step, mark }) => ({ n, at: `${mark === "move" ? phase : mark} ${step}`.trim() }))
  )("at entry $n ($at) ends as the pivot allows, and its group is whole", ({ n }) => {
    const stage = through({}, (stage) => {
      stage.onEntry = (entry) => {
        if (entry.n === n) stage.sim.after(1, () => abort(stage, entry))
      }
    })
    // what is told just before the pivot may find it passed already
    const last = stage.entries.at(-1)
    assertClean(stage, n >= pivotAt ? ["Done"] : n >= pivotAt - 1 ? ["Done", "RolledBack"] : ["RolledBack", "Refused"])
    if (last?.phase === "RolledBack") assert.match(last.reason ?? "", /ann wants it turned back/)
  })
})
