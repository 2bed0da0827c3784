/** What the optimizer wishes for a group, or why it leaves it alone: each with the candidates that it weighed. */
import { Schema } from "effect"
import { GroupRef, groupKeyParts } from "./group.ts"
import {
  AccountId,
  Digest,
  GroupName,
  Instant,
  InstanceType,
  MicroUsd,
  Region,
  SafetyScore,
  TenantId,
  ZoneId
} from "./ids.ts"
import { command, event } from "./message.ts"
import { DraftPlan } from "./safe-plan.ts"

/** One pool that was weighed: taken, or refused for a named reason. */
export class Candidate extends Schema.Class<Candidate>("Candidate")({
  zone: ZoneId,
  instanceType: InstanceType,
  score: Schema.NullOr(SafetyScore),
  spotPerHour: Schema.NullOr(MicroUsd),
  taken: Schema.Int,
  /** As `poisoned until 2026-03-01` or `less memory than m5.large`; `chosen` where taken. */
  reason: Schema.String
}) {}

/** Sequences of LOG that a decision rests on, so that it can be run again and asked whether it is stale. */
export const Reads = Schema.Struct({ group: Schema.Int, pools: Schema.Record(Schema.String, Schema.Int) })

/** Pools that refused a launch, until when they are not asked again; absent = as it was. */
const Refused = Schema.optionalKey(Schema.Record(Schema.String, Instant))

const about = { tenant: TenantId, account: AccountId, region: Region, group: GroupName }

export class SpotProposed extends Schema.TaggedClass<SpotProposed>()("SpotProposed", {
  ...about,
  plan: DraftPlan,
  hash: Digest,
  /** Dollars a month at today's prices if every move is done: gross, commitments unknown. */
  monthlySavings: MicroUsd,
  candidates: Schema.Array(Candidate),
  reads: Reads,
  refused: Refused,
  at: Instant
}) {}
export const spotProposed = event("spot-optimizer", SpotProposed, { key: groupKeyParts })

/**
 * Why a group is not moved, as the end of every run lists it. `awaiting-sweep`: what is known of it is older than what
 * last happened to it. `turned-down`: a person said no, or must look first; asked again when the group changes.
 * `backing-off`: the last plan failed and taught nothing; asked again after a while.
 */
export const AloneBecause = Schema.Literals([
  "inside-the-five-layers",
  "best-feasible",
  "infeasible",
  "not-ours",
  "obstacle",
  "no-template",
  "too-small",
  "no-pools",
  "not-cheaper",
  "empty",
  "observed-only",
  "awaiting-sweep",
  "turned-down",
  "backing-off"
])
export type AloneBecause = typeof AloneBecause.Type

export class GroupLeftAlone extends Schema.TaggedClass<GroupLeftAlone>()("GroupLeftAlone", {
  ...about,
  because: AloneBecause,
  /** In words, with the smallest change that would alter the answer. */
  details: Schema.String,
  candidates: Schema.Array(Candidate),
  reads: Reads,
  refused: Refused,
  at: Instant
}) {}
export const groupLeftAlone = event("spot-optimizer", GroupLeftAlone, { key: groupKeyParts })

/** What the optimizer remembers of a group: the state that its facts carry. */
export class Outlook extends Schema.Class<Outlook>("Outlook")({
  ref: GroupRef,
  /** LOG sequence of the newest GroupSeen that was decided upon: older ones are old news. */
  groupSeq: Schema.Int,
  proposed: Schema.NullOr(Digest),
  alone: Schema.NullOr(AloneBecause),
  details: Schema.String,
  monthlySavings: MicroUsd,
  /** Pools that refused a launch, until when they are not asked again: pool token -> instant. */
  refused: Schema.Record(Schema.String, Instant),
  at: Instant
}) {}

/** A person wants the group looked at again now. */
export class LookAgain extends Schema.TaggedClass<LookAgain>()("LookAgain", { ...about, by: Schema.String }) {}
export const lookAgain = command("spot-optimizer", LookAgain, { key: groupKeyParts })
