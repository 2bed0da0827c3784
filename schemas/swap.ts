/** One swap: the order for it, signed by the approval desk, and how it ended. */
import { Schema } from "effect"
import { digestOf } from "./digest.ts"
import { AccountId, Digest, GroupName, Instant, InstanceId, MicroUsd, Region, TenantId } from "./ids.ts"
import { command, event } from "./message.ts"
import { Floors, Move, Preset } from "./safe-plan.ts"

const about = { tenant: TenantId, account: AccountId, region: Region, group: GroupName }

/** The order. Everything but the signature is what the signature covers, by its digest. */
export class SwapOrdered extends Schema.TaggedClass<SwapOrdered>()("SwapOrdered", {
  ...about,
  move: Move,
  plan: Digest,
  preset: Preset,
  floors: Floors,
  /** The first of its plan: it bakes, and a named alarm or an unhealthy target undoes it. */
  canary: Schema.Boolean,
  bakeMs: Schema.Int,
  alarms: Schema.Array(Schema.String),
  /** No other swap of the group is in flight: only then may a knob of the group be turned. */
  alone: Schema.Boolean,
  approvedBy: Schema.String,
  /** Not to be started after this instant. */
  notAfter: Instant,
  /** Ed25519 over the digest of all the rest, base64; empty until the desk's seal is on it. */
  signature: Schema.String
}) {}
export const swapOrdered = command("executor", SwapOrdered, { key: (c) => [c.move.swap] })

/** What a signature covers: the digest of everything in the order, its kind too, but the signature itself. */
const unsignedDigest = <A extends { readonly signature: string }>(kind: Schema.Codec<A, any>) => {
  const encode = Schema.encodeSync(kind)
  return (order: A): Digest => {
    const { signature: _, ...rest } = encode(order)
    return digestOf(rest)
  }
}
export const orderDigest = unsignedDigest(SwapOrdered)

/**
 * The order to go on with a swap that is stuck, signed like the order for it. It is about one time of its being stuck:
 * heard again after another one, or said again by somebody else, it moves nothing.
 */
export class ResumeOrdered extends Schema.TaggedClass<ResumeOrdered>()("ResumeOrdered", {
  ...about,
  swap: Schema.String,
  plan: Digest,
  /** When it got stuck, by its journal. */
  stuckAt: Instant,
  by: Schema.String,
  /** Ed25519 over the digest of all the rest, base64; empty until the desk's seal is on it. */
  signature: Schema.String
}) {}
export const resumeOrdered = command("executor", ResumeOrdered, { key: (c) => [c.swap] })

/** It names its kind, so no signature of the one order is good for the other. */
export const resumeDigest = unsignedDigest(ResumeOrdered)

/**
 * `done`: swapped. `undone`: turned back, the group as before. `refused`: nothing was begun. `stuck`: a person is
 * needed.
 */
export const SwapEnd = Schema.Literals(["done", "undone", "refused", "stuck"])

export class SwapSettled extends Schema.TaggedClass<SwapSettled>()("SwapSettled", {
  ...about,
  swap: Schema.String,
  plan: Digest,
  end: SwapEnd,
  /** Why it did not go through, as a code that a mind can act on and in words; null where done. */
  code: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  move: Move,
  replacement: Schema.NullOr(InstanceId),
  hourlySavings: MicroUsd,
  startedAt: Instant,
  at: Instant
}) {}
export const swapSettled = event("executor", SwapSettled, { key: (e) => [e.swap] })
