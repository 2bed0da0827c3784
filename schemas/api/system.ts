/** Whether what is shown can be trusted: how far each reader is behind the log, and what nobody could read. */
import { Schema } from "effect"
import { AccountId } from "../ids.ts"
import { endpoint } from "./endpoint.ts"
import { Listed, page, Reason, Receipt, Time } from "./page.ts"

const Status = Schema.Literals(["ok", "degraded", "down"])
export const Dependency = Schema.Struct({
  name: Schema.String,
  status: Status,
  latencyMs: Schema.NullOr(Schema.Finite),
  details: Schema.String
})
/** Who hears what of the log, and how far he is: names and numbers of the installation, nothing of a tenant. */
export const Consumer = Schema.Struct({
  /** An actor's. One that hears several kinds of messages stands here once for each. */
  name: Schema.String,
  /** Subjects that it hears, as NATS has it: of every account, so it names none. */
  filter: Schema.String,
  /** Sequence of the log up to which all that it hears is settled. */
  settled: Schema.Int,
  /** Messages that it was not given yet. */
  pending: Schema.Int,
  /** Given to it and not settled. */
  open: Schema.Int,
  /** Of these, given more than once: something of it failed or died. */
  redelivered: Schema.Int
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
  /** Null = the bus does not say now. */
  consumers: Schema.NullOr(Schema.Array(Consumer)),
  /**
   * Messages that nobody could read, of the last 24 hours and of what the caller may see. The newest 200 are looked
   * through, and 100 stands for more. Null = the bus does not say now.
   */
  dead: Schema.NullOr(Schema.Int),
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
/** A message that whom it was for could not read, or could say nothing to that fits into the log. */
export const DeadLetter = Schema.Struct({
  /** Its own, and when it was put aside; null further down = what lies there is no letter of ours. */
  seq: Schema.Int,
  at: Time,
  /** Who could not read it. */
  consumer: Schema.NullOr(Schema.String),
  /** A word as `wrong-shape`; with its details, in which words of the message may stand, for the super admin alone. */
  reason: Schema.String,
  /** Where it stood in the log. */
  subject: Schema.NullOr(Schema.String),
  logSeq: Schema.NullOr(Schema.Int),
  logAt: Schema.NullOr(Time),
  /** Its whole size, and the SHA-256 of all of it. */
  bytes: Schema.NullOr(Schema.Int),
  sha256: Schema.NullOr(Schema.String),
  /** May `redrive` be asked of whom it was for? */
  canBeHeardAgain: Schema.Boolean,
  /**
   * Its first 1,024 bytes, and what can be printed of them: for the super admin alone, as nobody knows whose words they
   * are. Null for everybody else.
   */
  head: Schema.NullOr(Schema.Struct({ base64: Schema.String, text: Schema.String }))
})
export const listDead = endpoint({
  name: "listDead",
  method: "GET",
  path: "/api/v1/system/dead",
  tag: "system",
  summary: "Messages that nobody could read, newest first: those of the caller's accounts; a super admin's are all.",
  access: "viewer",
  scope: "read",
  rate: "read",
  query: Listed,
  reply: page(DeadLetter)
})
/** Whoever hears it again acts on it, whosever it is: that is for whoever runs the installation, never for a key. */
export const postRedrive = endpoint({
  name: "redriveDead",
  method: "POST",
  path: "/api/v1/system/dead/{seq}/redrive",
  tag: "system",
  summary: "Has whom a message was for hear it again, once what it could not be read for is mended.",
  access: "super-admin",
  scope: null,
  rate: "command",
  params: Schema.Struct({ seq: Schema.String.check(Schema.isPattern(/^[1-9]\d{0,14}$/u)) }),
  body: Schema.Struct({ because: Reason }),
  reply: Receipt,
  status: 202,
  refusals: [409, 422]
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
  listDead,
  postRedrive,
  getHealth,
  getHealthDetailed,
  getHealthz,
  getReadyz,
  getVersion
] as const
