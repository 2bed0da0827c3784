/** The bus over three real servers: the leader steps down and dies while facts are appended, heard and viewed. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { jetstreamManager } from "@nats-io/jetstream"
import { Effect, Fiber } from "effect"
import { connect } from "nats"
import { Ack, type AppendRefused, type Bus, type Draft } from "../../bus/bus.ts"
import { logName } from "../../bus/streams.ts"
import { pools } from "../../schemas/catalogue.ts"
import type { NatsServer } from "../../deploy/nats-server.ts"
import { busContract } from "./bus-contract.ts"
import { bytes, text } from "./bus-house.ts"
import { connectBus, eventually, houseOf, monitorOf, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")
if (!isMissing) busContract("three nats-servers", houseOf(3))
type TheBus = Bus["Service"]

let servers: Servers
let count = 0
const newOwner = () => `owner-${++count}`

const withManager = <A>(use: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<A>) =>
  Effect.promise(async () => {
    const nc = await connect({ servers: [...servers.urls] })
    try {
      return await use(await jetstreamManager(nc))
    } finally {
      await nc.close()
    }
  })

/** The server that leads the log now. A server's name ends with its port. */
const leader = withManager(async (jsm): Promise<NatsServer> => {
  const { cluster } = await jsm.streams.info(logName)
  const found = servers.all.find(({ port }) => cluster?.leader?.endsWith(`-${port}`))
  assert.isDefined(found)
  return found
})

const stepDown = Effect.promise(async () => {
  const nc = await connect({ servers: [...servers.urls] })
  await nc.request(`$JS.API.STREAM.LEADER.STEPDOWN.${logName}`, "", { timeout: 5_000 })
  await nc.close()
})

/**
 * Appends one more entry to a subject, as every writer of ours does: read the last one, append on that condition. After
 * `conflict` the entry is written only if the last one is not already it; after `unknown` the same read decides.
 */
const appendEntry = (bus: TheBus, subject: string, entry: string, refused: (reason: AppendRefused["reason"]) => void) =>
  Effect.gen(function* () {
    for (;;) {
      const last = yield* bus.recall(subject)
      if (last !== undefined && text(last.data).split(" ").includes(entry)) return last.seq
      // An entry carries all before it: whoever was first is seen by whoever comes second.
      const data = bytes(last === undefined ? entry : `${text(last.data)} ${entry}`)
      const draft: Draft = { subject, data, expect: { seq: last?.seq ?? 0 } }
      const done = yield* bus.append([draft]).pipe(
        Effect.map(({ seq }) => seq),
        Effect.catch((no) =>
          Effect.as(
            Effect.sync(() => refused(no.reason)),
            undefined
          )
        )
      )
      if (done !== undefined) return done
    }
  })

const entriesOf = (bus: TheBus, subject: string, after: number) =>
  Effect.map(bus.scan(after, 10_000), (all) => all.filter((each) => each.subject === subject))

