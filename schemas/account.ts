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
  status: Schema.Literals(["connected", "refused"]),
  /** Why it is refused, in AWS's own word and ours; null while it answers. */
  reason: Schema.NullOr(Schema.String),
  /** When it was last connected: an earlier wish that comes later is old news. */
  since: Instant,
  /** Of the answer that last counted; absent until there is one. */
  answeredAt: Schema.optionalKey(Instant)
}) {}

export class ConnectAccount extends Schema.TaggedClass<ConnectAccount>()("ConnectAccount", fields) {}
export const connectAccount = command("onboarder", ConnectAccount, { key: (c) => [c.account] })

export class AccountConnected extends Schema.TaggedClass<AccountConnected>()("AccountConnected", {
  ...fields,
  at: Instant
}) {}
export const accountConnected = event("onboarder", AccountConnected, { key: (e) => [e.account] })

/** An account is marked with the error that it answered, or cleared again (`reason: null`). */
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
