/** The bus over one real server: crashes, silence, oversize and garbage, and what it refuses to run on. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { jetstreamManager } from "@nats-io/jetstream"
import { Effect, Exit, Fiber, Result, Schema } from "effect"
import { connect } from "nats"
import { Buried, decodeBuried, headBytesMax } from "../../bus/buried.ts"
import { Ack, type ConsumerSpec, type Draft, later, type View } from "../../bus/bus.ts"
import { link } from "../../bus/nats-link.live.ts"
import { judge, Varz } from "../../bus/nats-safety.live.ts"
import { originOf, view } from "../../bus/nats-view.live.ts"
import { asked } from "../../bus/nats-streams.live.ts"
import { deadName, differenceIn, logName, type StreamPlan, streamOf, streamPlans } from "../../bus/streams.ts"
import { pools } from "../../schemas/catalogue.ts"
import { messageBytesMax } from "../../schemas/envelope.ts"
import { busContract } from "./bus-contract.ts"
import { bytes, gather, text } from "./bus-house.ts"
import { connectBus, eventually, eventuallyTrue, houseOf, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")
if (!isMissing) busContract("one nats-server", houseOf(1))

let servers: Servers
const serverOf = () => {
  const [server] = servers.all
  assert.isDefined(server)
  return server
}

let count = 0
/** An owner that no other test speaks for. */
const newOwner = () => `owner-${++count}`
const factOf = (owner: string, about: string, data = about): Draft => ({
  subject: `evt.all.${owner}.said.${about}`,
  data: bytes(data)
})
const specOf = (owner: string, more: Partial<ConsumerSpec> = {}): ConsumerSpec => ({
  name: `hears-${owner}`,
  filters: [`evt.*.${owner}.*.*`],
  inFlightMax: 100,
  ackWaitMs: 30_000,
  ...more
})

/** A client that knows nothing of our rules. */
const raw = Effect.acquireRelease(
  Effect.promise(() => connect({ servers: serverOf().url })),
  (nc) => Effect.promise(() => nc.close())
)

