/** The Spot optimizer: what could safely become Spot in a group, or why it is left alone. */
import { Duration } from "effect"
import type { PlanClosed } from "../../schemas/approval.ts"
import { desks, pools } from "../../schemas/catalogue.ts"
import type { Heard, Rules } from "../../schemas/decision.ts"
import { GroupRef, groupToken } from "../../schemas/group.ts"
import { type Instant, instant, microUsd } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { marketOf } from "../../schemas/market.ts"
import { GroupLeftAlone, Outlook, SpotProposed } from "../../schemas/proposal.ts"
import { planHash } from "../../schemas/safe-plan.ts"
import type { Alone } from "./left-alone.ts"
import { accountSays, type Message, notYet, restMs, type Seen, seenIn } from "./occasion.ts"
import { type Outcome, planFor } from "./plan.ts"

export type OutlookFact = SpotProposed | GroupLeftAlone
type Says = ReadonlyArray<OutlookFact>
type Refused = Readonly<Record<string, Instant>>

/** How long a pool that refused a launch is not asked again: capacity that is gone is rarely back within minutes. */
export const refusalMs = Duration.toMillis("30 minutes")

export const evolve = (state: Outlook | undefined, fact: OutlookFact): Outlook => {
  const { tenant, account, region, group, at } = fact
  const remembered = Object.entries(fact.refused ?? state?.refused ?? {}).filter(([, until]) => until > at)
  const isProposed = fact._tag === "SpotProposed"
  return new Outlook({
    ref: new GroupRef({ tenant, account, region, group }),
    groupSeq: fact.reads.group,
    proposed: isProposed ? fact.hash : null,
    alone: isProposed ? null : fact.because,
    details: isProposed ? "" : fact.details,
    monthlySavings: isProposed ? fact.monthlySavings : microUsd(0),
    refused: Object.fromEntries(remembered),
    at
  })
}

/** One occasion to speak of a group. */
interface Occasion {
  readonly state: Outlook | undefined
  readonly seen: Seen
  readonly heard: Heard
  readonly refused: Refused
}

const leftAlone = ({ seen, heard, refused }: Occasion, why: Alone, outcome?: Outcome) => {
  const { tenant, account, region, group } = seen.group
  const reads = { group: seen.seq, pools: outcome?.reads ?? {} }
  const candidates = outcome?.candidates ?? []
  return new GroupLeftAlone({ tenant, account, region, group, ...why, candidates, reads, refused, at: heard.at })
}
const awaiting = (details: string): Alone => ({
  because: "awaiting-sweep",
  details: `${details}; the next sweep decides`
})

/** What there is to say of a group, said before or not. */
const answer = (occasion: Occasion): OutlookFact => {
  const { seen, heard, refused } = occasion
  const { group, seq } = seen
  const alone = accountSays(seen, heard)
  const desk = heard.book.get(desks, key(group.account))?.value
  const market = marketOf(heard.book.all(pools), group.region, group.product)
  const outcome: Outcome =
    alone !== undefined
      ? { _tag: "alone", ...alone, candidates: [], reads: {} }
      : planFor({
          group,
          groupSeq: seq,
          market,
          policy: desk?.policy ?? null,
          at: heard.at,
          refused,
          closedAt: desk?.closedAt[groupToken(group)]
        })
  if (outcome._tag === "alone")
    return leftAlone(occasion, { because: outcome.because, details: outcome.details }, outcome)
  const hash = planHash(outcome.plan)
  const { tenant, account, region } = group
  const { candidates, monthlySavings } = outcome
  const reads = { group: seq, pools: outcome.reads }
  const about = { tenant, account, region, group: group.group }
  return new SpotProposed({
    ...about,
    plan: outcome.plan,
    hash,
    monthlySavings,
    candidates,
    reads,
    refused,
    at: heard.at
  })
}

/** Plans, and says the outcome if it is another one than that which was said last. */
const plan = (occasion: Occasion): Says => {
  const { state, seen } = occasion
  const fact = answer(occasion)
  const isSame =
    fact._tag === "SpotProposed"
      ? state?.proposed === fact.hash
      : state?.alone === fact.because && state.groupSeq === seen.seq
  return isSame ? [] : [fact]
}

