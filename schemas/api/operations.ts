/** What is going on: events, sagas step by step, what one thing led to, and what became of a command. */
import { Schema } from "effect"
import { AccountId, Region, TenantId, ZoneId } from "../ids.ts"
import { Phase } from "../saga.ts"
import { Move } from "../safe-plan.ts"
import { endpoint } from "./endpoint.ts"
import { Micros, page, pagingFields, Reason, Receipt, Scoped, scopeFields, Time } from "./page.ts"

export const Severity = Schema.Literals(["info", "good", "warning", "critical"])

/** A message of the log as people get it: without signatures, external ids and what is of other tenants. */
export const EventView = Schema.Struct({
  seq: Schema.Int,
  at: Time,
  kind: Schema.Literals(["fact", "order", "journal"]),
  /** An account, or `all`. */
  account: Schema.String,
  owner: Schema.String,
  name: Schema.String,
  about: Schema.String,
  /** One sentence. */
  says: Schema.String,
  severity: Severity,
  /** What `traces/{id}` takes to show what it belongs to; null where it stands alone. */
  correlation: Schema.NullOr(Schema.String),
  cause: Schema.NullOr(Schema.Int),
  body: Schema.Unknown
})

export const SagaView = Schema.Struct({
  id: Schema.String,
  saga: Schema.String,
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: Schema.String,
  groupId: Schema.String,
  plan: Schema.String,
  phase: Phase,
  /** `running` until it ends; then as the swap's settlement has it. */
  status: Schema.Literals(["running", "done", "undone", "refused", "stuck"]),
  step: Schema.String,
  /** The step in words, as `Launch the replacement`; empty before the first. */
  stepLabel: Schema.String,
  /** Which step of how many, for a bar; steps that were not needed count as done. */
  stepIndex: Schema.Int,
  stepCount: Schema.Int,
  way: Schema.Literals(["forward", "back"]),
  committed: Schema.Boolean,
  attempt: Schema.Int,
  by: Schema.String,
  epoch: Schema.Int,
  until: Time,
  old: Schema.String,
  oldType: Schema.String,
  newType: Schema.String,
  pool: Schema.String,
  zone: ZoneId,
  replacement: Schema.NullOr(Schema.String),
  hourlySavings: Micros,
  canary: Schema.Boolean,
  approvedBy: Schema.String,
  code: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  startedAt: Time,
  at: Time
})

/** A call that changes something, with its record before and its outcome after. */
export const CallView = Schema.Struct({
  call: Schema.String,
  action: Schema.String,
  account: AccountId,
  region: Region,
  saga: Schema.NullOr(Schema.String),
  step: Schema.NullOr(Schema.String),
  by: Schema.String,
  request: Schema.String,
  begunAt: Schema.NullOr(Time),
  endedAt: Schema.NullOr(Time),
  outcome: Schema.NullOr(Schema.Literals(["ok", "refused", "unknown"])),
  code: Schema.NullOr(Schema.String)
})

export const JournalView = Schema.Struct({
  seq: Schema.Int,
  n: Schema.Int,
  at: Time,
  mark: Schema.Literals(["move", "beat", "taken", "let-go", "resumed"]),
  phase: Phase,
  step: Schema.String,
  attempt: Schema.Int,
  way: Schema.Literals(["forward", "back"]),
  committed: Schema.Boolean,
  by: Schema.String,
  epoch: Schema.Int,
  code: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String)
})

/** A bar of the chart: one step on one way. `to` null = under way. */
export const StepView = Schema.Struct({
  step: Schema.String,
  label: Schema.String,
  way: Schema.Literals(["forward", "back"]),
  status: Schema.Literals(["waiting", "running", "done", "undone", "failed"]),
  pivot: Schema.Boolean,
  from: Schema.NullOr(Time),
  to: Schema.NullOr(Time),
  attempts: Schema.Int,
  calls: Schema.Array(CallView)
})

export const SagaDetail = Schema.Struct({
  ...SagaView.fields,
  move: Move,
  steps: Schema.Array(StepView),
  entries: Schema.Array(JournalView),
  /** The group's desired capacity and members in service while it ran, as the sweeps saw them. */
  capacity: Schema.Array(Schema.Struct({ at: Time, desired: Schema.Int, inService: Schema.Int })),
  asOf: Schema.Int
})

/** One hop of a trace. `waitedMs`: from its cause until it was said. */
export const Hop = Schema.Struct({
  event: EventView,
  depth: Schema.Int,
  waitedMs: Schema.NullOr(Schema.Int)
})

