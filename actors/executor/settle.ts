/** How a swap ended, as the fact that everybody else hears, from the last entry of its journal. */
import type { Order } from "../../bus/order.ts"
import { type Instant, instant, InstanceId, microUsd } from "../../schemas/ids.ts"
import type { Entry, JournalUnreadable, Phase } from "../../schemas/saga.ts"
import { type SwapOrdered, SwapSettled, type SwapEnd } from "../../schemas/swap.ts"

const endOf: Partial<Record<Phase, typeof SwapEnd.Type>> = {
  Done: "done",
  RolledBack: "undone",
  Refused: "refused",
  Stuck: "stuck"
}

/** A swap of which nobody can say how far it is: whatever of it is in the account, a person has to look at. */
export const lostTrack = (input: SwapOrdered, no: JournalUnreadable, at: Instant): SwapSettled => {
  const { tenant, account, region, group, move, plan } = input
  const nothing = { replacement: null, hourlySavings: microUsd(0), startedAt: at, at }
  const why = { end: "stuck" as const, code: no._tag, reason: no.message }
  return new SwapSettled({ tenant, account, region, group, swap: move.swap, plan, move, ...why, ...nothing })
}

/** A swap whose replacement is gone at the end is done, and saves nothing: the group has put on-demand in its place. */
export const settled = ({ input }: Order<SwapOrdered>, ending: Entry): SwapSettled => {
  const { tenant, account, region, group, move, plan } = input
  const end = endOf[ending.phase]
  if (end === undefined) throw new Error(`${ending.phase} is no ending`)
  const made = ending.made["launch"]
  const lost = end === "done" && ending.made["kept"] === false
  const saves = end === "done" && !lost ? move.onDemandPerHour - move.spotPerHour : 0
  return new SwapSettled({
    tenant,
    account,
    region,
    group,
    swap: move.swap,
    plan,
    end,
    code: lost ? "ReplacementDied" : ending.code,
    reason: lost ? "the replacement was taken after the old one had gone" : ending.reason,
    move,
    replacement: end === "done" && !lost && typeof made === "string" ? InstanceId.make(made) : null,
    hourlySavings: microUsd(saves / 1e6),
    startedAt: ending.startedAt,
    at: instant(ending.at)
  })
}
