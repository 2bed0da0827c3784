/** The streams as data, and the check that the server really made what was asked. */
import { Schema } from "effect"
import { type Bucket, buckets } from "../schemas/catalogue.ts"
import { logSubjects, tickSubjects } from "../schemas/message.ts"

const secondNs = 1_000_000_000
const dayNs = 86_400 * secondNs

export const logName = "LOG"
export const ticksName = "TICKS"
export const deadName = "DEAD"
/** Where what nobody can read is put, one subject per consumer. */
export const deadSubject = (consumer: string): string => `dead.${consumer}`
/** Most that is read of DEAD at once. */
export const deadPageMax = 200
export const streamOf = (bucket: Bucket<any>): string => `KV_${bucket.name}`

/** A stream as we ask for it, in the server's own field names: each is compared with what the server says it has. */
export interface StreamPlan extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly num_replicas: Replicas
  /** What a bucket is fed from. */
  readonly sources?: ReadonlyArray<unknown>
}

/**
 * Three replicas outlive one server; one is for a laptop. `persist_mode` is never set: `async` silently overrides the
 * server's `sync_interval: always`. Not for the buckets either, although the log could feed them again and it would
 * spare the server half of its time: how far a bucket is fed stands in a file beside its messages (`sources.db`, server
 * 2.15), both unflushed, and where that file outlives a power cut and the messages do not, the server never feeds the
 * gap. The loss would show when the log forgets them.
 */
export type Replicas = 1 | 3

/** Nobody takes anything out of it, and a full log refuses instead of forgetting. */
const kept = { retention: "limits", storage: "file", deny_delete: true, deny_purge: true } as const

/**
 * Everything durable. 35 days: longer than the longest window that is replayed (30 d) and than any quarantine (15 d).
 * The de-duplication window is as small as makes no difference: conditions, not message ids, make a repeat harmless.
 */
const log = (replicas: Replicas): StreamPlan => ({
  ...kept,
  name: logName,
  subjects: [...logSubjects],
  num_replicas: replicas,
  discard: "new",
  max_age: 35 * dayNs,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: -1,
  duplicate_window: secondNs,
  allow_atomic: true,
  allow_direct: true
})

/**
 * Remarks: the newest per subject is all that anybody wants, and a day later nobody wants it either. On disk all the
 * same: in memory its sequences would begin anew with the server, and whoever follows would wait for the old ones.
 */
const ticks = (replicas: Replicas): StreamPlan => ({
  name: ticksName,
  subjects: [...tickSubjects],
  num_replicas: replicas,
  retention: "limits",
  storage: "file",
  discard: "old",
  max_age: dayNs,
  max_msgs_per_subject: 1,
  allow_direct: true
})

/** What nobody could read. The window swallows the second burial of a message whose first one was not acknowledged. */
const dead = (replicas: Replicas): StreamPlan => ({
  ...kept,
  name: deadName,
  subjects: [deadSubject("*")],
  num_replicas: replicas,
  discard: "new",
  max_age: 35 * dayNs,
  duplicate_window: 600 * secondNs,
  allow_direct: true
})

/**
 * The rows of a bucket: the server copies each fact of its roads under the entity's key and keeps the newest. It has no
 * subject of its own, so nobody can write it. Rows do not age: an entity may outlive the log's memory of it.
 */
const rows = (bucket: Bucket<any>, replicas: Replicas): StreamPlan => ({
  ...kept,
  name: streamOf(bucket),
  num_replicas: replicas,
  discard: "old",
  max_age: 0,
  max_msgs_per_subject: 1,
  allow_direct: true,
  sources: [
    {
      name: logName,
      subject_transforms: bucket.roads.map((road) => ({
        src: road.filter,
        dest: `$KV.${bucket.name}.{{wildcard(2)}}`
      }))
    }
  ]
})

/** Every stream of the house, the log first: the buckets are fed from it. */
export const streamPlans = (replicas: Replicas): ReadonlyArray<StreamPlan> => [
  log(replicas),
  ticks(replicas),
  dead(replicas),
  ...buckets.map((bucket) => rows(bucket, replicas))
]

/**
 * The server has a stream of this name, but not as we need it: an older server dropped a flag, or a person changed it.
 */
export class StreamMismatch extends Schema.TaggedError<StreamMismatch>()("StreamMismatch", {
  stream: Schema.String,
  field: Schema.String,
  wanted: Schema.String,
  got: Schema.String
}) {
  override get message() {
    return `stream ${this.stream}: ${this.field} is ${this.got}, not ${this.wanted}`
  }
}

/** Does `got` hold everything that `wanted` names? Servers add fields of their own. */
export const holds = (wanted: unknown, got: unknown): boolean => {
  if (typeof wanted !== "object" || wanted === null) return Object.is(wanted, got)
  if (typeof got !== "object" || got === null) return false
  if (Array.isArray(wanted)) {
    return Array.isArray(got) && wanted.length === got.length && wanted.every((each, i) => holds(each, got[i]))
  }
  const have = new Map(Object.entries(got))
  return Object.entries(wanted).every(([field, value]) => holds(value, have.get(field)))
}

/** The first difference between the plan and what the server has; undefined where there is none. */
export const differenceIn = (plan: StreamPlan, got: object): StreamMismatch | undefined => {
  const have = new Map<string, unknown>(Object.entries(got))
  const wanted = new Map<string, unknown>(Object.entries(plan))
  const field = [...wanted.keys()].find((each) => !holds(wanted.get(each), have.get(each)))
  if (field !== undefined) {
    const [want, has] = [wanted.get(field), have.get(field)].map((value) => JSON.stringify(value) ?? "absent")
    return new StreamMismatch({ stream: plan.name, field, wanted: want ?? "", got: has ?? "" })
  }
  return have.get("persist_mode") === "async"
    ? new StreamMismatch({ stream: plan.name, field: "persist_mode", wanted: "default", got: "async" })
    : undefined
}
