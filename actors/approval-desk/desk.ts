/** What the desk remembers of an account: each of its own facts folded in. */
import {
  type ApprovalRequested,
  Desk,
  OpenPlan,
  type PlanClosed,
  type PlanOpened,
  type PolicySet,
  type StopSet,
  type SwapAborted,
  type SwapNoted,
  type SwapRetried,
  type SwapsReleased
} from "../../schemas/approval.ts"
import { GroupRef, groupToken } from "../../schemas/group.ts"
import type { AccountId, Digest, Instant, TenantId } from "../../schemas/ids.ts"
import { productPolicy } from "../../schemas/policy.ts"

export type DeskFact =
  | ApprovalRequested
  | PlanOpened
  | SwapsReleased
  | SwapAborted
  | SwapNoted
  | SwapRetried
  | PlanClosed
  | PolicySet
  | StopSet

/** The last releases are kept by number, not by age, so that a longer window set later still finds them. */
const brakeMemory = 100
/** Groups whose last closing is remembered, newest first: with the plans it keeps the state under a message's limit. */
const closingsMax = 400

export const emptyDesk = (whose: { readonly tenant: TenantId; readonly account: AccountId }): Desk =>
  new Desk({
    tenant: whose.tenant,
    account: whose.account,
    policy: null,
    stop: "run",
    plans: [],
    releasedAt: [],
    closedAt: {}
  })

/** The account's wishes, or the product's where nobody wished. */
export const policyOf = (desk: Desk) => desk.policy ?? productPolicy

type GroupLike = Pick<GroupRef, "tenant" | "account" | "region" | "group">
export const refOf = ({ tenant, account, region, group }: GroupLike) => new GroupRef({ tenant, account, region, group })

/** The plan that lies on the desk for a group: there is never a second one. */
export const planOf = (desk: Desk, ref: GroupLike): OpenPlan | undefined =>
  desk.plans.find((plan) => isAbout(plan, ref))

const isAbout = ({ ref }: OpenPlan, other: GroupLike) => ref.group === other.group && ref.region === other.region

const change = (desk: Desk, about: GroupLike & { readonly hash: Digest }, how: (plan: OpenPlan) => OpenPlan): Desk => {
  const plan = planOf(desk, about)
  if (plan?.hash !== about.hash) return desk
  return new Desk({ ...desk, plans: desk.plans.map((one) => (one === plan ? how(plan) : one)) })
}

const laid = (desk: Desk, fact: ApprovalRequested | PlanOpened): Desk => {
  const plan = new OpenPlan({
    ref: refOf(fact),
    hash: fact.hash,
    status: fact._tag === "PlanOpened" ? "open" : "pending",
    moves: fact.moves,
    monthlySavings: fact.monthlySavings,
    approvedBy: fact._tag === "PlanOpened" ? fact.approvedBy : null,
    expiresAt: fact.expiresAt,
    inFlight: [],
    released: [],
    canaryPassed: false,
    done: 0,
    undone: 0,
    refusedPools: []
  })
  const at = desk.plans.findIndex((one) => isAbout(one, fact))
  return new Desk({ ...desk, plans: at < 0 ? [...desk.plans, plan] : desk.plans.with(at, plan) })
}

const given = (desk: Desk, fact: SwapsReleased): Desk => {
  const kept = Math.max(policyOf(desk).swapsPerWindow, brakeMemory)
  const next = change(desk, fact, (plan) => {
    const swaps = fact.swaps.map((one) => ({ ...one, alone: fact.alone, stuck: false }))
    return new OpenPlan({
      ...plan,
      inFlight: [...plan.inFlight, ...swaps],
      released: [...plan.released, ...fact.swaps.map((one) => one.swap)]
    })
  })
  return new Desk({ ...next, releasedAt: [...next.releasedAt, ...fact.swaps.map(() => fact.at)].slice(-kept) })
}

