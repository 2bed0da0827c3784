/** The approval desk's words: what is open in an account, who said yes, what was released. */
import { Schema } from "effect"
import { GroupRef } from "./group.ts"
import { AccountId, Digest, GroupName, Instant, MicroUsd, Region, TenantId, ZoneId } from "./ids.ts"
import { command, event } from "./message.ts"
import { Policy } from "./policy.ts"
import { SwapEnd } from "./swap.ts"

const account = { tenant: TenantId, account: AccountId }
const group = { ...account, region: Region, group: GroupName }
const about = { key: (e: { readonly account: AccountId }) => [e.account] }

/** A person says yes, or no, to the exact set that was shown: the hash is of that set. */
export class GrantApproval extends Schema.TaggedClass<GrantApproval>()("GrantApproval", {
  ...group,
  hash: Digest,
  by: Schema.String,
  because: Schema.String
}) {}
export const grantApproval = command("approval-desk", GrantApproval, about)
export class RefuseApproval extends Schema.TaggedClass<RefuseApproval>()("RefuseApproval", {
  ...group,
  hash: Digest,
  by: Schema.String,
  because: Schema.String
}) {}
export const refuseApproval = command("approval-desk", RefuseApproval, about)

export class ApprovalRequested extends Schema.TaggedClass<ApprovalRequested>()("ApprovalRequested", {
  ...group,
  hash: Digest,
  moves: Schema.Int,
  monthlySavings: MicroUsd,
  expiresAt: Instant,
  at: Instant
}) {}
export const approvalRequested = event("approval-desk", ApprovalRequested, about)

export class PlanOpened extends Schema.TaggedClass<PlanOpened>()("PlanOpened", {
  ...group,
  hash: Digest,
  moves: Schema.Int,
  monthlySavings: MicroUsd,
  approvedBy: Schema.String,
  /** No order leaves under this approval from then on. */
  expiresAt: Instant,
  at: Instant
}) {}
export const planOpened = event("approval-desk", PlanOpened, about)

/** Orders left the desk, in the same atomic batch as this fact. */
export class SwapsReleased extends Schema.TaggedClass<SwapsReleased>()("SwapsReleased", {
  ...group,
  hash: Digest,
  swaps: Schema.Array(Schema.Struct({ swap: Schema.String, zone: ZoneId })),
  canary: Schema.Boolean,
  /** Nothing may join it in its group until it ended: it may turn the group's knobs. */
  alone: Schema.Boolean,
  at: Instant
}) {}
export const swapsReleased = event("approval-desk", SwapsReleased, about)

/** A released swap ended; the desk has taken note. */
export class SwapNoted extends Schema.TaggedClass<SwapNoted>()("SwapNoted", {
  ...group,
  hash: Digest,
  swap: Schema.String,
  end: SwapEnd,
  code: Schema.NullOr(Schema.String),
  /** Token of the pool, where it was the pool that had none. */
  refusedPool: Schema.NullOr(Schema.String),
  /** When it got stuck, by its journal; absent where it ended otherwise. */
  stuckAt: Schema.optionalKey(Instant),
  at: Instant
}) {}
export const swapNoted = event("approval-desk", SwapNoted, about)

/**
 * A person wants one swap turned back; its plan ends with it, as with any swap that failed. Past its pivot there is no
 * way back: then it goes on.
 */
export class AbortSwap extends Schema.TaggedClass<AbortSwap>()("AbortSwap", {
  ...group,
  hash: Digest,
  swap: Schema.String,
  by: Schema.String,
  because: Schema.String
}) {}
export const abortSwap = command("approval-desk", AbortSwap, about)

/** From now on whoever carries the swap out finds that it is to turn back. */
export class SwapAborted extends Schema.TaggedClass<SwapAborted>()("SwapAborted", {
  ...group,
  hash: Digest,
  swap: Schema.String,
  by: Schema.String,
  because: Schema.String,
  at: Instant
}) {}
export const swapAborted = event("approval-desk", SwapAborted, about)

