/** Durable consumers on a real server: one per filter, taken over from an earlier version's, and made twice at once. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { AckPolicy } from "@nats-io/jetstream"
import { Effect, Schema } from "effect"
import { Ack, type ConsumerSpec, type Draft } from "../../bus/bus.ts"
import { durableOf, isDurableOf, overlap } from "../../bus/nats-durable.live.ts"
import { logName } from "../../bus/streams.ts"
import { matches } from "../../schemas/message.ts"
import { fact, gather, hearer, textsOf } from "./bus-house.ts"
import { clientOf, connectBus, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")

const namesOf = ["said", "done", "new"]
/** Hears three roads of an owner whom nobody else speaks for. */
const hearerOf = (owner: string, more: Partial<ConsumerSpec> = {}): ConsumerSpec =>
  hearer(owner, { filters: namesOf.map((name) => `evt.*.${owner}.${name}.*`), ...more })
const factOf = (owner: string, name: string, about: string): Draft => fact(owner, name, about, about)

describe.skipIf(isMissing)("durable consumers", () => {
  let servers: Servers
  beforeAll(async () => {
    servers = await startServers(1)
  })
  afterAll(() => servers?.end())

  /** Once the servers run. */
  const raw = Effect.suspend(() => clientOf(servers))
  const durables = Effect.flatMap(raw, ({ jsm }) => Effect.promise(() => jsm.consumers.list(logName).next()))

  it.live("go on behind what an earlier version's consumer of all filters has settled, and end that one", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const { js, jsm } = yield* raw
      const spec = hearerOf("successor", { ackWaitMs: 1_000 })
      const old = {
        durable_name: spec.name,
        ack_policy: "explicit",
        filter_subjects: spec.filters.slice(0, 2)
      } as const
      yield* Effect.promise(() => jsm.consumers.add(logName, old))
      yield* bus.append(["k0", "k1", "k2", "k3"].map((about, i) => factOf("successor", namesOf[i % 2]!, about)))
      // the earlier version did not hear this road: all of it is news
      yield* bus.append([factOf("successor", "new", "n")])
      const consumer = yield* Effect.promise(() => js.consumers.get(logName, spec.name))
      for (let n = 0; n < 2; n++) yield* Effect.promise(async () => (await consumer.next())?.ackAck())
      // older ones would come first
      const rest = Effect.scoped(Effect.flatMap(bus.hear(spec), (inbox) => Effect.map(gather(inbox, 3), textsOf)))
      assert.sameMembers(yield* rest, ["k2", "k3", "n"])
      const names = (yield* durables).map(({ name }) => name)
      assert.notInclude(names, spec.name)
      assert.sameMembers(
        names.filter((name) => isDurableOf(spec.name, name)),
        spec.filters.map((filter) => durableOf(spec.name, filter))
      )
      // declared once more it stands where it stood
      assert.sameMembers(yield* rest, ["k2", "k3", "n"])
    }).pipe(Effect.timeout("20 seconds"))
  )

  it.live("are the same ones for whoever declares them at the same moment", () =>
    Effect.gen(function* () {
      const spec = hearerOf("twins")
      const { jsm } = yield* raw
      const bus = yield* connectBus(servers)
      yield* bus.append(["a", "b", "c"].map((about) => factOf("twins", "said", about)))
      const old = { durable_name: spec.name, ack_policy: AckPolicy.Explicit, filter_subjects: [...spec.filters] }
      yield* Effect.promise(() => jsm.consumers.add(logName, old))
      const joining = Effect.flatMap(connectBus(servers), (own) => own.hear(spec))
      const inboxes = yield* Effect.all([joining, joining, joining, joining], { concurrency: "unbounded" })
      const taken = yield* Effect.forEach(inboxes, (inbox) => gather(inbox, 4, 1_000), { concurrency: "unbounded" })
      assert.sameMembers(taken.flatMap(textsOf), ["a", "b", "c"])
    }).pipe(Effect.timeout("20 seconds"))
  )

  it.live("share their limit of unsettled deliveries, and a full one does not hold up the others", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      yield* bus.append(Array.from({ length: 20 }, (_, i) => factOf("crowd", "said", `s${i}`)))
      const inbox = yield* bus.hear(hearerOf("crowd", { inFlightMax: 12 }))
      const first = yield* gather(inbox, 20, 1_000)
      assert.lengthOf(first, 4)
      yield* bus.append([factOf("crowd", "done", "d")])
      assert.deepStrictEqual(textsOf(yield* gather(inbox, 1)), ["d"])
      const limits = (yield* durables).filter(({ name }) => name.includes("crowd"))
      assert.strictEqual(
        limits.reduce((sum, { config }) => sum + (config.max_ack_pending ?? 0), 0),
        12
      )
      yield* inbox.settleAll(first, Ack)
      assert.lengthOf(yield* gather(inbox, 5, 1_000), 4)
    }).pipe(Effect.timeout("20 seconds"))
  )
})

describe("filters", () => {
  const Token = Schema.Literals(["a", "b", "*"])
  const Tokens = Schema.Array(Token).check(Schema.isMinLength(1), Schema.isMaxLength(3))
  const Filter = Schema.Struct({ tokens: Tokens, isOpen: Schema.Boolean })
  const filterOf = ({ tokens, isOpen }: typeof Filter.Type) => [...tokens, ...(isOpen ? [">"] : [])].join(".")
  const words = ["a", "b", "c"]
  const longer = (shorter: ReadonlyArray<string>) => shorter.flatMap((one) => words.map((word) => `${one}.${word}`))
  const two = longer(words)
  const three = longer(two)
  const subjects = [...words, ...two, ...three, ...longer(three)]

  it.prop("overlap just where some subject matches both", { one: Filter, other: Filter }, ({ one, other }) => {
    const [a, b] = [filterOf(one), filterOf(other)]
    const isShared = subjects.some((subject) => matches(a, subject) && matches(b, subject))
    assert.strictEqual(overlap(a, b), isShared, `${a} and ${b}`)
  })
})