const aborted = (desk: Desk, fact: SwapAborted): Desk =>
  change(desk, fact, (plan) => {
    const mark = (one: OpenPlan["inFlight"][number]) => (one.swap === fact.swap ? { ...one, abortedBy: fact.by } : one)
    return new OpenPlan({ ...plan, inFlight: plan.inFlight.map(mark) })
  })

const noted = (desk: Desk, fact: SwapNoted): Desk =>
  change(desk, fact, (plan) => {
    const isDone = fact.end === "done"
    const wasStuck = plan.inFlight.some((one) => one.swap === fact.swap && one.stuck)
    const isStuck = fact.end === "stuck"
    const mark = (one: OpenPlan["inFlight"][number]) =>
      one.swap === fact.swap ? { ...one, stuck: true, stuckAt: fact.stuckAt ?? fact.at } : one
    const pools = fact.refusedPool === null ? plan.refusedPools : [...plan.refusedPools, fact.refusedPool]
    return new OpenPlan({
      ...plan,
      // one failure ends the plan's releases: what remains needs a new plan and a new approval
      status: isDone || plan.status !== "open" ? plan.status : "closing",
      inFlight: isStuck ? plan.inFlight.map(mark) : plan.inFlight.filter((one) => one.swap !== fact.swap),
      // only the canary flies before the canary has passed
      canaryPassed: plan.canaryPassed || isDone,
      done: plan.done + (isDone ? 1 : 0),
      // a stuck one was counted as not done; where a person brought it through after all, it is moved over
      undone: plan.undone + (wasStuck ? (isDone ? -1 : 0) : isDone ? 0 : 1),
      refusedPools: [...new Set(pools)]
    })
  })

/** It flies again: what was counted for its getting stuck is taken back, and its plan ends when it does. */
const retried = (desk: Desk, fact: SwapRetried): Desk =>
  change(desk, fact, (plan) => {
    // a wish to turn it back was for the flight that got stuck
    const again = ({ abortedBy: _, ...one }: OpenPlan["inFlight"][number]) => ({ ...one, stuck: false })
    return new OpenPlan({
      ...plan,
      status: "closing",
      inFlight: plan.inFlight.map((one) => (one.swap === fact.swap ? again(one) : one)),
      undone: plan.undone - 1
    })
  })

const closed = (desk: Desk, fact: PlanClosed): Desk => {
  const token = groupToken(fact)
  const { [token]: _, ...others } = desk.closedAt
  const closedAt = Object.fromEntries(
    [[token, fact.at] as [string, Instant], ...Object.entries(others).sort(([, a], [, b]) => b - a)].slice(
      0,
      closingsMax
    )
  )
  const staysStuck = fact.because === "stuck"
  const next = staysStuck ? change(desk, fact, (plan) => new OpenPlan({ ...plan, status: "stuck" })) : desk
  const isIt = (plan: OpenPlan) => plan.hash === fact.hash && isAbout(plan, fact)
  return new Desk({ ...next, closedAt, plans: staysStuck ? next.plans : next.plans.filter((plan) => !isIt(plan)) })
}

/** Folds one fact in. Facts arrive in the order in which the desk said them. */
export const evolve = (state: Desk | undefined, fact: DeskFact): Desk => {
  const desk = state ?? emptyDesk(fact)
  switch (fact._tag) {
    case "PolicySet":
      return new Desk({ ...desk, policy: fact.policy })
    case "StopSet":
      return new Desk({ ...desk, stop: fact.stop, stopAt: fact.at })
    case "ApprovalRequested":
    case "PlanOpened":
      return laid(desk, fact)
    case "SwapsReleased":
      return given(desk, fact)
    case "SwapAborted":
      return aborted(desk, fact)
    case "SwapNoted":
      return noted(desk, fact)
    case "SwapRetried":
      return retried(desk, fact)
    case "PlanClosed":
      return closed(desk, fact)
  }
}