/** Plans once more what was planned before: with the rows of then, the very fact of then. */
export const replan = (seen: Seen, heard: Heard, refused: Refused): OutlookFact =>
  answer({ state: undefined, seen, heard, refused })

const look = (state: Outlook | undefined, seen: Seen, heard: Heard): Says => {
  const occasion = { state, seen, heard, refused: state?.refused ?? {} }
  const wait = notYet(state, seen, heard)
  if (wait === undefined) return plan(occasion)
  // Whoever is remembered is looked at again by itself; a group never spoken of must be spoken of to be remembered.
  return state === undefined ? [leftAlone(occasion, awaiting(wait))] : []
}

/** A plan ended: what it taught is remembered at once, what comes next is decided on a newer sweep. */
const onClosed = (state: Outlook | undefined, message: PlanClosed, seen: Seen, heard: Heard): Says => {
  const until = instant(message.at + refusalMs)
  const known = state?.refused ?? {}
  const isOver = until <= (state?.at ?? 0)
  const learnt = isOver ? [] : message.refusedPools.filter((pool) => (known[pool] ?? 0) < until)
  // of the very plan that was proposed it is news whatever the clocks say: the proposal was dated by ours, this is not
  const isOurs = state?.proposed === message.hash
  if (!isOurs && learnt.length === 0 && message.at <= (state?.at ?? -1)) return []
  const refused = { ...known, ...Object.fromEntries(learnt.map((pool) => [pool, until])) }
  const needsPerson = message.because === "refused" || message.because === "stuck"
  const details = `its plan closed: ${message.because}, ${message.done} done, ${message.undone} undone`
  const again = `${details}; asked again when the group changes or somebody asks`
  const isFruitless = message.because === "a-swap-failed" && message.done === 0 && message.refusedPools.length === 0
  const why: Alone = needsPerson
    ? { because: "turned-down", details: again }
    : isFruitless
      ? { because: "backing-off", details: `${details}; asked again in ${restMs / 60_000} minutes` }
      : awaiting(details)
  return [leftAlone({ state, seen, heard, refused }, why)]
}

const decide = (state: Outlook | undefined, message: Message, heard: Heard): Says => {
  const seen = seenIn(groupToken(message), message, heard)
  if (seen === undefined) return []
  switch (message._tag) {
    case "GroupSeen":
      return heard.seq <= (state?.groupSeq ?? -1) ? [] : look(state, seen, heard)
    case "LookAgain":
      // Somebody who asks does not have to wait for a rest to end.
      return look(
        state?.alone === "backing-off" ? new Outlook({ ...state, alone: "awaiting-sweep" }) : state,
        seen,
        heard
      )
    case "PlanClosed":
      return onClosed(state, message, seen, heard)
    case "ProposalRejected": {
      if (state?.proposed !== message.proposal) return []
      const why = awaiting(`the enforcer refused it, ${message.because}: ${message.details}`)
      return [leftAlone({ state, seen, heard, refused: state.refused }, why)]
    }
  }
}

/** How long a proposal may go unanswered before it is made anew: by then its scores are stale. */
export const unansweredMs = Duration.toMillis("1 hour")

const wake = (state: Outlook, heard: Heard): Says => {
  const seen = seenIn(groupToken(state.ref), undefined, heard)
  if (seen === undefined) return []
  const hasChanged = seen.seq > state.groupSeq
  if (state.alone === "turned-down" && !hasChanged) return []
  if (state.proposed === null || hasChanged) return look(state, seen, heard)
  if (heard.at - state.at < unansweredMs || notYet(state, seen, heard) !== undefined) return []
  const unanswered = awaiting("nobody answered the last proposal")
  return [leftAlone({ state, seen, heard, refused: state.refused }, unanswered)]
}

export const rules: Rules<Outlook, Message, OutlookFact> = { decide, evolve, wake }
