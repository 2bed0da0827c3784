/** Whether what is shown can be trusted: how far each reader is behind the log, and what nobody could read. */
import { Schema } from "effect"
import { AccountId } from "../ids.ts"
import { endpoint } from "./endpoint.ts"
import { Time } from "./page.ts"

const Status = Schema.Literals(["ok", "degraded", "down"])
export const Dependency = Schema.Struct({
  name: Schema.String,
  status: Status,
  latencyMs: Schema.NullOr(Schema.Finite),
  details: Schema.String
})
export const SystemView = Schema.Struct({
  /** The log's newest sequence and when it was stored. */
  head: Schema.Int,
  headAt: Schema.NullOr(Time),
  /** Copies of the log's facts: of the gateway, and the ledger. `lagMs`: how old what it has not seen yet is. */
  projections: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      rows: Schema.Int,
      applied: Schema.Int,
      behind: Schema.Int,
      lagMs: Schema.NullOr(Schema.Int),
      unreadable: Schema.Int
    })
  ),
  /** Regions of accounts, and how old their inventory is. */
  sweeps: Schema.Array(
    Schema.Struct({ account: Schema.String, region: Schema.String, ageMs: Schema.Int, isStale: Schema.Boolean })
  ),
  stream: Schema.Struct({
    epoch: Schema.String,
    clients: Schema.Int,
    evicted: Schema.Int,
    resets: Schema.Int,
    ring: Schema.Int
  }),
  dependencies: Schema.Array(Dependency),
  process: Schema.Struct({ version: Schema.String, startedAt: Time, rssMb: Schema.Finite })
})
export const getSystem = endpoint({
  name: "getSystem",
  method: "GET",
  path: "/api/v1/system",
  tag: "system",
  summary: "How far everything is behind the log, and how everything it stands on is.",
  access: "viewer",
  scope: "read",
  rate: "read",
  reply: SystemView
})
const plain = { access: "public", scope: "read", rate: "read", tag: "system", method: "GET" } as const
const Health = Schema.Struct({ status: Status, version: Schema.String })
export const getHealth = endpoint({
  ...plain,
  name: "health",
  path: "/health",
  summary: "Whether the service works.",
  reply: Health,
  refusals: [503]
})
export const getHealthDetailed = endpoint({
  ...plain,
  access: "signed-in",
  name: "healthDetailed",
  path: "/health/detailed",
  summary: "Each dependency with its latency.",
  reply: Schema.Struct({ ...Health.fields, dependencies: Schema.Array(Dependency) }),
  refusals: [503]
})
export const getHealthz = endpoint({
  ...plain,
  name: "healthz",
  path: "/healthz",
  summary: "Whether the process lives.",
  reply: Schema.Struct({ status: Schema.Literal("ok") })
})
export const getReadyz = endpoint({
  ...plain,
  name: "readyz",
  path: "/readyz",
  summary: "Whether the process should be given requests: its copies of the log are up to date.",
  reply: Schema.Struct({ status: Schema.Literal("ok") }),
  refusals: [503]
})
export const getVersion = endpoint({
  ...plain,
  name: "version",
  path: "/version",
  summary: "Which version this is.",
  reply: Schema.Struct({ version: Schema.String, node: Schema.String })
})
/**
 * Server-sent events, or newline-delimited JSON where that is accepted. `id` is `EPOCH:SEQ`: whoever comes back with it
 * in Last-Event-ID misses nothing and gets nothing twice.
 */
export const getStream = endpoint({
  name: "stream",
  method: "GET",
  path: "/api/v1/stream",
  tag: "operations",
  summary: "What is being said, as it is said: EventView objects, of the caller's tenant alone.",
  access: "viewer",
  scope: "read",
  rate: "stream",
  query: Schema.Struct({
    /** Names or owners, by comma; absent = everything. */
    topics: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500))),
    account: Schema.optionalKey(AccountId),
    /** A sequence of the log: everything after it is told first. Absent = from now on. */
    after: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\d{1,15}$/u))),
    /** `identity` sends uncompressed. */
    enc: Schema.optionalKey(Schema.Literals(["identity", "gzip"]))
  }),
  native: "stream"
})
export const getMetrics = endpoint({
  ...plain,
  name: "metrics",
  path: "/metrics",
  summary: "Prometheus metrics of this process; none of them names a tenant.",
  native: "text"
})
export const systemEndpoints = [
  getStream,
  getMetrics,
  getSystem,
  getHealth,
  getHealthDetailed,
  getHealthz,
  getReadyz,
  getVersion
] as const