describe.skipIf(isMissing)("the bus on three servers", () => {
  beforeAll(async () => {
    servers = await startServers(3)
  })
  afterAll(() => servers?.end())

  it.live("lets one of fifty win each time, and in the end all fifty, each once", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const subject = `evt.all.${newOwner()}.said.k`
      const after = (yield* bus.recall("evt.>"))?.seq ?? 0
      const tally: Record<string, number> = {}
      const writers = Array.from({ length: 50 }, (_, i) =>
        appendEntry(bus, subject, `w${i}`, (reason) => (tally[reason] = (tally[reason] ?? 0) + 1))
      )
      yield* Effect.all(writers, { concurrency: "unbounded" })
      const stored = yield* entriesOf(bus, subject, after)
      const last = stored.at(-1)
      assert.strictEqual(stored.length, 50)
      assert.strictEqual(new Set(text(last?.data ?? bytes("")).split(" ")).size, 50)
      assert.isAbove((tally["conflict"] ?? 0) + (tally["in-flight"] ?? 0), 0)
      assert.deepStrictEqual(
        Object.keys(tally).filter((reason) => reason === "unknown" || reason === "too-large"),
        []
      )
    })
  )

  it.live(
    "says in-flight, not conflict, to writers of other subjects under one condition, and stores each who asks again",
    () =>
      Effect.gen(function* () {
        const bus = yield* connectBus(servers)
        const owner = newOwner()
        const on = `evt.all.${owner}.lease.k`
        const { seq } = yield* bus.append([{ subject: on, data: bytes("lease"), expect: { seq: 0 } }])
        const refusals: Array<string> = []
        const appendAsk = (draft: Draft) =>
          bus.append([draft]).pipe(
            Effect.tapError((no) => Effect.sync(() => refusals.push(no.reason))),
            Effect.retry({ while: (no) => no.reason === "in-flight" })
          )
        const drafts = Array.from({ length: 50 }, (_, i) => ({
          subject: `evt.all.${owner}.said.k${i}`,
          data: bytes("x"),
          expect: { seq, on }
        }))
        yield* Effect.forEach(drafts, appendAsk, { concurrency: "unbounded" })
        assert.strictEqual((yield* bus.scan(seq, 1_000)).length, 50)
        assert.deepStrictEqual(
          [...new Set(refusals)].filter((reason) => reason !== "in-flight"),
          []
        )
      })
  )

  it.live("keeps every acknowledged append, once and in order, through a new leader and the death of one", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const about = `k${count}`
      const rows = yield* bus.view(pools)
      const inbox = yield* bus.hear({
        name: `hears-${owner}`,
        filters: [`evt.*.${owner}.*.*`],
        inFlightMax: 100,
        ackWaitMs: 5_000
      })
      const after = (yield* bus.recall("evt.>"))?.seq ?? 0
      const heard = new Set<string>()
      const hearing = inbox.take(100).pipe(
        Effect.flatMap((all) =>
          Effect.forEach(
            all,
            (one) =>
              Effect.andThen(
                one.settle(Ack),
                Effect.sync(() => heard.add(text(one.data)))
              ),
            {
              concurrency: 16
            }
          )
        ),
        Effect.forever
      )
      yield* Effect.forkChild(hearing)
      const lanes = 8
      const written = Array.from({ length: lanes }, () => 0)
      // Nobody stops writing before the death has struck and twenty more were taken by the leader after it.
      let each = Number.POSITIVE_INFINITY
      const unsure: Array<string> = []
      // and before it strikes nobody pauses: some append is on its way to the leader who dies
      let pauseMs = 10
      /** One writer per subject: what it appends is its own next number, on the condition of its last one. */
      const lane = Effect.fnUntraced(function* (which: number) {
        const subject = `evt.all.${owner}.said.lane${which}`
        let seq = 0
        for (let n = 1; n <= each; written[which] = n - 1) {
          const draft: Draft = { subject, data: bytes(`${which}:${n}`), expect: { seq } }
          const outcome = yield* Effect.result(bus.append([draft]))
          if (outcome._tag === "Success") {
            seq = outcome.success.seq
            n++
          } else {
            unsure.push(outcome.failure.reason)
            const last = yield* bus.recall(subject)
            if (last !== undefined && last.seq > seq) {
              assert.strictEqual(text(last.data), `${which}:${n}`)
              seq = last.seq
              n++
            }
          }
          yield* Effect.sleep(pauseMs)
        }
      })
      const writing = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: lanes }, (_, i) => i),
          lane,
          { concurrency: lanes, discard: true }
        )
      )
      yield* Effect.sleep("150 millis")
      yield* stepDown
      yield* Effect.sleep("150 millis")
      const dying = yield* leader
      pauseMs = 0
      yield* Effect.sleep("30 millis")
      yield* Effect.promise(() => dying.kill9())
      pauseMs = 10
      each = Math.max(...written) + 20
      yield* Fiber.join(writing)
      yield* bus
        .append([{ subject: `evt.all.risk-manager.pool-scored.${about}`, data: bytes("row") }])
        .pipe(Effect.retry({ times: 5 }))
      // With one server dead for good, everything that was said is heard and seen.
      yield* eventually(() => heard.size === lanes * each)
      yield* eventually(() => rows.get(about) !== undefined)
      yield* Effect.promise(() => dying.restart())
      const stored = (yield* bus.scan(after, 10_000)).filter(({ subject }) => subject.startsWith(`evt.all.${owner}.`))
      for (let which = 0; which < lanes; which++) {
        const mine = stored.filter(({ subject }) => subject.endsWith(`.lane${which}`)).map(({ data }) => text(data))
        assert.deepStrictEqual(
          mine,
          Array.from({ length: each }, (_, i) => `${which}:${i + 1}`)
        )
      }
      assert.sameMembers([...new Set(unsure)], ["unknown"])
    })
  )

  it.live("finds what it has just appended, whichever server answers", () =>
    Effect.gen(function* () {
      const owner = newOwner()
      const buses = yield* Effect.forEach(servers.urls, (url) => connectBus({ ...servers, urls: [url] }))
      const data = new Uint8Array(1_000)
      const drafts = Array.from({ length: 500 }, (_, i) => ({ subject: `evt.all.${owner}.said.k${i}`, data }))
      for (let round = 0; round < 8; round++) {
        for (const bus of buses) {
          const { seq } = yield* bus.append(drafts)
          const found = yield* Effect.forEach(buses, (each) => each.scan(seq - 20, 1_000), { concurrency: 3 })
          assert.deepStrictEqual(
            found.map((page) => [page.length, page.at(-1)?.seq]),
            buses.map(() => [20, seq])
          )
          assert.strictEqual((yield* bus.recall(`evt.*.${owner}.>`))?.seq, seq)
        }
      }
    })
  )

  it.live("is fit for production when every server proves that it writes before it answers, and only then", () =>
    Effect.gen(function* () {
      const monitors = yield* Effect.promise(() => Promise.all(servers.all.map(monitorOf)))
      const bus = yield* connectBus(servers, { production: true, monitors })
      assert.isAbove((yield* bus.append([{ subject: `evt.all.${newOwner()}.said.k`, data: bytes("x") }])).seq, 0)
      const refused = yield* Effect.flip(connectBus(servers, { production: true, monitors: monitors.slice(1) }))
      assert.match(refused.message, /proven of 2 servers only: set .*sync_interval: always/)
    })
  )
})
