/** Two hops at a fixed pace: a fact, a mind that hears it and says another, a second that does so, and who waits. */
import { setTimeout as sleep } from "node:timers/promises"
import { AckPolicy } from "@nats-io/jetstream"
import { Effect, Schema } from "effect"
import { createInbox, nanos } from "nats"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { Bus } from "../../bus/bus.ts"
import { hears, type Mind, runMind } from "../../bus/mind.ts"
import { logName } from "../../bus/streams.ts"
import type { Rules } from "../../schemas/decision.ts"
import { Instant, SafetyScore } from "../../schemas/ids.ts"
import { event } from "../../schemas/message.ts"
import { Pool, PoolScored, poolPriced, poolScored, poolToken } from "../../schemas/pool.ts"
import { InFlight } from "./in-flight.ts"
import { percentile } from "./measure.ts"
import { lastToken, saidBytes, sealedOf } from "./events.ts"
import type { Client, Stand } from "./stand.ts"

/** The newest score of a pool, and how many there were. */
class PoolNoted extends Schema.TaggedClass<PoolNoted>()("PoolNoted", {
  pool: Pool,
  score: SafetyScore,
  at: Instant
}) {}
class Noted extends Schema.Class<Noted>("Noted")({ score: SafetyScore, at: Instant, count: Schema.Int }) {}

const poolNoted = event("score-keeper", PoolNoted, { account: () => "all", key: ({ pool }) => poolToken(pool) })

const rules: Rules<Noted, PoolScored, PoolNoted> = {
  decide: (state, { pool, score, at }) =>
    state !== undefined && at <= state.at ? [] : [new PoolNoted({ pool, score, at })],
  evolve: (state, { score, at }) => new Noted({ score, at, count: (state?.count ?? 0) + 1 })
}

/** The second mind: smaller than any of the house, so that two hops are measured and not its rules. */
const scoreKeeper: Mind<Noted> = {
  name: "score-keeper",
  remembers: Noted,
  hears: [hears(poolScored, ({ pool }) => poolToken(pool))],
  says: [poolNoted],
  rules,
  consults: [],
  remarks: [],
  wakes: null
}

export interface Pace {
  readonly perSecond: number
  readonly seconds: number
}
export interface Latency {
  /** Milliseconds from the first publish until the last fact is heard. */
  readonly p50: number
  readonly p99: number
}

/** Pools that take turns; by the time that one comes again, its last round is over. */
const pools = 200
/** Before the clock runs: everything is opened, compiled, and every pool has been heard of. */
const warmups = pools
const overdueMs = 20_000
const bareSubject = (name: string, about: string) => `evt.all.${name}.said.${about}`

/** Publishes at the pace and times each until `heard` is called for it. */
const timed = async (
  { js }: Client,
  pace: Pace,
  listen: (heard: (about: string) => void) => Promise<() => void>
): Promise<Latency> => {
  const sent = new Map<string, number>()
  const took: Array<number> = []
  const arrived = new InFlight()
  const published = new InFlight()
  const stop = await listen((about) => {
    const at = sent.get(about)
    if (at === undefined) return
    sent.delete(about)
    arrived.tick()
    if (arrived.done > warmups) took.push(performance.now() - at)
  })
  const all = warmups + pace.perSecond * pace.seconds
  const begun = performance.now()
  for (let n = 0; n < all; n++) {
    const late = begun + (n * 1_000) / pace.perSecond - performance.now()
    if (late > 0) await sleep(late)
    const one = sealedOf(n + pools, pools)
    sent.set(one.about, performance.now())
    published.add(js.publish(one.subject, one.data))
  }
  await published.whenDone(all)
  await Promise.race([arrived.whenDone(all), sleep(overdueMs, undefined, { ref: false })])
  stop()
  if (arrived.done !== all) throw new Error(`${all - arrived.done} of ${all} facts did not arrive in ${overdueMs} ms`)
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) }
}

/** Who waits for the end: the same for both, a consumer that the server pushes to and that acknowledges nothing. */
const observe = async ({ nc, jsm }: Client, filter: string, heard: (about: string) => void) => {
  const inbox = createInbox()
  const subscription = nc.subscribe(inbox, { callback: (_, message) => heard(lastToken(message.subject)) })
  const deliver = { deliver_subject: inbox, filter_subject: filter, ack_policy: AckPolicy.None }
  const { name } = await jsm.consumers.add(logName, { ...deliver, inactive_threshold: nanos(60_000) })
  return () => {
    subscription.unsubscribe()
    void jsm.consumers.delete(logName, name).catch(() => false)
  }
}

/** One bare hop: consumes, publishes as many bytes as the house says, acknowledges when that is stored. */
const bareHop = async ({ js, jsm }: Client, name: string, filter: string) => {
  const durable = { durable_name: name, filter_subject: filter, ack_policy: AckPolicy.Explicit }
  await jsm.consumers.add(logName, { ...durable, ack_wait: nanos(30_000) })
  const body = new Uint8Array(saidBytes()).fill(0x78)
  const messages = await (await js.consumers.get(logName, name)).consume({
    max_messages: 256,
    callback: (message) => {
      void js.publish(bareSubject(name, lastToken(message.subject)), body).then(() => message.ack())
    }
  })
  return () => messages.stop()
}

export const bareLatency = async (stand: Stand, pace: Pace): Promise<Latency> => {
  await stand.reset([])
  const { client } = stand
  return timed(client, pace, async (heard) => {
    const stops = [
      await bareHop(client, "first", poolPriced.filter),
      await bareHop(client, "second", "evt.*.first.said.*"),
      await observe(client, "evt.*.second.said.*", heard)
    ]
    return () => stops.forEach((stop) => stop())
  })
}

export const houseLatency = async (stand: Stand, pace: Pace): Promise<Latency> => {
  await stand.reset([])
  const life = Effect.gen(function* () {
    for (const mind of [riskManager, scoreKeeper] as ReadonlyArray<Mind<any>>) {
      yield* Effect.forkScoped(Effect.provideService(runMind(mind), Bus, yield* stand.bus))
    }
    return yield* Effect.promise(() =>
      timed(stand.client, pace, (heard) => observe(stand.client, poolNoted.filter, heard))
    )
  })
  return Effect.runPromise(Effect.scoped(life))
}
