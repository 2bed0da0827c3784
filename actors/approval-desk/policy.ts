/** The valve between a judged plan and its swaps: who must say yes, and what may leave when. It alone orders swaps. */
import {
  type AbortSwap,
  ApprovalRequested,
  type Desk,
  type GrantApproval,
  type OpenPlan,
  PlanClosed,
  PlanOpened,
  PolicySet,
  type RefuseApproval,
  type RetrySwap,
  StopSet,
  SwapAborted,
  SwapNoted,
  SwapRetried
} from "../../schemas/approval.ts"
import { accounts } from "../../schemas/catalogue.ts"
import type { Heard, Rules } from "../../schemas/decision.ts"
import { groupToken } from "../../schemas/group.ts"
import { instant } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { excludes, Policy, type SetPolicy, type SetStop } from "../../schemas/policy.ts"
import { poolToken } from "../../schemas/pool.ts"
import { planHash, productFloors, tighten } from "../../schemas/safe-plan.ts"
import { ResumeOrdered, type SwapOrdered, type SwapSettled } from "../../schemas/swap.ts"
import { approvalLifeMs, close, closings, laidAt } from "./closing.ts"
import { type DeskFact, emptyDesk, evolve, planOf, policyOf, refOf } from "./desk.ts"
import { type Approved, factOf, goersOf, modeOf, releases } from "./release.ts"

export type DeskMessage =
  | Approved
  | SwapSettled
  | GrantApproval
  | RefuseApproval
  | SetPolicy
  | SetStop
  | AbortSwap
  | RetrySwap
type Order = SwapOrdered | ResumeOrdered
type Said = DeskFact | Order

/** Codes that speak of a pool, and of nothing else, that it has none: another pool may. Source: EC2, "Error codes". */
const poolHasNone = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientCapacity",
  "UnfulfillableCapacity",
  "Unsupported",
  "SpotMaxPriceTooLow"
])

/** How long a stuck swap can be told to go on: the log remembers its order and its journal for 35 days. */
const retryLifeMs = 30 * 86_400_000

/** Moves that lie on one desk at a time, a plan counting as ten: its state travels in a message of at most 256 KiB. */
const movesMax = 1_500
const sizeOf = (plan: Pick<OpenPlan, "moves">) => 10 + plan.moves

/** The name under which a policy approves, or null where it asks a person. */
const approverOf = (desk: Desk, plan: Approved, heard: Heard): string | null => {
  const { approval, version } = policyOf(desk)
  if (modeOf(desk, heard) !== "act" || approval._tag === "manual") return null
  if (approval._tag === "auto") return `policy ${version}: auto`
  return plan.monthlySavings < approval.monthlyUsd * 1e6
    ? `policy ${version}: auto below $${approval.monthlyUsd} a month`
    : null
}

const nothingMoved = { done: 0, undone: 0, refusedPools: [] }

/** A plan of the enforcer's comes. One that was here before, or is older than what is here, changes nothing. */
const onApproved = (desk: Desk, plan: Approved, heard: Heard): ReadonlyArray<DeskFact> => {
  const here = planOf(desk, plan)
  const isOld = heard.at <= (desk.closedAt[groupToken(plan)] ?? -1)
  if (isOld || planHash(plan.plan) !== plan.hash || groupToken(plan.plan.ref) !== groupToken(plan)) return []
  if (here !== undefined && (here.status !== "pending" || here.hash === plan.hash || heard.at <= laidAt(here)))
    return []
  const { at } = heard
  const said: Array<DeskFact> = here === undefined ? [] : [close(here, "superseded", at)]
  const about = { ...refOf(plan), hash: plan.hash, at }
  const moves = plan.plan.moves.length
  const others = desk.plans.filter((one) => one !== here).reduce((sum, one) => sum + sizeOf(one), 0)
  const isFull = others > 0 && others + sizeOf({ moves }) > movesMax
  const isExcluded = excludes(policyOf(desk), plan.group, goersOf(plan))
  if (modeOf(desk, heard) === "observe" || isExcluded || isFull) {
    return [...said, new PlanClosed({ ...about, ...nothingMoved, because: "stopped" })]
  }
  const asked = { ...about, moves, monthlySavings: plan.monthlySavings, expiresAt: instant(at + approvalLifeMs) }
  const approvedBy = approverOf(desk, plan, heard)
  return [...said, approvedBy === null ? new ApprovalRequested(asked) : new PlanOpened({ ...asked, approvedBy })]
}

/** A yes counts for the very set that was shown, once it was shown and until it expires. */
const onGrant = (desk: Desk, { hash, by, ...grant }: GrantApproval, { at }: Heard): ReadonlyArray<DeskFact> => {
  const plan = planOf(desk, grant)
  if (plan?.status !== "pending" || plan.hash !== hash || at < laidAt(plan) || at >= plan.expiresAt) return []
  const { moves, monthlySavings, expiresAt } = plan
  return [new PlanOpened({ ...plan.ref, hash, moves, monthlySavings, approvedBy: by, expiresAt, at })]
}

/** A no ends what is pending; it also gives a stuck group free again, once a person has put it right. */
const onRefuse = (desk: Desk, refuse: RefuseApproval, { at }: Heard): ReadonlyArray<DeskFact> => {
  const plan = planOf(desk, refuse)
  const isAsked = plan?.status === "pending" || plan?.status === "stuck"
  return isAsked && plan.hash === refuse.hash && at >= laidAt(plan) ? [close(plan, "refused", at)] : []
}

