/** What runs: accounts, groups and instances, as lists of now or of an earlier moment. */
import { Schema } from "effect"
import { AccountCheck, ConnectAccount } from "../account.ts"
import { Owner, Subnet, Template } from "../group.ts"
import { AccountId, Environment, InstanceType, Lifecycle, Mode, Region, SafetyScore, TenantId, ZoneId } from "../ids.ts"
import { Product } from "../pool.ts"
import { AloneBecause } from "../proposal.ts"
import { endpoint } from "./endpoint.ts"
import { Listed, Micros, named, page, pagingFields, Reason, Receipt, Scoped, scopeFields, Time } from "./page.ts"

/** The last sweep of a region: what it did not report anew is as it was at `startedAt`. */
export const Sweep = Schema.Struct({
  region: Region,
  startedAt: Time,
  endedAt: Time,
  groups: Schema.Int,
  instances: Schema.Int,
  calls: Schema.Int
})

export const AccountView = Schema.Struct({
  account: AccountId,
  tenant: TenantId,
  name: Schema.String,
  regions: Schema.Array(Region),
  environment: Environment,
  mode: Mode,
  roleArn: Schema.NullOr(Schema.String),
  /** Its last four characters; null where the account needs none. */
  externalIdEndsWith: Schema.NullOr(Schema.String),
  status: Schema.Literals(["connected", "refused", "disconnected"]),
  /** AWS's own code and the mend, or why it was disconnected; null while it answers. */
  reason: Schema.NullOr(Schema.String),
  since: Time,
  /** What was last tried by `verify`, in the order's sequence or later; null where nobody has asked. */
  verified: Schema.NullOr(
    Schema.Struct({ at: Time, seq: Schema.Int, by: Schema.String, checks: Schema.Array(AccountCheck) })
  ),
  sweeps: Schema.Array(Sweep),
  stop: Schema.Literals(["run", "pause", "halt"]),
  policyVersion: Schema.Int,
  groups: Schema.Int,
  instances: Schema.Int,
  spot: Schema.Int
})

export const GroupView = Schema.Struct({
  /** Its token, as in `/groups/{id}`. */
  id: Schema.String,
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: Schema.String,
  owner: Owner,
  environment: Environment,
  mode: Mode,
  minSize: Schema.Int,
  desired: Schema.Int,
  maxSize: Schema.Int,
  inService: Schema.Int,
  spot: Schema.Int,
  onDemand: Schema.Int,
  zones: Schema.Array(Schema.Struct({ zone: ZoneId, spot: Schema.Int, onDemand: Schema.Int })),
  /** Where nothing more is to be done: why; `planned` and `unseen`: something is still to come. */
  because: Schema.Union([AloneBecause, Schema.Literals(["awaiting-approval", "planned", "unseen"])]),
  /** In words, with the smallest change that would alter the answer. */
  details: Schema.String,
  /** Of the newest proposal, if every move were done; gross, commitments unknown. */
  proposedMonthlySavings: Micros,
  /** What its members cost now at list and Spot prices; null where a price is not known. */
  hourlyCost: Schema.NullOr(Micros),
  hourlyOnDemand: Schema.NullOr(Micros),
  inFlight: Schema.Int,
  readAt: Time,
  seq: Schema.Int
})

export const InstanceView = Schema.Struct({
  instance: Schema.String,
  account: AccountId,
  region: Region,
  group: Schema.String,
  groupId: Schema.String,
  zone: ZoneId,
  instanceType: InstanceType,
  product: Product,
  lifecycle: Lifecycle,
  /** AWS's word: Pending, InService, Standby, Terminating and their waits. */
  state: Schema.String,
  healthy: Schema.Boolean,
  protectedFromScaleIn: Schema.Boolean,
  /** Its account's policy keeps it from us, by its own name or by its group's. */
  excluded: Schema.Boolean,
  /** The saga of ours that launched it. */
  saga: Schema.NullOr(Schema.String),
  /** What would be lost with the machine, by name. */
  bound: Schema.Array(Schema.String),
  pool: Schema.String,
  gate: Schema.NullOr(Schema.Literals(["open", "poisoned"])),
  safetyScore: Schema.NullOr(SafetyScore),
  hourly: Schema.NullOr(Micros),
  hourlyOnDemand: Schema.NullOr(Micros),
  readAt: Time
})