/** A person has mended what a swap got stuck on at that time, and wants it to go on from there. */
export class RetrySwap extends Schema.TaggedClass<RetrySwap>()("RetrySwap", {
  ...group,
  hash: Digest,
  swap: Schema.String,
  stuckAt: Instant,
  by: Schema.String,
  because: Schema.String
}) {}
export const retrySwap = command("approval-desk", RetrySwap, about)

/** The stuck swap flies again; its order to go on is in the same atomic batch. */
export class SwapRetried extends Schema.TaggedClass<SwapRetried>()("SwapRetried", {
  ...group,
  hash: Digest,
  swap: Schema.String,
  stuckAt: Instant,
  by: Schema.String,
  because: Schema.String,
  at: Instant
}) {}
export const swapRetried = event("approval-desk", SwapRetried, about)

/** Nothing of the plan is in flight and nothing more will be released. */
export class PlanClosed extends Schema.TaggedClass<PlanClosed>()("PlanClosed", {
  ...group,
  hash: Digest,
  because: Schema.Literals(["complete", "a-swap-failed", "refused", "expired", "superseded", "stopped", "stuck"]),
  done: Schema.Int,
  undone: Schema.Int,
  refusedPools: Schema.Array(Schema.String),
  at: Instant
}) {}
export const planClosed = event("approval-desk", PlanClosed, about)

export class PolicySet extends Schema.TaggedClass<PolicySet>()("PolicySet", {
  ...account,
  policy: Policy,
  by: Schema.String,
  /** Absent where no person gave a reason, as at the start of an installation. */
  because: Schema.optionalKey(Schema.String),
  at: Instant
}) {}
export const policySet = event("approval-desk", PolicySet, about)

export class StopSet extends Schema.TaggedClass<StopSet>()("StopSet", {
  ...account,
  stop: Schema.Literals(["run", "pause", "halt"]),
  by: Schema.String,
  because: Schema.String,
  at: Instant
}) {}
export const stopSet = event("approval-desk", StopSet, about)

/** One plan on the desk: its moves are read again from the enforcer's fact, here is only how far it is. */
export class OpenPlan extends Schema.Class<OpenPlan>("OpenPlan")({
  ref: GroupRef,
  hash: Digest,
  /** `stuck`: it was closed, and its group gets no other plan until a person has helped. */
  status: Schema.Literals(["pending", "open", "closing", "stuck"]),
  moves: Schema.Int,
  monthlySavings: MicroUsd,
  approvedBy: Schema.NullOr(Schema.String),
  expiresAt: Instant,
  /** Swaps given out, by id; those that ended leave `inFlight` for a count, a stuck one when it is resolved. */
  inFlight: Schema.Array(
    Schema.Struct({
      swap: Schema.String,
      zone: ZoneId,
      alone: Schema.Boolean,
      stuck: Schema.Boolean,
      /** When it last got stuck, by its journal: which time a word to go on is about. Absent = it never was. */
      stuckAt: Schema.optionalKey(Instant),
      /** Who wants it turned back; absent = nobody. */
      abortedBy: Schema.optionalKey(Schema.String)
    })
  ),
  released: Schema.Array(Schema.String),
  canaryPassed: Schema.Boolean,
  done: Schema.Int,
  undone: Schema.Int,
  refusedPools: Schema.Array(Schema.String)
}) {}

/** All that the desk remembers of an account. */
export class Desk extends Schema.Class<Desk>("Desk")({
  tenant: TenantId,
  account: AccountId,
  policy: Schema.NullOr(Policy),
  stop: Schema.Literals(["run", "pause", "halt"]),
  /** When the person said so: what was said earlier and comes later is old news. */
  stopAt: Schema.optionalKey(Instant),
  plans: Schema.Array(OpenPlan),
  /** When each swap of the current window was released: the brake's memory. */
  releasedAt: Schema.Array(Instant),
  /** Group token -> when its last plan closed: the optimizer plans anew only on a newer sweep. */
  closedAt: Schema.Record(Schema.String, Instant)
}) {}

/** How many swaps of an account are given out and have not ended; a stuck one waits for a person and is none. */
export const flyingOn = (desk: Desk | undefined): number =>
  (desk?.plans ?? []).flatMap(({ inFlight }) => inFlight).filter(({ stuck }) => !stuck).length
