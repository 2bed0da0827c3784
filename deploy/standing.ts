/** How the house stands: who is connected, what is open, which group is done with and why, what is left to do. */
import type { OpenPlan } from "../schemas/approval.ts"
import type { Book } from "../schemas/decision.ts"
import { accounts, desks, groups, outlooks, pools } from "../schemas/catalogue.ts"
import { groupToken, type GroupSeen, sweepDone } from "../schemas/group.ts"
import { key } from "../schemas/key.ts"
import type { AloneBecause } from "../schemas/proposal.ts"

export const consulted = [accounts, desks, groups, outlooks, pools]
export const remarked = [sweepDone]

export interface GroupStanding {
  readonly account: string
  readonly region: string
  readonly group: string
  readonly members: number
  readonly spot: number
  readonly onDemand: number
  /** Where nothing more is to be done: why, and what would alter it. */
  readonly because: typeof AloneBecause.Type | "awaiting-approval" | "planned" | "unseen"
  readonly details: string
}

export interface Standing {
  readonly tenants: number
  readonly accounts: number
  readonly refusedAccounts: ReadonlyArray<{ readonly account: string; readonly reason: string }>
  readonly groups: ReadonlyArray<GroupStanding>
  readonly instances: number
  readonly inFlight: number
  readonly openPlans: number
  /** Plans that wait for a person's yes, and what they would save, in millionths of a US dollar a month. */
  readonly awaiting: { readonly plans: number; readonly monthlySavings: number }
  readonly isSettled: boolean
}

/** Members that are paid by the hour, in all groups. */
export const onDemandIn = ({ groups }: Pick<Standing, "groups">): number =>
  groups.reduce((sum, { onDemand }) => sum + onDemand, 0)

/** Something is still to come of these by itself. */
const unsettled: ReadonlySet<string> = new Set(["planned", "unseen", "awaiting-sweep"])
export const isSettled = ({ because }: GroupStanding): boolean => !unsettled.has(because)

const membersOf = ({ members }: GroupSeen) => {
  const there = members.filter(({ state }) => state === "InService" || state.startsWith("Pending"))
  const spot = there.filter(({ lifecycle }) => lifecycle === "spot").length
  return { members: there.length, spot, onDemand: there.length - spot }
}

const waits = ({ moves, monthlySavings }: OpenPlan) =>
  `${moves} moves wait for a person's yes and would save $${(monthlySavings / 1e6).toFixed(2)} a month`

const groupStanding = (book: Book, seen: GroupSeen): GroupStanding => {
  const about = groupToken(seen)
  const { account, region, group } = seen
  const outlook = book.get(outlooks, about)?.value
  const plan = book.get(desks, key(account))?.value.plans.find(({ ref }) => groupToken(ref) === about)
  const base = { account, region, group, ...membersOf(seen) }
  if (plan?.status === "pending") {
    return { ...base, because: "awaiting-approval", details: waits(plan) }
  }
  if (plan !== undefined || outlook === undefined || outlook.alone === null) {
    return { ...base, because: outlook === undefined ? "unseen" : "planned", details: "" }
  }
  return { ...base, because: outlook.alone, details: outlook.details }
}

/** Every region of every account that answers was swept, and every group in them has a reason to be left as it is. */
export const standingOf = (book: Book, expectedAccounts: number): Standing => {
  const known = book.all(accounts).map(([, { value }]) => value)
  const refused = known.filter(({ status }) => status === "refused")
  const connected = known.filter(({ status }) => status === "connected")
  const isSwept = connected.every(({ account, regions }) =>
    regions.every((region) => book.remark(sweepDone, key(account, region)) !== undefined)
  )
  const left = new Set(known.filter(({ status }) => status === "disconnected").map(({ account }) => account))
  const read = book.all(groups).filter(([, { value }]) => !left.has(value.account))
  const all = read.map(([, { value }]) => groupStanding(book, value))
  const plans = book.all(desks).flatMap(([, { value }]) => value.plans)
  const pending = plans.filter(({ status }) => status === "pending")
  const monthlySavings = pending.reduce((sum, plan) => sum + plan.monthlySavings, 0)
  const isDone = all.every(isSettled)
  return {
    tenants: new Set(known.map(({ tenant }) => tenant)).size,
    accounts: known.length,
    refusedAccounts: refused.map(({ account, reason }) => ({ account, reason: reason ?? "" })),
    groups: all,
    instances: all.reduce((sum, { members }) => sum + members, 0),
    inFlight: plans.reduce((sum, { inFlight }) => sum + inFlight.length, 0),
    openPlans: plans.length - pending.length,
    awaiting: { plans: pending.length, monthlySavings },
    isSettled: known.length >= expectedAccounts && isSwept && isDone
  }
}
