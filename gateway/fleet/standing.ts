/** Why a group is as it is: what is planned of it, what is waited for, or why it is left alone. */
import type { GroupView } from "../../schemas/api/fleet.ts"
import type { OpenPlan } from "../../schemas/approval.ts"
import { desks, outlooks } from "../../schemas/catalogue.ts"
import { type GroupSeen, groupToken } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { spotProposed } from "../../schemas/proposal.ts"
import { factIn } from "../facts.ts"
import type { Moment } from "../rows.ts"
import { count, money } from "../shown/phrase.ts"
import { groupTokenOf } from "./tokens.ts"

export interface Standing {
  readonly because: (typeof GroupView.Type)["because"]
  readonly details: string
  /** Of the plan on the desk, else of the newest proposal; micro-dollars a month. */
  readonly monthlySavings: number
  readonly inFlight: number
}

const plannedWords = ({ status, moves, done, undone, inFlight }: OpenPlan): string => {
  const far = `${done} of ${count(moves, "move")} done, ${inFlight.length} under way, ${undone} turned back`
  if (status === "stuck")
    return `${far}; a swap is stuck: a person must look at it, then it is told to go on or its plan is rejected`
  return status === "closing" ? `${far}; nothing more of it is released` : far
}

/** The plan that lies on the desk for a group. */
export const planOn = (moment: Moment, group: GroupSeen): OpenPlan | undefined => {
  const token = groupTokenOf(group)
  const desk = moment.get(desks, key(group.account))?.value
  return desk?.tenant === group.tenant ? desk.plans.find(({ ref }) => groupToken(ref) === token) : undefined
}

export const standingOf = (moment: Moment, group: GroupSeen): Standing => {
  const plan = planOn(moment, group)
  if (plan !== undefined) {
    const { monthlySavings } = plan
    const isPending = plan.status === "pending"
    const waits = `${count(plan.moves, "move")} wait for a person's yes and would save ${money(monthlySavings)} a month`
    return {
      because: isPending ? "awaiting-approval" : "planned",
      details: isPending ? waits : plannedWords(plan),
      monthlySavings,
      inFlight: plan.inFlight.length
    }
  }
  const row = moment.get(outlooks, groupTokenOf(group))
  if (row === undefined || row.value.ref.tenant !== group.tenant) {
    return { because: "unseen", details: "not looked at yet: the next look decides", monthlySavings: 0, inFlight: 0 }
  }
  const { alone, details, monthlySavings } = row.value
  if (alone !== null) return { because: alone, details, monthlySavings: 0, inFlight: 0 }
  const moves = factIn(row, spotProposed)?.plan.moves.length ?? 0
  const judged = `${count(moves, "move")} proposed; the safety enforcer judges them next`
  return { because: "planned", details: judged, monthlySavings, inFlight: 0 }
}
