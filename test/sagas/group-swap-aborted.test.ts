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
import { endingsAt, entriesOf, struckAt, through } from "./runs.ts"
import type { SwapStage } from "./stage.ts"

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

const whole = through()

describe("a swap that is taken back", () => {
  it.each(entriesOf(whole))("at entry $n ($at) ends as the pivot allows, and its group is whole", ({ n }) => {
    const stage = struckAt(n, abort)
    const last = stage.entries.at(-1)
    assertClean(stage, endingsAt(whole, n, ["RolledBack", "Refused"]))
    if (last?.phase === "RolledBack") assert.match(last.reason ?? "", /ann wants it turned back/)
  })
})