export const CommandView = Schema.Struct({
  id: Schema.String,
  seq: Schema.Int,
  at: Time,
  name: Schema.String,
  about: Schema.String,
  /** `accepted`: nobody answered yet; `answered`: facts came of it; `no-change`: it was heard and changed nothing. */
  status: Schema.Literals(["accepted", "answered", "no-change"]),
  facts: Schema.Array(EventView)
})

const id = Schema.Struct({ id: Schema.String.check(Schema.isMaxLength(400)) })
const read = { access: "viewer", scope: "read", rate: "read" } as const

export const listEvents = endpoint({
  ...read,
  name: "listEvents",
  method: "GET",
  path: "/api/v1/events",
  tag: "operations",
  summary: "What was said, newest first. The same as the event stream tells, further back.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    name: Schema.optionalKey(Schema.String),
    owner: Schema.optionalKey(Schema.String),
    about: Schema.optionalKey(Schema.String),
    severity: Schema.optionalKey(Severity)
  }),
  reply: page(EventView)
})
export const listSagas = endpoint({
  ...read,
  name: "listSagas",
  method: "GET",
  path: "/api/v1/sagas",
  tag: "operations",
  summary: "Swaps under way and ended, newest first.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    status: Schema.optionalKey(Schema.Literals(["running", "done", "undone", "refused", "stuck", "ended"])),
    group: Schema.optionalKey(Schema.String)
  }),
  reply: page(SagaView)
})
export const getSaga = endpoint({
  ...read,
  name: "getSaga",
  method: "GET",
  path: "/api/v1/sagas/{id}",
  tag: "operations",
  summary: "One swap: its steps, calls, journal, and the capacity of its group meanwhile.",
  params: id,
  query: Scoped,
  reply: SagaDetail
})
/** A person's word about one swap, with its reason. */
const word = {
  method: "POST",
  tag: "operations",
  access: "operator",
  scope: "operate",
  rate: "command",
  params: id,
  body: Schema.Struct({ because: Reason }),
  reply: Receipt,
  status: 202,
  refusals: [409, 422]
} as const
export const postAbort = endpoint({
  ...word,
  name: "abortSaga",
  path: "/api/v1/sagas/{id}/abort",
  summary: "Turns one swap back, as long as its old instance still serves; its plan ends with it."
})
export const postRetry = endpoint({
  ...word,
  name: "retrySaga",
  path: "/api/v1/sagas/{id}/retry",
  summary: "Lets one stuck swap go on from the step in which it got stuck, once what stopped it is mended."
})
export const getTrace = endpoint({
  ...read,
  name: "getTrace",
  method: "GET",
  path: "/api/v1/traces/{id}",
  tag: "operations",
  summary: "Everything that one thing came from and led to: a swap, a plan's hash, an instance or a sequence.",
  params: id,
  query: Scoped,
  reply: Schema.Struct({ id: Schema.String, hops: Schema.Array(Hop), isCutOff: Schema.Boolean, asOf: Schema.Int })
})
export const getCommand = endpoint({
  ...read,
  name: "getCommand",
  method: "GET",
  path: "/api/v1/commands/{id}",
  tag: "operations",
  summary: "What became of an order.",
  params: id,
  reply: CommandView
})
export const listHistory = endpoint({
  ...read,
  name: "listOptimizations",
  method: "GET",
  path: "/api/v1/optimization/history",
  tag: "operations",
  summary: "Swaps that ended, newest first.",
  query: Schema.Struct({ ...scopeFields, ...pagingFields }),
  reply: page(SagaView)
})
export const getOptimization = endpoint({
  ...read,
  name: "getOptimization",
  method: "GET",
  path: "/api/v1/optimization/status/{id}",
  tag: "operations",
  summary: "The same as sagas/{id}.",
  params: id,
  query: Scoped,
  reply: SagaDetail,
  aliasOf: "getSaga"
})
export const listAudit = endpoint({
  ...read,
  name: "listAudit",
  method: "GET",
  path: "/api/v1/audit",
  tag: "audit",
  summary: "Every call that changes something in an account, newest first.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    saga: Schema.optionalKey(Schema.String),
    outcome: Schema.optionalKey(Schema.Literals(["ok", "refused", "unknown"]))
  }),
  reply: page(CallView)
})
export const getAudit = endpoint({
  ...read,
  name: "getAudit",
  method: "GET",
  path: "/api/v1/audit/{id}",
  tag: "audit",
  summary: "One call.",
  params: id,
  reply: CallView
})
export const operationsEndpoints = [
  listEvents,
  listSagas,
  getSaga,
  postAbort,
  postRetry,
  getTrace,
  getCommand,
  listHistory,
  getOptimization,
  listAudit,
  getAudit
] as const
