/** The audit of calls that change something: a record before, and its outcome after. */
import { Schema } from "effect"
import { AccountId, Instant, Region, TenantId } from "./ids.ts"
import { event } from "./message.ts"

const call = {
  tenant: TenantId,
  account: AccountId,
  region: Region,
  /** Unique per call: who holds the saga, and a number from 1 among the calls that he begins. */
  call: Schema.String,
  /** The IAM action, as in `ec2:RunInstances`. */
  action: Schema.String,
  saga: Schema.NullOr(Schema.String),
  step: Schema.NullOr(Schema.String),
  by: Schema.String
}
export class CallBegun extends Schema.TaggedClass<CallBegun>()("CallBegun", {
  ...call,
  /** SHA-256 of the canonical request: what was asked, without its secrets. */
  request: Schema.String,
  at: Instant
}) {}
export const callBegun = event("executor", CallBegun, { key: (e) => ["call", e.call] })

export class CallEnded extends Schema.TaggedClass<CallEnded>()("CallEnded", {
  ...call,
  outcome: Schema.Literals(["ok", "refused", "unknown"]),
  code: Schema.NullOr(Schema.String),
  at: Instant
}) {}
export const callEnded = event("executor", CallEnded, { key: (e) => ["call", e.call] })
