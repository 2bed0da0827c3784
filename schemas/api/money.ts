/** What it is worth, and what needs a person: the front page's figures, savings over time, the ledger behind them. */
import { Effect, Schema } from "effect"
import { AccountId, TenantId } from "../ids.ts"
import { endpoint } from "./endpoint.ts"
import { Severity } from "./operations.ts"
import { Micros, page, pagingFields, Scoped, scopeFields, Time } from "./page.ts"

/** A figure beside what it was a month before; null where that month knows nothing of it. */
const against = <A extends Schema.Codec<any, any>>(figure: A) =>
  Schema.Struct({ now: figure, lastMonth: Schema.NullOr(figure) })

export const Summary = Schema.Struct({
  /** What swaps that are done save in this calendar month (UTC) so far, hour by hour since each was done. */
  savedThisMonth: against(Micros),
  /** What they save a month from now on, at the prices of each swap. */
  savingsRate: Micros,
  /** What kind of dollars: as long as no bill is connected, gross. */
  label: Schema.String,
  activeOptimisations: Schema.Int,
  spotInstances: Schema.Int,
  onDemandInstances: Schema.Int,
  /** Swaps that ended done, of all that ended, in 30 days; null where none ended. */
  successRate: Schema.NullOr(Schema.Finite),
  optimisationsThisMonth: against(Schema.Int),
  spotWarnings24h: Schema.Int,
  interruptions24h: Schema.Int,
  accounts: Schema.Int,
  groups: Schema.Int,
  clusters: Schema.Int,
  approvalsWaiting: Schema.Int,
  oldestApprovalAt: Schema.NullOr(Time),
  /** What runs in pools that are poisoned or score under the gate, at its Spot price. */
  uncoveredPerHour: Micros,
  /** Share of vCPU or, where a type is not known, of members, that stays on-demand. */
  onDemandShare: Schema.NullOr(Schema.Finite),
  stopped: Schema.Array(AccountId),
  asOf: Schema.Int
})

/** Who has silenced a row for the whole team, and until when. */
const muted = { by: Schema.String, until: Time } as const

/** For how many hours a row can be muted: nothing is silent for longer than a day. */
const MuteHours = Schema.Literals([1, 8, 24])

export const Attention = Schema.Struct({
  /** Stable, so that a row keeps its place. */
  id: Schema.String,
  kind: Schema.Literals([
    "approval",
    "stuck",
    "account-refused",
    "poisoned-exposure",
    "stopped",
    "unswept",
    "interruption",
    "orphan"
  ]),
  severity: Severity,
  title: Schema.String,
  /** Why it is here and what mends it. */
  why: Schema.String,
  account: Schema.NullOr(AccountId),
  /** By when somebody must have acted. */
  deadlineAt: Schema.NullOr(Time),
  since: Schema.NullOr(Time),
  /** Path of the dashboard that shows it. */
  link: Schema.String,
  /** Null: it speaks. Of an earlier moment always. */
  muted: Schema.NullOr(Schema.Struct(muted))
})

/** One bucket of time. What a swap saves counts from the moment it was done. */
export const SavingsPoint = Schema.Struct({
  at: Time,
  /** Saved in the bucket, at the prices of each swap. */
  saved: Micros,
  /** What the plans behind these swaps had promised for the bucket. */
  predicted: Micros,
  /** What all of it saves a month at the end of the bucket. */
  rate: Micros,
  swaps: Schema.Int
})

export const LedgerEntry = Schema.Struct({
  seq: Schema.Int,
  at: Time,
  tenant: TenantId,
  account: AccountId,
  swap: Schema.String,
  replacement: Schema.NullOr(Schema.String),
  onDemandPerHour: Micros,
  spotPerHour: Micros,
  hourlySavings: Micros,
  /** At 730 hours a month. */
  monthlySavings: Micros,
  label: Schema.String
})
export const LedgerTotals = Schema.Struct({
  swaps: Schema.Int,
  hourlySavings: Micros,
  monthlySavings: Micros,
  saved: Micros,
  label: Schema.String
})

