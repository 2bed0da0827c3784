/** What people decide: plans that wait for a yes, policies with their versions, and the stop switch. */
import { Schema } from "effect"
import { AccountId, Digest, Region, TenantId } from "../ids.ts"
import { Policy } from "../policy.ts"
import { Floors, Move, Part, Preset } from "../safe-plan.ts"
import { endpoint } from "./endpoint.ts"
import { Listed, Micros, page, pagingFields, Reason, Receipt, Scoped, scopeFields, Time } from "./page.ts"

export const ApprovalView = Schema.Struct({
  /** The hash of the exact set: what a yes covers, and nothing else. */
  id: Digest,
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: Schema.String,
  groupId: Schema.String,
  type: Schema.Literal("spot_switch"),
  status: Schema.Literals(["pending", "open", "closing", "stuck", "closed"]),
  /** Of a closed one, as `complete`, `refused` or `expired`. */
  closedBecause: Schema.NullOr(Schema.String),
  moves: Schema.Int,
  done: Schema.Int,
  undone: Schema.Int,
  inFlight: Schema.Int,
  monthlySavings: Micros,
  approvedBy: Schema.NullOr(Schema.String),
  requestedAt: Schema.NullOr(Time),
  expiresAt: Time,
  seq: Schema.Int
})
export const ApprovalDetail = Schema.Struct({
  ...ApprovalView.fields,
  preset: Preset,
  floors: Floors,
  /** The group as it was when the plan was made, and as it would be after all moves. */
  before: Schema.Array(Part),
  after: Schema.Array(Part),
  swaps: Schema.Array(Move),
  asOf: Schema.Int
})

export const PolicyView = Schema.Struct({
  tenant: TenantId,
  account: AccountId,
  policy: Policy,
  /** Who set it; null = the product's own, as nobody has wished anything. */
  by: Schema.NullOr(Schema.String),
  at: Schema.NullOr(Time),
  stop: Schema.Literals(["run", "pause", "halt"]),
  stopBy: Schema.NullOr(Schema.String),
  stopBecause: Schema.NullOr(Schema.String),
  stopAt: Schema.NullOr(Time)
})

const read = { access: "viewer", scope: "read", rate: "read" } as const
const approve = { access: "approver", scope: "approve", rate: "command" } as const
const id = Schema.Struct({ id: Digest })
const account = Schema.Struct({ account: AccountId })
const verdict = { params: id, reply: Receipt, status: 202, refusals: [409, 412, 422, 428], ifMatch: true } as const

export const listApprovals = endpoint({
  ...read,
  name: "listApprovals",
  method: "GET",
  path: "/api/v1/approvals",
  tag: "approvals",
  summary: "Plans on the desks: those that wait first, by expiry and value. Closed ones on demand.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    status: Schema.optionalKey(Schema.Literals(["pending", "open", "closing", "stuck", "closed"]))
  }),
  reply: page(ApprovalView)
})
export const getApproval = endpoint({
  ...read,
  name: "getApproval",
  method: "GET",
  path: "/api/v1/approvals/{id}",
  tag: "approvals",
  summary: "One plan with every move; its ETag is what a decision must name in If-Match.",
  params: id,
  query: Scoped,
  reply: ApprovalDetail
})
export const postDecision = endpoint({
  ...approve,
  ...verdict,
  name: "decideApproval",
  method: "POST",
  path: "/api/v1/approvals/{id}/decision",
  tag: "approvals",
  summary: "Says yes or no to exactly what was shown. If it has changed meanwhile: 412 with what stands now.",
  body: Schema.Struct({ decision: Schema.Literals(["approve", "reject"]), because: Reason })
})
export const postApprove = endpoint({
  ...approve,
  ...verdict,
  name: "approve",
  method: "POST",
  path: "/api/v1/approve/{id}",
  tag: "approvals",
  summary: "The same as a decision `approve`.",
  body: Schema.Struct({ because: Reason }),
  aliasOf: "decideApproval"
})
export const postReject = endpoint({
  ...approve,
  ...verdict,
  name: "reject",
  method: "POST",
  path: "/api/v1/reject/{id}",
  tag: "approvals",
  summary: "The same as a decision `reject`.",
  body: Schema.Struct({ because: Reason }),
  aliasOf: "decideApproval"
})
export const listPolicies = endpoint({
  ...read,
  name: "listPolicies",
  method: "GET",
  path: "/api/v1/policies",
  tag: "policies",
  summary: "The policy in force in each account.",
  query: Listed,
  reply: page(PolicyView)
})
export const getPolicy = endpoint({
  ...read,
  name: "getPolicy",
  method: "GET",
  path: "/api/v1/policies/{account}",
  tag: "policies",
  summary: "One account's policy; its ETag is the version.",
  params: account,
  query: Scoped,
  reply: PolicyView
})
const { version: _version, ...wishes } = Policy.fields
export const putPolicy = endpoint({
  name: "setPolicy",
  method: "PUT",
  path: "/api/v1/policies/{account}",
  tag: "policies",
  summary: "Replaces an account's policy; floors may only be tightened. If-Match names the version that was read.",
  access: "owner",
  scope: "approve",
  rate: "command",
  params: account,
  query: Schema.Struct({ dryRun: Schema.optionalKey(Schema.Literals(["true", "false"])) }),
  body: Schema.Struct({ policy: Schema.Struct(wishes), because: Reason }),
  reply: Schema.Struct({
    ...Receipt.fields,
    /** What would change, or changes, as `floors.scoreMin: 0.75 -> 0.8`; empty = nothing. */
    changes: Schema.Array(Schema.String),
    version: Schema.Int
  }),
  status: 202,
  refusals: [409, 412, 422, 428],
  ifMatch: true
})
export const deletePolicy = endpoint({
  name: "resetPolicy",
  method: "DELETE",
  path: "/api/v1/policies/{account}",
  tag: "policies",
  summary:
    "Takes back every wish: the product's own policy holds again, as a new version. If-Match names the one read.",
  access: "owner",
  scope: "approve",
  rate: "command",
  params: account,
  body: Schema.Struct({ because: Reason }),
  reply: putPolicy.reply,
  status: 202,
  refusals: [409, 412, 422, 428],
  ifMatch: true
})
export const getPolicySchema = endpoint({
  name: "getPolicySchema",
  method: "GET",
  path: "/api/v1/policies/schema",
  tag: "policies",
  summary: "The JSON Schema of a policy, for editors and pipelines.",
  access: "public",
  scope: "read",
  rate: "read",
  reply: Schema.Record(Schema.String, Schema.Unknown)
})
export const postStop = endpoint({
  name: "setStop",
  method: "POST",
  path: "/api/v1/stop",
  tag: "policies",
  summary: "The stop switch of one account or of all: pause starts nothing new, halt also turns running swaps back.",
  access: "operator",
  scope: "operate",
  rate: "command",
  body: Schema.Struct({
    /** Absent = every account of the tenant. */
    account: Schema.optionalKey(AccountId),
    stop: Schema.Literals(["run", "pause", "halt"]),
    because: Reason
  }),
  reply: Schema.Struct({ commands: Schema.Array(Receipt) }),
  status: 202
})
export const approvalsEndpoints = [
  listApprovals,
  getApproval,
  postDecision,
  postApprove,
  postReject,
  getPolicySchema,
  listPolicies,
  getPolicy,
  putPolicy,
  deletePolicy,
  postStop
] as const
