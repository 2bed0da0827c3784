/** The enforcer's verdicts: each validation is recorded, whichever way it went. */
import { Schema } from "effect"
import { GroupRef, groupKeyParts } from "./group.ts"
import { AccountId, Digest, GroupName, Instant, MicroUsd, Region, TenantId } from "./ids.ts"
import { event } from "./message.ts"
import { SafePlan, Violation } from "./safe-plan.ts"

const about = { tenant: TenantId, account: AccountId, region: Region, group: GroupName }

/** Ages, in milliseconds, of what the verdict rests on; null = it was missing, which refuses. */
export const Ages = Schema.Struct({ inventoryMs: Schema.NullOr(Schema.Int), scoresMs: Schema.NullOr(Schema.Int) })

const verdict = {
  ...about,
  proposal: Digest,
  /** LOG sequence of the proposal. */
  seq: Schema.optionalKey(Schema.Int),
  ages: Ages,
  at: Instant
}

/** Inside the five layers as proposed. */
export class PlanApproved extends Schema.TaggedClass<PlanApproved>()("PlanApproved", {
  ...verdict,
  plan: SafePlan,
  hash: Digest,
  monthlySavings: MicroUsd
}) {}
export const planApproved = event("safety-enforcer", PlanApproved, { key: groupKeyParts })

/** Not as proposed, but with the cheapest change that passes. */
export class SafeAlternativeFound extends Schema.TaggedClass<SafeAlternativeFound>()("SafeAlternativeFound", {
  ...verdict,
  plan: SafePlan,
  hash: Digest,
  monthlySavings: MicroUsd,
  violations: Schema.Array(Violation),
  /** What was changed, in words. */
  changes: Schema.Array(Schema.String)
}) {}
export const safeAlternativeFound = event("safety-enforcer", SafeAlternativeFound, { key: groupKeyParts })

export class ProposalRejected extends Schema.TaggedClass<ProposalRejected>()("ProposalRejected", {
  ...verdict,
  violations: Schema.Array(Violation),
  /** `stale`: the data was missing or too old (fails closed); `unsafe`: no change of ours passes. */
  because: Schema.Literals(["stale", "unsafe", "account-not-ready"]),
  details: Schema.String
}) {}
export const proposalRejected = event("safety-enforcer", ProposalRejected, { key: groupKeyParts })

/** What the enforcer remembers of a group: its last judged proposal, and how often it said what. */
export class Judgement extends Schema.Class<Judgement>("Judgement")({
  ref: GroupRef,
  proposal: Schema.NullOr(Digest),
  /** LOG sequence of the proposal last judged: a repeat is old news. */
  seq: Schema.Int,
  verdict: Schema.Literals(["none", "approved", "safe-alternative", "rejected"]),
  details: Schema.String,
  counts: Schema.Struct({
    approved: Schema.Int,
    alternatives: Schema.Int,
    rejected: Schema.Int,
    violations: Schema.Int
  }),
  at: Instant
}) {}
