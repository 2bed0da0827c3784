/** Events through the house, and through a bare client: the risk manager and the ledger against consume and publish. */
import { AckPolicy } from "@nats-io/jetstream"
import { Deferred, Effect } from "effect"
import { nanos } from "nats"
import { runLedger } from "../../actors/ledger/actor.ts"
import { booked } from "../../actors/_ports/warehouse-questions.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { Ack, Bus } from "../../bus/bus.ts"
import { makeClaims } from "../../bus/claims.ts"
import { batchMax, runMind } from "../../bus/mind.ts"
import { logName } from "../../bus/streams.ts"
import { entityFilter } from "../../schemas/message.ts"
import { poolPriced } from "../../schemas/pool.ts"
import { lastToken, saidBytes, type Sealed } from "./events.ts"
import { InFlight } from "./in-flight.ts"
import type { Client, Ledger, Stand } from "./stand.ts"

/** Publishes under way at once. */
const inFlightMax = 512
/** Nothing may take longer: something hangs. */
const patience = "5 minutes"

/** Consume, acknowledge each, publish one for one of the house's size; events per second. */
export const bareRate = async ({ js, jsm }: Client, count: number): Promise<number> => {
  await jsm.consumers.add(logName, {
    durable_name: "bare",
    ack_policy: AckPolicy.Explicit,
    filter_subject: poolPriced.filter,
    max_ack_pending: 5_000,
    ack_wait: nanos(30_000)
  })
  const body = new Uint8Array(saidBytes()).fill(0x78)
  const consumer = await js.consumers.get(logName, "bare")
  const begun = performance.now()
  const messages = await consumer.consume({ max_messages: 1_000 })
  const sent = new InFlight()
  let heard = 0
  for await (const message of messages) {
    message.json()
    sent.add(js.publish(`evt.all.bare.said.${lastToken(message.subject)}`, body))
    message.ack()
    if (++heard === count) break
    await sent.below(inFlightMax)
  }
  await sent.whenDone(count)
  const rate = (count * 1_000) / (performance.now() - begun)
  messages.stop()
  return rate
}

/** As many at once as a mind has. */
const lanes = 4

/**
 * The bus by itself: takes, appends as many bytes as the risk manager says if nobody was first, settles.
 * It is no part of the other figure that could be subtracted: besides schemas, rules and ledger it is spared a mind's
 * several filters, its first look at an entity, and the buckets that are fed from its facts.
 */
const busRate = (stand: Stand, count: number) =>
  Effect.gen(function* () {
    const bus = yield* stand.bus
    const inbox = yield* bus.hear({
      name: "bus-alone",
      filters: [poolPriced.filter],
      inFlightMax: 1_000,
      ackWaitMs: 30_000
    })
    const data = new Uint8Array(saidBytes()).fill(0x78)
    const last = new Map<string, number>()
    const claims = makeClaims()
    const done = yield* Deferred.make<void>()
    let settled = 0
    const store = (abouts: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const drafts = abouts.map((about) => {
          const expect = { seq: last.get(about) ?? 0, on: entityFilter("bare", about) }
          return { subject: `evt.all.bare.said.${about}`, data, expect }
        })
        const { seq } = yield* bus.append(drafts)
        for (const [i, about] of abouts.entries()) last.set(about, seq - abouts.length + 1 + i)
      })
    const lane = Effect.gen(function* () {
      const batch = yield* inbox.take(batchMax)
      const abouts = [...new Set(batch.map(({ subject }) => lastToken(subject)))]
      yield* claims.holding(
        abouts,
        Effect.suspend(() => store(abouts))
      )
      yield* Effect.forEach(batch, (one) => one.settle(Ack), { concurrency: "unbounded", discard: true })
      settled += batch.length
      if (settled >= count) yield* Deferred.succeed(done, undefined)
    })
    const begun = performance.now()
    for (let n = 0; n < lanes; n++) yield* Effect.forkScoped(Effect.forever(lane))
    yield* Effect.timeout(Deferred.await(done), patience)
    return (count * 1_000) / (performance.now() - begun)
  })

/** Events per second, and microseconds of processor time per event. */
export interface Pass {
  readonly rate: number
  readonly server: number
  readonly client: number
  readonly both: number
}

const metered = async (stand: Stand, count: number, run: () => Promise<number>): Promise<Pass> => {
  const before = stand.spent()
  const rate = await run()
  const after = stand.spent()
  const [server, client] = [(after.server - before.server) / count, (after.client - before.client) / count]
  return { rate, server, client, both: server + client }
}

export const busTurn = async (stand: Stand, messages: ReadonlyArray<Sealed>): Promise<Pass> => {
  await stand.reset(messages)
  const run = () => Effect.runPromise(Effect.scoped(busRate(stand, messages.length)))
  return metered(stand, messages.length, run)
}

/** Rows as they are answered for; settles `done` when `count` of them are. */
const watched = (warehouse: Warehouse["Service"], count: number, done: Deferred.Deferred<void>) => {
  let rowsStored = 0
  return Warehouse.of({
    ...warehouse,
    insert: (table, rows, token) =>
      Effect.tap(warehouse.insert(table, rows, token), () => {
        rowsStored += table === "events" ? rows.length : 0
        return rowsStored < count ? Effect.void : Deferred.succeed(done, undefined)
      })
  })
}

/**
 * The risk manager hears every price and says a score, the ledger books both, each in the process of this program, as
 * `--actors one` has them. Events per second until the last row is stored, and that all are.
 */
const houseRate = (stand: Stand, { warehouse }: Ledger, count: number) =>
  Effect.gen(function* () {
    const bus = yield* stand.bus
    const done = yield* Deferred.make<void>()
    yield* warehouse.migrate
    const begun = performance.now()
    yield* Effect.forkScoped(Effect.provideService(runMind(riskManager), Bus, bus))
    const books = Effect.provideService(runLedger(50), Warehouse, watched(warehouse, 2 * count, done))
    yield* Effect.forkScoped(Effect.provideService(books, Bus, bus))
    yield* Effect.timeout(Deferred.await(done), patience)
    const rate = (count * 1_000) / (performance.now() - begun)
    const [ledger] = yield* warehouse.ask(booked, {})
    if (ledger?.events !== 2 * count || ledger.distinct !== 2 * count) {
      return yield* Effect.die(new Error(`${ledger?.distinct} of ${2 * count} messages are in the ledger`))
    }
    return rate
  })

export const houseTurn = async (stand: Stand, ledger: Ledger, messages: ReadonlyArray<Sealed>): Promise<Pass> => {
  await stand.reset(messages)
  await ledger.reset()
  const run = () => Effect.runPromise(Effect.scoped(houseRate(stand, ledger, messages.length)))
  return metered(stand, messages.length, run)
}

export const bareTurn = async (stand: Stand, messages: ReadonlyArray<Sealed>): Promise<Pass> => {
  await stand.reset(messages)
  return metered(stand, messages.length, () => bareRate(stand.client, messages.length))
}