export const GroupDetail = Schema.Struct({
  ...GroupView.fields,
  product: Product,
  subnets: Schema.Array(Subnet),
  template: Schema.NullOr(Template),
  suspended: Schema.Array(Schema.String),
  obstacles: Schema.Array(Schema.String),
  targetGroups: Schema.Array(Schema.String),
  alarms: Schema.Array(Schema.String),
  members: Schema.Array(InstanceView)
})

const accountId = Schema.Struct({ account: AccountId })
const byId = Schema.Struct({ id: Schema.String.check(Schema.isMaxLength(400)) })
const read = { access: "viewer", scope: "read", rate: "read" } as const

export const listAccounts = endpoint({
  ...read,
  name: "listAccounts",
  method: "GET",
  path: "/api/v1/accounts",
  tag: "accounts",
  summary: "Connected AWS accounts, whether they answer, and when each region was last swept.",
  query: Listed,
  reply: page(AccountView)
})
export const getAccount = endpoint({
  ...read,
  name: "getAccount",
  method: "GET",
  path: "/api/v1/accounts/{account}",
  tag: "accounts",
  summary: "One account.",
  params: accountId,
  query: Scoped,
  reply: AccountView
})
const { tenant: _tenant, ...connect } = ConnectAccount.fields
const { _tag: _connectTag, mode: _mode, externalId: _made, reconnects: _r, on: _on, ...connectFields } = connect
export const postAccount = endpoint({
  name: "connectAccount",
  method: "POST",
  path: "/api/v1/accounts",
  tag: "accounts",
  summary: "Connects an account, in mode observe: nothing in it can be changed before somebody raises the mode.",
  access: "owner",
  scope: null,
  rate: "command",
  body: Schema.Struct({
    ...connectFields,
    name: named(200),
    /** Not taken from anybody: it is made here, and `accounts/trust` tells it. Null or absent, or it is refused. */
    externalId: Schema.optionalKey(Schema.NullOr(Schema.String))
  }),
  reply: Receipt,
  status: 202,
  refusals: [409, 422]
})
export const putMode = endpoint({
  name: "setAccountMode",
  method: "PUT",
  path: "/api/v1/accounts/{account}/mode",
  tag: "accounts",
  summary: "Changes what may be done. Raising to act takes a second person where the tenant has more than one.",
  access: "owner",
  scope: null,
  rate: "command",
  params: accountId,
  body: Schema.Struct({ mode: Mode, because: Reason }),
  reply: Schema.Struct({ ...Receipt.fields, awaiting: Schema.NullOr(Schema.Literal("second-person")) }),
  status: 202,
  refusals: [409, 422]
})
export const listGroups = endpoint({
  ...read,
  name: "listGroups",
  method: "GET",
  path: "/api/v1/groups",
  tag: "fleet",
  summary: "Auto Scaling groups, their composition, and why each is as it is.",
  query: Listed,
  reply: page(GroupView)
})
export const getGroup = endpoint({
  ...read,
  name: "getGroup",
  method: "GET",
  path: "/api/v1/groups/{id}",
  tag: "fleet",
  summary: "One group with its settings and every member.",
  params: byId,
  query: Scoped,
  reply: GroupDetail
})
export const listInstances = endpoint({
  ...read,
  name: "listInstances",
  method: "GET",
  path: "/api/v1/instances",
  tag: "fleet",
  summary: "Members of all groups, each with its pool's state and what it costs.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    lifecycle: Schema.optionalKey(Lifecycle),
    group: Schema.optionalKey(Schema.String)
  }),
  reply: page(InstanceView)
})
export const getInstance = endpoint({
  ...read,
  name: "getInstance",
  method: "GET",
  path: "/api/v1/instances/{id}",
  tag: "fleet",
  summary: "One instance.",
  params: byId,
  query: Scoped,
  reply: InstanceView
})
export const postLookAgain = endpoint({
  name: "triggerOptimization",
  method: "POST",
  path: "/api/v1/optimization/trigger",
  tag: "fleet",
  summary: "Asks the optimizer to look at a group again now.",
  access: "operator",
  scope: "operate",
  rate: "command",
  body: Schema.Struct({ groupId: Schema.String.check(Schema.isMaxLength(400)) }),
  reply: Receipt,
  status: 202
})
export const fleetEndpoints = [
  listAccounts,
  getAccount,
  postAccount,
  putMode,
  listGroups,
  getGroup,
  listInstances,
  getInstance,
  postLookAgain
] as const