/** Only a swap that we gave out and have not noted is news. A stuck one is noted again when it was resolved. */
const onSettled = (desk: Desk, settled: SwapSettled, { at }: Heard): ReadonlyArray<DeskFact> => {
  const plan = planOf(desk, settled)
  const swap = plan?.inFlight.find((one) => one.swap === settled.swap)
  if (plan === undefined || plan.hash !== settled.plan || swap === undefined) return []
  // told to go on since, it flies: that it had been stuck is old news
  if (settled.end === "stuck" && settled.at <= (swap.stuckAt ?? -1)) return []
  const refused = settled.end !== "done" && settled.code !== null && poolHasNone.has(settled.code)
  return [
    new SwapNoted({
      ...plan.ref,
      hash: plan.hash,
      swap: settled.swap,
      end: settled.end,
      code: settled.code,
      refusedPool: refused ? poolToken(settled.move.pool) : null,
      ...(settled.end === "stuck" ? { stuckAt: settled.at } : {}),
      at
    })
  ]
}

/** A newer version replaces an older one; of two with one version the first holds, as the second had not seen it. */
const onPolicy = (
  desk: Desk,
  { tenant, account, policy, by, because }: SetPolicy,
  { at }: Heard
): ReadonlyArray<DeskFact> => {
  if (desk.policy !== null && policy.version <= desk.policy.version) return []
  const floors = tighten(policy.floors, productFloors)
  const reason = because === undefined ? {} : { because }
  return [new PolicySet({ tenant, account, policy: new Policy({ ...policy, floors }), by, ...reason, at })]
}

/** Only what is under way can be turned back, and once; a stuck one waits for a person at its group, not here. */
const onAbort = (desk: Desk, { swap, by, because, ...abort }: AbortSwap, { at }: Heard): ReadonlyArray<DeskFact> => {
  const plan = planOf(desk, abort)
  const one = plan?.inFlight.find((flying) => flying.swap === swap)
  if (plan?.hash !== abort.hash || one === undefined || one.stuck || one.abortedBy !== undefined) return []
  return [new SwapAborted({ ...plan.ref, hash: plan.hash, swap, by, because, at })]
}

/** What got stuck then goes on, where something may be begun now: to go on takes calls, like a beginning. */
const onRetry = (desk: Desk, retry: RetrySwap, heard: Heard): ReadonlyArray<DeskFact> => {
  const { swap, stuckAt, by, because } = retry
  const plan = planOf(desk, retry)
  const one = plan?.inFlight.find((flying) => flying.swap === swap)
  if (plan?.hash !== retry.hash || one?.stuck !== true || one.stuckAt !== stuckAt) return []
  if (heard.at >= stuckAt + retryLifeMs) return []
  if (desk.stop !== "run" || modeOf(desk, heard) !== "act") return []
  const goers = factOf(plan, heard)?.plan.moves.flatMap((move) => (move.swap === swap ? [move.old] : []))
  if (excludes(policyOf(desk), plan.ref.group, goers)) return []
  return [new SwapRetried({ ...plan.ref, hash: plan.hash, swap, stuckAt, by, because, at: heard.at })]
}

/** The order that goes with a word to go on. */
const resumed = ({ tenant, account, region, group, swap, hash, stuckAt, by }: SwapRetried) =>
  new ResumeOrdered({ tenant, account, region, group, swap, plan: hash, stuckAt, by, signature: "" })

const strictness = { run: 0, pause: 1, halt: 2 } as const

/** The newest word counts; of two of the same instant the stricter one. */
const onStop = (desk: Desk, { tenant, account, stop, by, because, at }: SetStop): ReadonlyArray<DeskFact> => {
  const last = desk.stopAt ?? -1
  if (at < last || (at === last && strictness[stop] <= strictness[desk.stop])) return []
  return [new StopSet({ tenant, account, stop, by, because, at })]
}

const answer = (desk: Desk, message: DeskMessage, heard: Heard): ReadonlyArray<DeskFact> => {
  switch (message._tag) {
    case "PlanApproved":
    case "SafeAlternativeFound":
      return onApproved(desk, message, heard)
    case "GrantApproval":
      return onGrant(desk, message, heard)
    case "RefuseApproval":
      return onRefuse(desk, message, heard)
    case "SwapSettled":
      return onSettled(desk, message, heard)
    case "SetPolicy":
      return onPolicy(desk, message, heard)
    case "SetStop":
      return onStop(desk, message)
    case "AbortSwap":
      return onAbort(desk, message, heard)
    case "RetrySwap":
      return onRetry(desk, message, heard)
  }
}

/** Looks at the whole desk after what was said: closes what has ended, then lets out what may leave. */
const after = (desk: Desk, said: ReadonlyArray<DeskFact>, heard: Heard, fresh?: Approved): ReadonlyArray<Said> => {
  const told = said.reduce<Desk>(evolve, desk)
  const ended = closings(told, heard, fresh)
  const again = said.filter((fact) => fact._tag === "SwapRetried").map(resumed)
  return [...said, ...again, ...ended, ...releases(ended.reduce<Desk>(evolve, told), heard, fresh)]
}

const decide = (state: Desk | undefined, message: DeskMessage, heard: Heard): ReadonlyArray<Said> => {
  const desk = state ?? emptyDesk(message)
  const owner = heard.book.get(accounts, key(message.account))?.value.tenant
  // what another tenant says about this account is not heard at all
  if (message.tenant !== desk.tenant || (owner !== undefined && owner !== message.tenant)) return []
  const fresh = message._tag === "PlanApproved" || message._tag === "SafeAlternativeFound" ? message : undefined
  return after(desk, answer(desk, message, heard), heard, fresh)
}

export const rules: Rules<Desk, DeskMessage, DeskFact, Order> = {
  decide,
  evolve,
  wake: (desk, heard) => after(desk, [], heard)
}
