/** Those who look on, at a real server: among consumers that are not ours, over several pages, and after an ageing. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { AckPolicy } from "@nats-io/jetstream"
import { Effect } from "effect"
import { deadName, logName } from "../../bus/streams.ts"
import { fact, facts, fresh, gather, hearer } from "./bus-house.ts"
import { clientOf, connectBus, eventuallyTrue, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")

describe.skipIf(isMissing)("those who look on at a real server", () => {
  let servers: Servers
  beforeAll(async () => {
    servers = await startServers(1)
  })
  afterAll(() => servers?.end())

  /** Once the servers run. */
  const raw = Effect.suspend(() => clientOf(servers))

  it.live("see no tail, and no consumer that somebody else made, of several filters or of one", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const { jsm } = yield* raw
      const owner = fresh("o")
      const spec = hearer(owner)
      yield* bus.append(facts(owner, 3))
      yield* bus.hear(spec)
      yield* Effect.forkChild(bus.tail(0, () => {}))
      const filters = [`evt.*.${owner}.said.*`, `evt.*.${owner}.done.*`]
      const explicit = { ack_policy: AckPolicy.Explicit }
      const strangers = [
        { ...explicit, durable_name: "earlier", filter_subjects: filters },
        { ...explicit, durable_name: "person", filter_subject: filters[0]! },
        { ...explicit, durable_name: "person=-person", filter_subject: filters[0]! },
        { ...explicit, durable_name: "all" }
      ]
      for (const stranger of strangers) yield* Effect.promise(() => jsm.consumers.add(logName, stranger))
      const countOf = Effect.promise(async () => (await jsm.consumers.list(logName).next()).length)
      yield* eventuallyTrue(Effect.map(countOf, (count) => count === strangers.length + 2))
      assert.deepStrictEqual(
        (yield* bus.standings).map(({ name, filter }) => [name, filter]),
        [[spec.name, spec.filters[0]!]]
      )
    }).pipe(Effect.timeout("20 seconds"))
  )

  it.live("see every consumer, however many pages they fill", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = fresh("o")
      const filters = Array.from({ length: 300 }, (_, i) => `evt.*.${owner}.n${i}.*`)
      const spec = hearer(owner, { filters, inFlightMax: filters.length })
      yield* bus.append([fact(owner, "n7", "a", "7"), fact(owner, "n299", "a", "299")])
      const got = yield* gather(yield* bus.hear(spec), 2)
      assert.lengthOf(got, 2)
      const own = (yield* bus.standings).filter(({ name }) => name === spec.name)
      assert.sameMembers(
        own.map(({ filter }) => filter),
        filters
      )
      assert.sameMembers(
        own.filter(({ open }) => open === 1).map(({ filter }) => filter),
        [filters[7]!, filters[299]!]
      )
    }).pipe(Effect.timeout("60 seconds"))
  )

  it.live("find what lies in DEAD behind what has aged out of it", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const { jsm } = yield* raw
      const [owner, consumer] = [fresh("o"), fresh("c")]
      const { seq } = yield* bus.append(facts(owner, 25))
      const [newest, ...older] = (yield* bus.scan(seq - 25, 25)).toReversed()
      for (const message of older) yield* bus.bury(message, consumer, "old")
      assert.lengthOf(yield* bus.dead(undefined, 200), older.length)
      const { config } = yield* Effect.promise(() => jsm.streams.info(deadName))
      const second = 1_000_000_000
      const short = { ...config, max_age: second, duplicate_window: second }
      yield* Effect.promise(() => jsm.streams.update(deadName, short))
      yield* eventuallyTrue(Effect.map(bus.dead(undefined, 200), (found) => found.length === 0))
      yield* Effect.promise(() => jsm.streams.update(deadName, config))
      yield* bus.bury(newest!, consumer, "new")
      const found = yield* bus.dead(undefined, 200)
      assert.deepStrictEqual(
        found.map(({ seq: place, buried }) => [place, buried?.reason, buried?.seq]),
        [[older.length + 1, "new", newest!.seq]]
      )
      assert.deepStrictEqual(yield* bus.dead(found[0]!.seq, 200), [])
      assert.deepStrictEqual(yield* bus.dead(1_000_000, 1), found)
    }).pipe(Effect.timeout("40 seconds"))
  )
})
