/** Which plans end now, and why: a plan is closed as soon as nothing of it is in flight and nothing more may leave. */
import { type Desk, type OpenPlan, PlanClosed } from "../../schemas/approval.ts"
import { judgements } from "../../schemas/catalogue.ts"
import type { Heard } from "../../schemas/decision.ts"
import { groupToken } from "../../schemas/group.ts"
import type { Instant } from "../../schemas/ids.ts"
import { excludes } from "../../schemas/policy.ts"
import { policyOf } from "./desk.ts"
import { type Approved, factOf, goersOf, modeOf } from "./release.ts"

/** The product's number: what was shown a day ago rests on yesterday's prices and scores. */
export const approvalLifeMs = 24 * 3_600_000
/** How long the copy of the enforcer's rows may lag behind the message that told us of one. */
const copyLagMs = 60_000

type Because = PlanClosed["because"]

export const close = (plan: OpenPlan, because: Because, at: Instant) =>
  new PlanClosed({
    ...plan.ref,
    hash: plan.hash,
    because,
    done: plan.done,
    undone: plan.undone,
    refusedPools: plan.refusedPools,
    at
  })

/** When the plan came to the desk: an earlier word of the enforcer is a copy that lags behind. */
export const laidAt = (plan: OpenPlan): number => plan.expiresAt - approvalLifeMs

const isSuperseded = (plan: OpenPlan, heard: Heard, fresh?: Approved) => {
  if (factOf(plan, heard, fresh) !== undefined) return false
  const row = heard.book.get(judgements, groupToken(plan.ref))
  return row === undefined ? heard.at - laidAt(plan) > copyLagMs : row.at >= laidAt(plan)
}

const whyNow = (desk: Desk, plan: OpenPlan, heard: Heard, fresh?: Approved): Because | undefined => {
  const flying = plan.inFlight.filter((one) => !one.stuck).length
  if (flying > 0) return undefined
  const stuck = plan.inFlight.length
  if (plan.status === "stuck") return stuck === 0 ? "a-swap-failed" : undefined
  if (plan.status === "closing") return stuck > 0 ? "stuck" : desk.stop === "halt" ? "stopped" : "a-swap-failed"
  if (plan.status === "open" && plan.done >= plan.moves) return "complete"
  if (heard.at >= plan.expiresAt) return "expired"
  const fact = factOf(plan, heard, fresh)
  if (modeOf(desk, heard) === "observe" || excludes(policyOf(desk), plan.ref.group, goersOf(fact))) return "stopped"
  return isSuperseded(plan, heard, fresh) ? "superseded" : undefined
}

/** The plans that end now. */
export const closings = (desk: Desk, heard: Heard, fresh?: Approved): ReadonlyArray<PlanClosed> =>
  desk.plans.flatMap((plan) => {
    const because = whyNow(desk, plan, heard, fresh)
    return because === undefined ? [] : [close(plan, because, heard.at)]
  })