describe.skipIf(isMissing)("the bus on one server", () => {
  beforeAll(async () => {
    servers = await startServers(1)
  })
  afterAll(() => servers?.end())

  it.live("loses nothing that was acknowledged when its server is killed, and brings back what was not settled", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const before = yield* bus.append(Array.from({ length: 20 }, (_, i) => factOf(owner, `k${i}`)))
      const inbox = yield* bus.hear(specOf(owner, { ackWaitMs: 2_000 }))
      const first = yield* gather(inbox, 20)
      for (const delivery of first.slice(0, 12)) yield* delivery.settle(Ack)
      // A single server answers a verdict up to 0.1 s before its disk has it; a message is on disk when it answers.
      yield* Effect.sleep("500 millis")
      yield* Effect.promise(() => serverOf().kill9())
      const waiting = yield* Effect.forkChild(gather(inbox, 8))
      yield* Effect.promise(() => serverOf().restart())
      const again = yield* Fiber.join(waiting)
      assert.sameMembers(
        again.map(({ seq }) => seq),
        first.slice(12).map(({ seq }) => seq)
      )
      assert.isTrue(again.every(({ attempt }) => attempt === 2))
      for (const delivery of again) yield* delivery.settle(Ack)
      const kept = yield* bus.scan(before.seq - 20, 20)
      assert.deepStrictEqual(
        kept.map(({ data }) => text(data)),
        Array.from({ length: 20 }, (_, i) => `k${i}`)
      )
    })
  )

  it.live("says unknown when no answer comes, and the repeat of what was stored all the same is a conflict", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const draft: Draft = { ...factOf(owner, "k"), expect: { seq: 0, on: `evt.*.${owner}.*.k` } }
      serverOf().pause()
      const refused = yield* Effect.flip(bus.append([draft]))
      serverOf().resume()
      assert.strictEqual(refused.reason, "unknown")
      const last = bus.recall(`evt.*.${owner}.*.k`)
      // A server that wakes up may answer a question before it stores what was sent earlier: only the condition is
      // safe.
      yield* eventuallyTrue(Effect.map(last, (found) => found !== undefined))
      const stored = yield* last
      assert.strictEqual(stored && text(stored.data), "k")
      assert.strictEqual((yield* Effect.flip(bus.append([draft]))).reason, "conflict")
      assert.strictEqual((yield* last)?.seq, stored?.seq)
    })
  )

  it.live("stores nothing of a batch with one stale condition, wherever it stands", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const { seq } = yield* bus.append([factOf(owner, "c")])
      for (const stale of [0, 1, 2]) {
        const drafts = ["a", "b", "c"].map((about, i) => ({
          ...factOf(owner, `${about}-${stale}`),
          expect: i === stale ? { seq: seq - 1, on: `evt.*.${owner}.*.c` } : { seq: 0 }
        }))
        assert.strictEqual((yield* Effect.flip(bus.append(drafts))).reason, "conflict")
      }
      assert.deepStrictEqual(yield* bus.scan(seq, 10), [])
    })
  )

  it.live("never sends what is too large or too many", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const { seq } = yield* bus.append([{ subject: `evt.all.${owner}.said.k`, data: new Uint8Array(messageBytesMax) }])
      const large = { subject: `evt.all.${owner}.said.k`, data: new Uint8Array(messageBytesMax + 1) }
      const many = Array.from({ length: 1_001 }, (_, i) => factOf(owner, `k${i}`))
      for (const drafts of [[large], [factOf(owner, "small"), large], many]) {
        assert.strictEqual((yield* Effect.flip(bus.append(drafts))).reason, "too-large")
      }
      assert.deepStrictEqual(yield* bus.scan(seq, 10), [])
      assert.strictEqual((yield* bus.append(many.slice(1))).seq, seq + 1_000)
    })
  )

  it.live("buries an oversized message and garbage once, with their beginning and the hash of all of it", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const nc = yield* raw
      const owner = newOwner()
      const huge = new Uint8Array(2 * 1024 * 1024).fill(7)
      yield* Effect.promise(() => nc.request(`evt.all.${owner}.said.huge`, huge))
      yield* Effect.promise(() => nc.request(`evt.all.${owner}.said.garbage`, new Uint8Array([0, 255, 1])))
      yield* Effect.promise(() => nc.request(`evt.all.${owner}.said.empty`, new Uint8Array()))
      const inbox = yield* bus.hear(specOf(owner))
      const got = yield* gather(inbox, 3)
      for (const delivery of got) {
        yield* bus.bury(delivery, `hears-${owner}`, "nobody can read it")
        yield* bus.bury(delivery, `hears-${owner}`, "nobody can read it")
        yield* delivery.settle(Ack)
      }
      const jsm = yield* Effect.promise(() => jetstreamManager(nc))
      const dead = yield* Effect.promise(() => jsm.streams.info(deadName))
      assert.strictEqual(dead.state.messages, 3)
      const first = yield* Effect.promise(() => jsm.streams.getMessage(deadName, { seq: dead.state.first_seq }))
      const buried = yield* decodeBuried(text(first?.data ?? bytes("")))
      assert.instanceOf(buried, Buried)
      assert.deepStrictEqual([buried.bytes, buried.seq, buried.consumer], [huge.length, got[0]?.seq, `hears-${owner}`])
      assert.deepStrictEqual(new Uint8Array(Buffer.from(buried.head, "base64")), huge.subarray(0, headBytesMax))
    })
  )

  it.live("does not give to a sibling what waits here longer than the ack wait", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      yield* bus.append(Array.from({ length: 5 }, (_, i) => factOf(owner, `k${i}`)))
      const inbox = yield* bus.hear(specOf(owner, { ackWaitMs: 1_000 }))
      const [first] = yield* inbox.take(1)
      yield* first?.settle(Ack) ?? Effect.void
      yield* Effect.sleep("2500 millis")
      assert.deepStrictEqual(
        (yield* inbox.take(10)).map(({ attempt }) => attempt),
        [1, 1, 1, 1]
      )
    })
  )

  it.live("hands back what nobody took when it leaves, and shares between two", () =>
    Effect.gen(function* () {
      const owner = newOwner()
      const one = yield* connectBus(servers)
      const other = yield* connectBus(servers, { name: "other" })
      yield* one.append(Array.from({ length: 10 }, (_, i) => factOf(owner, `k${i}`)))
      const taken = yield* Effect.scoped(Effect.flatMap(one.hear(specOf(owner)), (inbox) => inbox.take(4)))
      for (const delivery of taken) yield* delivery.settle(Ack)
      const inbox = yield* other.hear(specOf(owner))
      const rest: Array<number> = []
      while (rest.length < 6) rest.push(...(yield* inbox.take(10)).map(({ seq }) => seq))
      assert.strictEqual(new Set([...rest, ...taken.map(({ seq }) => seq)]).size, 10)
    }).pipe(Effect.timeout("5 seconds"))
  )

  it.live("waits as long as it was told before it delivers again", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      yield* bus.append([factOf(owner, "k")])
      const inbox = yield* bus.hear(specOf(owner))
      const [first] = yield* inbox.take(1)
      const begun = performance.now()
      yield* first?.settle(later(600)) ?? Effect.void
      const [second] = yield* inbox.take(1)
      assert.strictEqual(second?.attempt, 2)
      assert.isAtLeast(performance.now() - begun, 590)
    })
  )

  it.live("takes other filters for a consumer that is there, and refuses wrong ones at once", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const [owner, another] = [newOwner(), newOwner()]
      yield* Effect.scoped(bus.hear(specOf(owner)))
      const inbox = yield* bus.hear(specOf(owner, { filters: [`evt.*.${owner}.*.*`, `evt.*.${another}.*.*`] }))
      yield* bus.append([factOf(another, "k")])
      assert.strictEqual((yield* inbox.take(1)).length, 1)
      const overlapping = [`evt.*.${owner}.*.*`, `evt.all.${owner}.said.*`]
      const down = yield* Effect.flip(bus.hear(specOf(owner, { filters: overlapping })))
      assert.strictEqual(down._tag, "BusDown")
    }).pipe(Effect.timeout("5 seconds"))
  )

  it.live("tells a taker that the bus is down when the server stays away, and not before", () =>
    Effect.gen(function* () {
      const mine = yield* Effect.acquireRelease(
        Effect.promise(() => startServers(1)),
        (own) => Effect.promise(own.end)
      )
      const bus = yield* connectBus(mine, { patienceMs: 3_000 })
      const inbox = yield* bus.hear(specOf("alone"))
      const begun = performance.now()
      yield* Effect.promise(() => mine.all[0]?.kill9() ?? Promise.resolve())
      assert.strictEqual((yield* Effect.flip(inbox.take(1)))._tag, "BusDown")
      assert.isAtLeast(performance.now() - begun, 2_500)
      assert.strictEqual((yield* Effect.flip(bus.recall("evt.>")))._tag, "BusDown")
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(bus.remark("tck.all.x.y.z", bytes("lost")))))
    })
  )

  it.live("keeps live copies alive through a restart, the rows with the log's own sequence and time", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const about = `k${++count}`
      const subject = `evt.all.risk-manager.pool-scored.${about}`
      yield* bus.append([{ subject, data: bytes("1") }])
      const rows = yield* bus.view(pools)
      const ticks = yield* bus.remarks(`tck.*.discovery.*.${about}`)
      yield* bus.remark(`tck.all.discovery.sweep-done.${about}`, bytes("before"))
      yield* eventually(() => ticks.get(about) !== undefined)
      assert.strictEqual(text(rows.get(about)?.data ?? bytes("")), "1")
      yield* Effect.promise(() => serverOf().restart())
      const poisoned = `evt.all.risk-manager.pool-poisoned.${about}`
      yield* bus.append([{ subject: poisoned, data: bytes("2") }])
      const last = yield* bus.recall(poisoned)
      yield* eventually(() => rows.get(about)?.seq === last?.seq)
      assert.deepStrictEqual(rows.get(about), last)
      yield* bus.remark(`tck.all.discovery.sweep-done.${about}`, bytes("after"))
      yield* eventually(() => text(ticks.get(about)?.data ?? bytes("")) === "after")
    })
  )

  it.live("has the rows that the log has forgotten by age", () =>
    Effect.gen(function* () {
      const mine = yield* Effect.acquireRelease(
        Effect.promise(() => startServers(1)),
        (own) => Effect.promise(own.end)
      )
      const own = yield* link({ servers: mine.urls, name: "aged" })
      const wanted = streamPlans(1).filter(({ name }) => name === logName || name === streamOf(pools))
      for (const plan of wanted) {
        const aged = plan.name === logName ? { ...plan, max_age: 1_000_000_000 } : plan
        yield* Effect.promise(() => own.jsm.streams.add(asked(aged)))
      }
      const subject = "evt.all.risk-manager.pool-scored.old"
      yield* Effect.promise(() => own.js.publish(subject, "1"))
      yield* Effect.promise(() => own.js.publish(subject, "2"))
      const isForgotten = Effect.promise(async () => (await own.jsm.streams.info(logName)).state.messages === 0)
      yield* eventuallyTrue(isForgotten)
      const row = (yield* view(own)(pools)).get("old")
      assert.deepStrictEqual([row?.seq, row?.subject, row && text(row.data)], [2, subject, "2"])
    })
  )

  it.live("keeps the newest remark per thing, also for who comes later", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const owner = newOwner()
      const early = yield* bus.remarks(`tck.*.${owner}.looked.*`)
      for (const said of ["1", "2", "3"]) yield* bus.remark(`tck.a.${owner}.looked.x`, bytes(said))
      yield* bus.remark(`tck.a.${owner}.looked.y`, bytes("4"))
      const shown = (rows: View) =>
        [...rows.rows()]
          .map(([about, { data }]) => `${about}${text(data)}`)
          .sort()
          .join(" ")
      yield* eventually(() => shown(early) === "x3 y4")
      assert.strictEqual(shown(yield* bus.remarks(`tck.*.${owner}.looked.*`)), "x3 y4")
      assert.strictEqual((yield* bus.remarks(`tck.*.${newOwner()}.*.*`)).rows().size, 0)
    })
  )

  it.live("runs in no production without the proof that it loses nothing", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(connectBus(servers, { production: true }))
      assert.strictEqual(refused._tag, "UnsafeServer")
      assert.match(refused.message, /1 replica does not outlive its server/)
    })
  )

  it.live("names the stream and the setting that the server has otherwise", () =>
    Effect.gen(function* () {
      const mine = yield* Effect.acquireRelease(
        Effect.promise(() => startServers(1)),
        (own) => Effect.promise(own.end)
      )
      const own = yield* link({ servers: mine.urls, name: "first" })
      const { allow_atomic: _, ...lesser } = streamPlans(1)[0] ?? assert.fail("no plan")
      yield* Effect.promise(() => own.jsm.streams.add(asked(lesser as StreamPlan)))
      const refused = yield* Effect.flip(connectBus(mine))
      assert.deepInclude(
        { ...refused },
        { _tag: "StreamMismatch", stream: "LOG", field: "allow_atomic", wanted: "true" }
      )
    })
  )
})

