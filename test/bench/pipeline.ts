/** Events through the house, and through a bare client: the risk manager and the ledger against consume and publish. */
import { AckPolicy } from "@nats-io/jetstream"
import { Deferred, Effect } from "effect"
import { nanos } from "nats"
import { runLedger } from "../../actors/ledger/actor.ts"
import { booked } from "../../actors/_ports/warehouse-questions.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { Bus } from "../../bus/bus.ts"
import { runMind } from "../../bus/mind.ts"
import { logName } from "../../bus/streams.ts"
import { poolPriced } from "../../schemas/pool.ts"
import { saidBytes, type Sealed } from "./events.ts"
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
  let heard = 0
  let answered = 0
  let goOn = () => {}
  for await (const message of messages) {
    message.json()
    void js.publish(`evt.all.bare.said.${message.subject.split(".")[4]}`, body).then(() => {
      answered++
      goOn()
    })
    message.ack()
    if (++heard === count) break
    while (heard - answered >= inFlightMax) await new Promise<void>((free) => (goOn = free))
  }
  while (answered < count) await new Promise<void>((free) => (goOn = free))
  const rate = (count * 1_000) / (performance.now() - begun)
  messages.stop()
  return rate
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

export const houseTurn = async (stand: Stand, ledger: Ledger, messages: ReadonlyArray<Sealed>): Promise<number> => {
  await stand.reset(messages)
  await ledger.reset()
  return Effect.runPromise(Effect.scoped(houseRate(stand, ledger, messages.length)))
}

export const bareTurn = async (stand: Stand, messages: ReadonlyArray<Sealed>): Promise<number> => {
  await stand.reset(messages)
  return bareRate(stand.client, messages.length)
}
