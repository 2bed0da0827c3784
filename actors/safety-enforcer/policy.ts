/** The safety enforcer: between every proposal and every execution, five layers, judged from its own book. */
import { Duration, Result } from "effect"
import { compositionOf, monthlySavingsOf } from "../../schemas/composition.ts"
import type { Heard, Rules } from "../../schemas/decision.ts"
import { GroupRef } from "../../schemas/group.ts"
import type { SpotProposed } from "../../schemas/proposal.ts"
import { DraftPlan, type Move, planHash, SafePlan, Violation, violationsOf } from "../../schemas/safe-plan.ts"
import { Judgement, PlanApproved, ProposalRejected, SafeAlternativeFound } from "../../schemas/safety.ts"
import { alternativeTo, asProposed } from "./alternative.ts"
import { type Ground, groundOf, type NoGround } from "./ground.ts"

export type Verdict = PlanApproved | SafeAlternativeFound | ProposalRejected

/** A plan that passed is not judged again for so long: what it rests on, its scores, holds as long. */
export const verdictHoldsMs = Duration.toMillis("1 hour")

const none = { approved: 0, alternatives: 0, rejected: 0, violations: 0 }

export const evolve = (state: Judgement | undefined, fact: Verdict): Judgement => {
  const { tenant, account, region, group, proposal, at } = fact
  const counts = { ...(state?.counts ?? none) }
  if (fact._tag === "PlanApproved") counts.approved += 1
  else {
    counts.violations += fact.violations.length
    if (fact._tag === "SafeAlternativeFound") counts.alternatives += 1
    else counts.rejected += 1
  }
  return new Judgement({
    ref: new GroupRef({ tenant, account, region, group }),
    proposal,
    seq: Math.max(fact.seq ?? 0, state?.seq ?? 0),
    verdict: verdictOf[fact._tag],
    details:
      fact._tag === "PlanApproved" ? "" : fact._tag === "ProposalRejected" ? fact.details : fact.changes.join("; "),
    counts,
    at
  })
}
const verdictOf = {
  PlanApproved: "approved",
  SafeAlternativeFound: "safe-alternative",
  ProposalRejected: "rejected"
} as const

/** What every verdict says of what it is about. */
const aboutOf = ({ tenant, account, region, group, hash }: SpotProposed, heard: Heard) => ({
  tenant,
  account,
  region,
  group,
  proposal: hash,
  seq: heard.seq,
  at: heard.at
})

/** The plan that these moves make of the group as it is known here. */
const draftOf = ({ plan }: SpotProposed, moves: ReadonlyArray<Move>, ground: Ground): DraftPlan => {
  const { group, groupSeq, market, floors, preset, at } = ground
  const target = compositionOf(group, moves, market, at).parts
  return new DraftPlan({ ref: plan.ref, preset, floors, target, moves, groupSeq })
}
const wrongWith = (draft: DraftPlan) => violationsOf(draft.target, draft.floors, draft.preset)

const fault = (details: string) => new Violation({ type: "risk_threshold", severity: "critical", details })

const rejected = (proposal: SpotProposed, heard: Heard, no: NoGround, violations: ReadonlyArray<Violation>) =>
  new ProposalRejected({ ...aboutOf(proposal, heard), ...no, violations })

/** On the merits: as proposed, else changed as little as makes it pass, else not. */
const onGround = (proposal: SpotProposed, heard: Heard, ground: Ground): Verdict => {
  const { ages } = ground
  const wished = asProposed(proposal, ground)
  const draft = draftOf(proposal, wished.moves, ground)
  const violations = [...wished.faults.map(fault), ...wrongWith(draft)]
  const passes = violations.length === 0 && wished.changes.length === 0
  const change = passes ? undefined : alternativeTo(proposal, ground)
  const plan = change === undefined ? draft : draftOf(proposal, change.moves, ground)
  if (plan.moves.length === 0 || wrongWith(plan).length > 0) {
    const why = [...[...wrongWith(plan), ...violations].map((one) => one.details), ...wished.changes]
    const reasons = [...new Set(why)].slice(0, 10).join("; ")
    const details = `${reasons}; no change of the proposal's own moves and pools passes`
    return rejected(proposal, heard, { because: "unsafe", details, ages }, violations)
  }
  const hash = planHash(plan)
  const said = { ...aboutOf(proposal, heard), ages, plan: new SafePlan({ ...plan }), hash }
  const monthlySavings = monthlySavingsOf(plan.moves)
  if (passes && hash === proposal.hash) return new PlanApproved({ ...said, monthlySavings })
  const changes = change?.changes ?? ["figures are the book's: sizes, scores, prices or the group had moved"]
  return new SafeAlternativeFound({ ...said, monthlySavings, violations, changes })
}

/** Judged before: this very message or a later one, or the same plan, which passed and still holds. */
const isJudged = (state: Judgement | undefined, { hash }: SpotProposed, heard: Heard) => {
  if (state === undefined) return false
  if (heard.seq <= state.seq) return true
  return state.proposal === hash && state.verdict !== "rejected" && heard.at - state.at < verdictHoldsMs
}

/** The verdict on a proposal, given before or not: with the rows of then, the very verdict of then. */
export const judge = (proposal: SpotProposed, heard: Heard): Verdict => {
  const ground = groundOf(proposal, heard)
  return Result.isFailure(ground)
    ? rejected(proposal, heard, ground.failure, [])
    : onGround(proposal, heard, ground.success)
}

export const rules: Rules<Judgement, SpotProposed, Verdict> = {
  decide: (state, proposal, heard) => (isJudged(state, proposal, heard) ? [] : [judge(proposal, heard)]),
  evolve
}
