/** Durable consumers as the servers have them: one per filter, made, joined, or heirs of an earlier version's. */
import { type ApiError, JetStreamApiError } from "@nats-io/jetstream"
import { Effect, Schema } from "effect"
import { key, partOf } from "../schemas/key.ts"
import { BusDown, type ConsumerSpec } from "./bus.ts"
import type { Link } from "./nats-link.live.ts"
import { logName } from "./streams.ts"

/**
 * Its name. One filter each: to find the next message of one filter costs a server with a backlog 2 us, of several 100,
 * as it then walks through all the subjects of a block for each message.
 */
export const durableOf = (consumer: string, filter: string): string => `${prefixOf(consumer)}${key(filter)}`
/** Is it one of that consumer's? */
export const isDurableOf = (consumer: string, durable: string): boolean => durable.startsWith(prefixOf(consumer))
const prefixOf = (consumer: string) => `${key(consumer)}=-`
/** Is it named as ours are? The client's own names, and those that people give, have no such sign. */
export const isOurs = (durable: string): boolean => durable.includes("=-")
/** Whose it is, as `hear` named him; undefined where it is none of ours. Too long a name is given as its hash. */
export const consumerOf = (durable: string, filter: string): string | undefined => {
  const token = durable.slice(0, Math.max(0, durable.indexOf("=-")))
  return durable === `${token}=-${key(filter)}` ? (partOf(token) ?? token) : undefined
}

export const ns = (ms: number): number => Math.round(ms * 1_000_000)

/** As long as the log remembers: who heard nothing for so long has nothing to miss, and a filter given up goes away. */
const forgottenAfterMs = 35 * 86_400_000

/** Where in the log a consumer begins. */
interface Start {
  readonly deliver_policy: string
  readonly opt_start_seq?: number
}
const fromTheFirst: Start = { deliver_policy: "all" }

/** What a server says about a consumer, as far as we ask. */
const Standing = Schema.Struct({
  config: Schema.Struct({
    deliver_policy: Schema.String,
    opt_start_seq: Schema.optionalKey(Schema.Int),
    filter_subjects: Schema.optionalKey(Schema.Array(Schema.String)),
    filter_subject: Schema.optionalKey(Schema.String)
  }),
  /** Up to here everything is settled. */
  ack_floor: Schema.Struct({ stream_seq: Schema.Int })
})
type Standing = typeof Standing.Type
const decodeStanding = Schema.decodeUnknownSync(Standing)

/** JetStream's code: no such consumer. */
const isMissing = (error: ApiError) => error.err_code === 10014

const answerOf = async (link: Link, op: string, name: string, question = "") => {
  const reply = await link.request(`$JS.API.CONSUMER.${op}.${logName}.${name}`, question)
  return reply.json<{ readonly error?: ApiError }>()
}

const standingOf = async (link: Link, name: string): Promise<Standing | undefined> => {
  const answer = await answerOf(link, "INFO", name)
  if (answer.error === undefined) return decodeStanding(answer)
  if (isMissing(answer.error)) return undefined
  throw new JetStreamApiError(answer.error)
}

const declaration = (spec: ConsumerSpec, filter: string, { deliver_policy, opt_start_seq }: Start) =>
  JSON.stringify({
    stream_name: logName,
    action: "", // create, or change what may be changed
    config: {
      durable_name: durableOf(spec.name, filter),
      name: durableOf(spec.name, filter),
      deliver_policy,
      ...(opt_start_seq === undefined ? {} : { opt_start_seq }),
      ack_policy: "explicit",
      replay_policy: "instant",
      // No limit: at a limit of its own the server would drop the message without a word.
      max_deliver: -1,
      ack_wait: ns(spec.ackWaitMs),
      max_ack_pending: spec.inFlightMax,
      inactive_threshold: ns(forgottenAfterMs),
      filter_subject: filter
    }
  })

/** Behind everything that the earlier version's consumer of all filters has settled; anew what it did not hear. */
const heirOf = (old: Standing | undefined, filter: string): Start =>
  old !== undefined && [old.config.filter_subject, ...(old.config.filter_subjects ?? [])].includes(filter)
    ? { deliver_policy: "by_start_sequence", opt_start_seq: old.ack_floor.stream_seq + 1 }
    : fromTheFirst

/**
 * Makes the durable consumer of one filter, or gives an existing one these limits. Where a sibling made it in between
 * and begins elsewhere, the server refuses with 500, and the repeat finds it.
 */
export const declare = (link: Link, spec: ConsumerSpec, filter: string): Effect.Effect<void, BusDown> =>
  link.ask(`hear ${spec.name}`, async () => {
    const name = durableOf(spec.name, filter)
    const own = await standingOf(link, name)
    const start = own === undefined ? heirOf(await standingOf(link, spec.name), filter) : own.config
    const { error } = await answerOf(link, "CREATE", name, declaration(spec, filter, start))
    if (error !== undefined) throw new JetStreamApiError(error)
  })

/**
 * Ends the consumer that an earlier version had for all filters together, once each has a successor. It is not waited
 * for until it is drained: its successors begin where it has settled everything, and what it settled beyond comes once
 * more, as any delivery may. A process of the earlier version that still runs makes it anew and hears the log from its
 * beginning: harmless, and better stopped first.
 */
const endOld = (link: Link, name: string) =>
  link.ask(`hear ${name}`, async () => {
    if ((await standingOf(link, name)) === undefined) return
    const { error } = await answerOf(link, "DELETE", name)
    if (error !== undefined && !isMissing(error)) throw new JetStreamApiError(error)
  })

/** Do two filters have a subject in common? Then it would be delivered by both. */
export const overlap = (one: string, other: string): boolean => {
  const [a, b] = [one.split("."), other.split(".")]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]]
    if (x === undefined || y === undefined) return false
    if (x === ">" || y === ">") return true
    if (x !== y && x !== "*" && y !== "*") return false
  }
  return true
}

const assertApart = ({ name, filters }: ConsumerSpec): Effect.Effect<void, BusDown> => {
  for (const [i, one] of filters.entries()) {
    const twin = filters.slice(i + 1).find((other) => overlap(one, other))
    if (twin === undefined) continue
    const cause = new Error(`what matches ${one} and ${twin} would be delivered twice`)
    return Effect.fail(new BusDown({ op: `hear ${name}`, cause }))
  }
  return Effect.void
}

/** Makes a durable consumer of every filter. Filters with a subject in common are refused. */
export const declareAll = (link: Link, spec: ConsumerSpec): Effect.Effect<void, BusDown> =>
  assertApart(spec).pipe(
    Effect.andThen(Effect.forEach(spec.filters, (filter) => declare(link, spec, filter), { concurrency: "unbounded" })),
    Effect.andThen(endOld(link, spec.name))
  )