const read = { access: "viewer", scope: "read", rate: "read", tag: "savings" } as const

export const getSummary = endpoint({
  ...read,
  name: "getSummary",
  method: "GET",
  path: "/api/v1/summary",
  summary: "The front page's figures.",
  query: Scoped,
  reply: Summary
})
export const listAttention = endpoint({
  ...read,
  name: "listAttention",
  method: "GET",
  path: "/api/v1/attention",
  summary: "What needs a person, most urgent first; what somebody has muted comes last.",
  query: Schema.Struct({ ...scopeFields, ...pagingFields }),
  reply: page(Attention)
})
/** Done once it is answered: what is silent is the gateway's own affair, and no order to anybody. */
const hush = {
  path: "/api/v1/attention/{id}/mute",
  tag: "savings",
  access: "operator",
  scope: "operate",
  rate: "command",
  params: Schema.Struct({ id: Schema.String.check(Schema.isMaxLength(400)) })
} as const
export const putMute = endpoint({
  ...hush,
  name: "muteAttention",
  method: "PUT",
  summary: "Silences a row for the whole team, 8 hours if none are named. It speaks where it gets worse or comes back.",
  body: Schema.Struct({ hours: MuteHours.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8 as const))) }),
  reply: Schema.Struct({ id: Schema.String, ...muted }),
  refusals: [409, 422]
})
export const deleteMute = endpoint({
  ...hush,
  name: "unmuteAttention",
  method: "DELETE",
  summary: "Lets a muted row speak again; one that speaks anyway is left as it is.",
  reply: Schema.Struct({ id: Schema.String }),
  refusals: [409]
})
export const getSavings = endpoint({
  ...read,
  name: "getSavings",
  method: "GET",
  path: "/api/v1/savings",
  summary: "Savings over time, actual and predicted.",
  query: Schema.Struct({
    ...scopeFields,
    /** RFC 3339, or `now-30d` with d, h or m. Default `now-30d`. */
    from: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(40))),
    step: Schema.optionalKey(Schema.Literals(["minute", "hour", "day"]))
  }),
  reply: Schema.Struct({
    points: Schema.Array(SavingsPoint),
    split: Schema.Array(Schema.Struct({ cause: Schema.String, saved: Micros })),
    label: Schema.String,
    asOf: Schema.Int
  })
})
export const listLedger = endpoint({
  ...read,
  name: "listLedger",
  method: "GET",
  path: "/api/v1/ledger",
  summary: "The rows behind the savings, newest first, with the totals of everything that matches.",
  query: Schema.Struct({ ...scopeFields, ...pagingFields }),
  reply: Schema.Struct({ ...page(LedgerEntry).fields, totals: LedgerTotals })
})
export const verifyLedger = endpoint({
  ...read,
  name: "verifyLedger",
  method: "GET",
  path: "/api/v1/ledger/verify",
  summary: "Counts the ledger against the log and each swap's row against its settlement.",
  reply: Schema.Struct({
    ok: Schema.Boolean,
    events: Schema.Int,
    distinct: Schema.Int,
    missing: Schema.Int,
    duplicates: Schema.Int,
    head: Schema.Int,
    swapsSettledDone: Schema.Int,
    savingsRows: Schema.Int,
    mismatches: Schema.Array(Schema.String)
  })
})
export const getAdminSavings = endpoint({
  ...read,
  tag: "administration",
  access: "super-admin",
  scope: null,
  name: "getAdminSavings",
  method: "GET",
  path: "/api/v1/admin/savings",
  summary: "Savings of every tenant.",
  reply: Schema.Struct({
    tenants: Schema.Array(
      Schema.Struct({ tenant: TenantId, swaps: Schema.Int, hourlySavings: Micros, monthlySavings: Micros })
    ),
    asOf: Schema.Int
  })
})
export const moneyEndpoints = [
  getSummary,
  listAttention,
  putMute,
  deleteMute,
  getSavings,
  verifyLedger,
  listLedger,
  getAdminSavings
] as const
