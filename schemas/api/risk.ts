/** How safe it is: pools with their gate, score and what it is made of, and what the enforcer let pass or refused. */
import { Schema } from "effect"
import { AccountId, InstanceType, Region, SafetyScore, ZoneId } from "../ids.ts"
import { AdvisorBand, Gate, Herd, Product, RiskTerms } from "../pool.ts"
import { Violation } from "../safe-plan.ts"
import { endpoint } from "./endpoint.ts"
import { Micros, page, pagingFields, Reason, Receipt, Scoped, scopeFields, Time } from "./page.ts"

/** What is known of a pool. Other tenants' losses are counted, never named. */
export const PoolView = Schema.Struct({
  /** Its token, as `use1-az1_c5_large_linux`. */
  key: Schema.String,
  region: Region,
  zone: ZoneId,
  instanceType: InstanceType,
  family: Schema.String,
  product: Product,
  /** Shut until the later end of evidence and of what a person holds. */
  gate: Gate,
  /** A person keeps it shut until then, whatever evidence says; null = nobody does. Who it is stays in the log. */
  held: Schema.NullOr(Schema.Struct({ until: Time, because: Schema.String })),
  herd: Herd,
  /** May anything be launched there now? */
  isOpen: Schema.Boolean,
  safetyScore: Schema.NullOr(SafetyScore),
  terms: Schema.NullOr(RiskTerms),
  scoredAt: Time,
  vcpu: Schema.NullOr(Schema.Int),
  memoryMib: Schema.NullOr(Schema.Int),
  spotPerHour: Schema.NullOr(Micros),
  onDemandPerHour: Schema.NullOr(Micros),
  band: Schema.NullOr(AdvisorBand),
  volatility: Schema.NullOr(Schema.Finite),
  priceReadAt: Schema.NullOr(Time),
  /** Where the list price and the band come from, and of which day. */
  origin: Schema.NullOr(Schema.String),
  interruptionCount: Schema.Int,
  lastInterruptionAt: Schema.NullOr(Time),
  distinctWitnesses: Schema.Int,
  /** Instances of the caller's tenant that run in it. */
  ours: Schema.Int,
  revision: Schema.Int
})

export const Validation = Schema.Struct({
  seq: Schema.Int,
  at: Time,
  account: AccountId,
  region: Region,
  group: Schema.String,
  proposal: Schema.String,
  action: Schema.Literals(["approved", "safe-alternative", "rejected"]),
  because: Schema.NullOr(Schema.String),
  details: Schema.String,
  violations: Schema.Array(Violation)
})

export const SafetyStatus = Schema.Struct({
  /** Of the last 24 hours. */
  validations: Schema.Int,
  approved: Schema.Int,
  safeAlternatives: Schema.Int,
  rejected: Schema.Int,
  violations: Schema.Int,
  byType: Schema.Array(Schema.Struct({ type: Schema.String, count: Schema.Int })),
  poisonedPools: Schema.Int,
  riskyPools: Schema.Int,
  uncertainPools: Schema.Int,
  asOf: Schema.Int
})

const read = { access: "viewer", scope: "read", rate: "read", tag: "risk" } as const
/** A pool's gate is every tenant's, so its keeper is whoever runs the installation: a person, never a key. */
const keep = {
  access: "super-admin",
  scope: null,
  rate: "command",
  tag: "risk",
  reply: Receipt,
  status: 202
} as const
const key = Schema.Struct({ key: Schema.String.check(Schema.isMaxLength(200)) })

export const listPools = endpoint({
  ...read,
  name: "listPools",
  method: "GET",
  path: "/api/v1/pools",
  summary: "Spot pools. `mine=true`: only those in which something of the caller's runs or could be moved to.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    zone: Schema.optionalKey(ZoneId),
    family: Schema.optionalKey(Schema.String),
    mine: Schema.optionalKey(Schema.Literals(["true", "false"])),
    state: Schema.optionalKey(Schema.Literals(["open", "poisoned", "uncertain", "risky"]))
  }),
  reply: page(PoolView)
})
export const getPool = endpoint({
  ...read,
  name: "getPool",
  method: "GET",
  path: "/api/v1/pools/{key}",
  summary: "One pool.",
  params: key,
  query: Scoped,
  reply: PoolView
})
export const getPoolHistory = endpoint({
  ...read,
  name: "getPoolHistory",
  method: "GET",
  path: "/api/v1/pools/{key}/history",
  summary: "How price, score, gate and herd of a pool went, oldest first, at most 1,000 points.",
  params: key,
  query: Scoped,
  reply: Schema.Struct({
    key: Schema.String,
    points: Schema.Array(
      Schema.Struct({
        seq: Schema.Int,
        at: Time,
        says: Schema.String,
        spotPerHour: Schema.NullOr(Micros),
        onDemandPerHour: Schema.NullOr(Micros),
        safetyScore: Schema.NullOr(SafetyScore),
        gate: Schema.NullOr(Schema.Literals(["open", "poisoned"])),
        herd: Schema.NullOr(Schema.Literals(["NORMAL", "UNCERTAIN", "RISKY"]))
      })
    ),
    asOf: Schema.Int
  })
})
export const postQuarantine = endpoint({
  ...keep,
  name: "quarantinePool",
  method: "POST",
  path: "/api/v1/pools/{key}/quarantine",
  summary: "Shuts a pool to every tenant until then, at most 90 days ahead. What runs there stays; it ends by itself.",
  params: key,
  body: Schema.Struct({ until: Time, because: Reason }),
  refusals: [422]
})
export const postClear = endpoint({
  ...keep,
  name: "clearPool",
  method: "POST",
  path: "/api/v1/pools/{key}/clear",
  summary: "Opens a quarantined pool before its time: a person's hold and what was lost until now count no more.",
  params: key,
  body: Schema.Struct({ because: Reason }),
  refusals: [409, 422]
})
export const getSafetyStatus = endpoint({
  ...read,
  name: "getSafetyStatus",
  method: "GET",
  path: "/api/v1/safety/status",
  summary: "What the safety enforcer decided in the last 24 hours.",
  query: Scoped,
  reply: SafetyStatus
})
export const listViolations = endpoint({
  ...read,
  name: "listViolations",
  method: "GET",
  path: "/api/v1/safety/violations",
  summary: "Validations, newest first, each with what it found wrong.",
  query: Schema.Struct({
    ...scopeFields,
    ...pagingFields,
    action: Schema.optionalKey(Schema.Literals(["approved", "safe-alternative", "rejected"]))
  }),
  reply: page(Validation)
})
export const riskEndpoints = [
  listPools,
  getPool,
  getPoolHistory,
  postQuarantine,
  postClear,
  getSafetyStatus,
  listViolations
] as const
