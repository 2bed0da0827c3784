/** An AWS account that a tenant connected: where it is, what we may do in it, and whether it answers. */
import { Schema } from "effect"
import { AccountId, Environment, Instant, Mode, Region, TenantId } from "./ids.ts"
import { command, event } from "./message.ts"

const fields = {
  tenant: TenantId,
  account: AccountId,
  name: Schema.String,
  regions: Schema.Array(Region),
  environment: Environment,
  mode: Mode,
  /** The role that we assume; null uses the ambient credentials (one's own account). */
  roleArn: Schema.NullOr(Schema.String),
  /** Made by us, one per tenant. Not a secret, yet masked in views. */
  externalId: Schema.NullOr(Schema.String)
}

/** An account as it is known now: the state that each fact of the onboarder carries. */
export class Account extends Schema.Class<Account>("Account")({
  ...fields,
  /** `disconnected`: nobody reads it or begins anything in it; what was begun ends by the role that stands here. */
  status: Schema.Literals(["connected", "refused", "disconnected"]),
  /** Why it is refused, in AWS's own word and ours, or why it was disconnected; null while it answers. */
  reason: Schema.NullOr(Schema.String),
  /** When it was last connected or disconnected: an earlier wish that comes later is old news. */
  since: Instant,
  /** When a connection itself was last asked for; absent = `since`. A change of mode does not outdo a disconnection. */
  connectedAt: Schema.optionalKey(Instant),
  /** Of the answer that last counted; absent until there is one. */
  answeredAt: Schema.optionalKey(Instant),
  /** When the role first let us in, since it was connected as it is; absent until it does. */
  admittedAt: Schema.optionalKey(Instant)
}) {}

export class ConnectAccount extends Schema.TaggedClass<ConnectAccount>()("ConnectAccount", {
  ...fields,
  /** A person asks for the connection itself: without it, as on a change of mode, what is disconnected stays so. */
  reconnects: Schema.optionalKey(Schema.Boolean),
  /** `since` of the row that the wish was copied from: where another wish counted meanwhile, this one does not. */
  on: Schema.optionalKey(Instant)
}) {}
export const connectAccount = command("onboarder", ConnectAccount, { key: (c) => [c.account] })

export class AccountConnected extends Schema.TaggedClass<AccountConnected>()("AccountConnected", {
  ...fields,
  reconnects: Schema.optionalKey(Schema.Boolean),
  at: Instant
}) {}
export const accountConnected = event("onboarder", AccountConnected, { key: (e) => [e.account] })

/** Its tenant wants no more to do with it: nothing new begins, what is under way ends by its own rules. */
export class DisconnectAccount extends Schema.TaggedClass<DisconnectAccount>()("DisconnectAccount", {
  tenant: TenantId,
  account: AccountId,
  because: Schema.String,
  by: Schema.String
}) {}
export const disconnectAccount = command("onboarder", DisconnectAccount, { key: (c) => [c.account] })

export class AccountDisconnected extends Schema.TaggedClass<AccountDisconnected>()("AccountDisconnected", {
  tenant: TenantId,
  account: AccountId,
  because: Schema.String,
  by: Schema.String,
  at: Instant
}) {}
export const accountDisconnected = event("onboarder", AccountDisconnected, { key: (e) => [e.account] })

/** An account is marked with the error that it answered; `reason: null` where it let us in, again or first of all. */
export class AccountMarked extends Schema.TaggedClass<AccountMarked>()("AccountMarked", {
  tenant: TenantId,
  account: AccountId,
  reason: Schema.NullOr(Schema.String),
  at: Instant
}) {}
export const accountMarked = event("onboarder", AccountMarked, { key: (e) => [e.account] })

/** What a sense met at an account's door: `code` null means that it answers (again). */
export class AccountAnswered extends Schema.TaggedClass<AccountAnswered>()("AccountAnswered", {
  tenant: TenantId,
  account: AccountId,
  code: Schema.NullOr(Schema.String),
  message: Schema.String,
  at: Instant
}) {}
export const accountAnswered = event("discovery", AccountAnswered, { key: (e) => ["answer", e.account] })

/** Somebody asks to try an account's door and reads now, each by itself. */
export class VerifyAccount extends Schema.TaggedClass<VerifyAccount>()("VerifyAccount", {
  tenant: TenantId,
  account: AccountId,
  by: Schema.String
}) {}
export const verifyAccount = command("discovery", VerifyAccount, { key: (c) => [c.account] })

/** One thing that was tried. */
export const AccountCheck = Schema.Struct({
  /** `role`, `external-id`, and for each region `groups in REGION` and `instances in REGION`. */
  check: Schema.String,
  /** Null: it was not tried, and `details` says why. */
  ok: Schema.NullOr(Schema.Boolean),
  details: Schema.String,
  /** What a person does about it; null where there is nothing to do. */
  mend: Schema.NullOr(Schema.String)
})
export type AccountCheck = typeof AccountCheck.Type

/** What an account's door and reads answered when somebody asked for it. */
export class AccountVerified extends Schema.TaggedClass<AccountVerified>()("AccountVerified", {
  tenant: TenantId,
  account: AccountId,
  checks: Schema.Array(AccountCheck),
  by: Schema.String,
  at: Instant
}) {}
export const accountVerified = event("discovery", AccountVerified, { key: (e) => ["verified", e.account] })