describe("what a server says about itself", () => {
  const report = (id: string, version = "2.15.1", isSync = true): Varz => ({
    server_id: id,
    server_name: id,
    version,
    jetstream: { config: { sync_always: isSync } }
  })
  const three = ["a", "b", "c"].map((id) => report(id))

  it("is believed when three servers are patched and write before they answer", () => {
    assert.isUndefined(judge(3, "2.15.1", three))
    assert.isUndefined(judge(3, "2.12.15", three))
    assert.isUndefined(judge(3, "2.14.5", three))
  })

  it.each([
    ["2.12.14", three, "2.12.14"],
    ["2.14.4", three, "2.14.4"],
    ["2.13.9", three, "2.13.9"],
    ["2.10.27", three, "2.10.27"],
    ["2.15.1", [...three.slice(1), report("a", "2.12.1")], "2.12.1"],
    ["2.15.1", [], "0 servers"],
    ["2.15.1", [...three.slice(1), ...three.slice(1)], "2 servers"],
    ["2.15.1", [...three.slice(1), report("lazy", "2.15.1", false)], "lazy"]
  ])("is refused: connected to %s, case %#", (version, reports, named) => {
    assert.include(judge(3, version, reports)?.message ?? "accepted", named)
  })

  it("is read from what a real one says, whatever else it says", () => {
    const varz = { ...report("a"), mem: 1, jetstream: { config: { sync_always: true, store_dir: "/x" }, stats: {} } }
    assert.isTrue(Result.isSuccess(Schema.decodeUnknownResult(Varz)(varz)))
  })
})

describe("a stream as it is", () => {
  it("differs from the plan by any one setting, and not by what servers add", () => {
    for (const plan of streamPlans(3)) {
      assert.isUndefined(differenceIn(plan, { ...plan, metadata: { "_nats.ver": "2.15.1" } }))
      for (const field of Object.keys(plan)) {
        const without = Object.fromEntries(Object.entries(plan).filter(([name]) => name !== field))
        assert.strictEqual(differenceIn(plan, without)?.field, field)
      }
    }
  })

  it("names where a bucket's row comes from", () => {
    const header = "LOG 4 evt.*.o.a.*\fevt.*.o.b.* $KV.x.{{wildcard(2)}}\f$KV.x.{{wildcard(2)}} evt.acc.o.a.k3 gekTgz3f"
    assert.deepStrictEqual(originOf(header), { seq: 4, subject: "evt.acc.o.a.k3" })
    assert.isUndefined(originOf(""))
    assert.isUndefined(originOf("OTHER 4 a b evt.acc.o.a.k3 x"))
  })
})
