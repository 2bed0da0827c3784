/** The memory bus keeps the contract of the bus, and what its faults do shows where it should and nowhere else. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { pools } from "../schemas/catalogue.ts"
import { instant } from "../schemas/ids.ts"
import { entityFilter } from "../schemas/message.ts"
import { busContract } from "../test/conformance/bus-contract.ts"
import { BusHouse, expecting, fact, facts, hearer, text, textsOf } from "../test/conformance/bus-house.ts"
import { busWire, localWire } from "../test/sim/bus-wire.ts"
import { Proc, Sim } from "../test/sim/engine.ts"
import { Ack, type AppendRefused, Bus, type Draft, later } from "./bus.ts"
import { Memory, MemoryBus } from "./memory.sim.ts"
import { calm, type Faults, rough } from "./memory-faults.sim.ts"
import { MemoryServer, type Replicas } from "./memory-server.sim.ts"
import { deadSubject } from "./streams.ts"

const house = (mode: Replicas) =>
  Layer.effect(
    BusHouse,
    Effect.map(MemoryBus.serverOnClock({ mode }), (server) => ({
      join: Effect.sync(() => MemoryBus.service(server, MemoryBus.plainWire)),
      litter: (consumer: string, data: Uint8Array) =>
        Effect.sync(() => {
          const [seq, subject, at] = [server.dead.length + 1, deadSubject(consumer), instant(Date.now())]
          server.dead.push({ seq, subject, data, at })
        })
    }))
  )

busContract("memory as one server", house("R1"))
busContract("memory as three servers", house("R3"))

const second = 1_000
const minute = 60 * second

const world = (seed: number, faults: Partial<Faults> = {}, mode: Replicas = "R1") => {
  const sim = new Sim(seed)
  const server = new MemoryServer({
    now: () => sim.now,
    random: sim.random,
    after: (ms, run) => sim.after(ms, run),
    mode,
    faults: { ...calm, ...faults }
  })
  return { sim, server }
}
type World = ReturnType<typeof world>

/** A process whose main program uses the bus; the bus being down ends the program, and it is started again. */
const run = (w: World, name: string, program: Effect.Effect<unknown, unknown, Bus>, lose = 0): Proc => {
  const proc = new Proc(w.sim, name)
  const patient = Effect.forever(Effect.andThen(Effect.ignore(Effect.sandbox(program)), Effect.sleep("1 second")))
  proc.start(patient.pipe(Effect.provide(MemoryBus.layer(w.server, busWire(proc, { ...localWire, lose })))))
  return proc
}

/** Hears an owner, notes every delivery and settles it. */
const listener = (spec: ReturnType<typeof hearer>, seen: Array<number>) =>
  Effect.gen(function* () {
    const inbox = yield* (yield* Bus).hear(spec)
    for (;;) {
      for (const delivery of yield* inbox.take(5)) {
        seen.push(delivery.seq)
        yield* delivery.settle(seen.length % 17 === 0 ? later(200) : Ack)
      }
    }
  }).pipe(Effect.scoped)

/** Appends each of them, as often as it takes: what nobody answered for is looked up before it is said again. */
const insistent = (drafts: ReadonlyArray<Draft>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    for (const draft of drafts) {
      for (;;) {
        const stored = yield* Effect.result(bus.recall(draft.subject))
        if (Result.isSuccess(stored) && stored.success !== undefined) break
        yield* Effect.ignore(bus.append([expecting(draft, 0)]))
        yield* Effect.sleep(50)
      }
    }
    return yield* Effect.never
  })

const distinct = (seqs: ReadonlyArray<number>) => [...new Set(seqs)].toSorted((a, b) => a - b)
const reasonOf = <A>(append: Effect.Effect<A, AppendRefused>) =>
  Effect.map(Effect.result(append), (end) => (Result.isFailure(end) ? end.failure.reason : "stored"))

/** 200 facts, two processes of one consumer; gives what they saw. */
const delivered = (faults: Partial<Faults>) => {
  const w = world(7, faults)
  const spec = hearer("teller", { name: "listener", ackWaitMs: 30 * second })
  const seen: Array<number> = []
  run(w, "teller", insistent(facts("teller", 200)))
  for (const name of ["one", "two"]) run(w, name, listener(spec, seen))
  w.sim.runFor(5 * minute)
  const { unsettled } = w.server.standing("listener")!
  return { seen, stored: w.server.log.lastSeq, unsettled, isSorted: seen.every((seq, i) => seq >= (seen[i - 1] ?? 0)) }
}
const all = Array.from({ length: 200 }, (_, i) => i + 1)

describe("deliveries that go wrong", () => {
  const calmly = delivered({})

  it("in calm only what was put off comes twice", () => {
    assert.strictEqual(calmly.stored, 200)
    assert.deepStrictEqual(distinct(calmly.seen), all)
    assert.isBelow(calmly.seen.length, 200 + 200 / 16 + 1)
  })

  for (const [name, faults] of [
    ["duplicates", { duplicate: 0.3 }],
    ["lost acknowledgements", { lostAck: 0.3 }],
    ["all of it together", { ...rough, duplicate: 0.2, leaderLossPerHour: 120 }]
  ] as const) {
    it(`${name}: everything arrives, some of it more than once, and in the end all is settled`, () => {
      const { seen, unsettled } = delivered(faults)
      assert.deepStrictEqual(distinct(seen), all)
      assert.isAbove(seen.length, calmly.seen.length + 20)
      assert.deepStrictEqual(unsettled, [])
    })
  }

  for (const faults of [{ reorder: 0.3 }, { delay: 0.3, delayMaxMs: 5_000 }]) {
    it(`${Object.keys(faults)[0]}: everything arrives as often as in calm, in another order`, () => {
      const { seen, isSorted, unsettled } = delivered(faults)
      assert.deepStrictEqual(distinct(seen), all)
      assert.isBelow(seen.length, 200 + 200 / 16 + 1)
      assert.isFalse(isSorted)
      assert.deepStrictEqual(unsettled, [])
    })
  }
})

describe("appends that go wrong", () => {
  for (const [fault, isStored] of [
    ["lostReply", true],
    ["lostRequest", false]
  ] as const) {
    it.effect(`${fault} is unknown to the writer, after a while, and recall tells the truth`, () =>
      Effect.gen(function* () {
        const bus = yield* Bus
        ;(yield* Memory).faults = { ...calm, [fault]: 1 }
        const draft = fact("teller", "said", "a", "1")
        const writing = yield* Effect.forkChild(reasonOf(bus.append([draft])))
        yield* TestClock.adjust("4 seconds")
        assert.isUndefined(writing.pollUnsafe())
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(writing.pollUnsafe(), yield* Effect.exit(Effect.succeed("unknown")))
        assert.strictEqual((yield* bus.recall(draft.subject)) !== undefined, isStored)
      }).pipe(Effect.provide(MemoryBus.alone()))
    )
  }

  it("on three servers a false refusal stores nothing, and on one there is none", () => {
    for (const [mode, fault, reason] of [
      ["R3", { inFlight: 1 }, "in-flight"],
      ["R3", { conflict: 1 }, "conflict"],
      ["R1", { inFlight: 1, conflict: 1 }, "stored"]
    ] as const) {
      const { server } = world(1, fault, mode)
      const answer = server.append([expecting(fact("teller", "said", "a", "1"), 0)])
      const value = answer._tag === "Told" ? answer.value : undefined
      assert.strictEqual(value?._tag === "Refused" ? value.reason : "stored", reason)
      assert.strictEqual(server.log.lastSeq, reason === "stored" ? 1 : 0)
    }
  })

  it("on three servers a write is in the way of the next conditional one for some milliseconds, on one never", () => {
    for (const mode of ["R1", "R3"] as const) {
      const { sim, server } = world(1, {}, mode)
      const draft = fact("teller", "said", "a", "1")
      const on = entityFilter("teller", "a")
      const tagAt = (seq: number) => {
        const answer = server.append([expecting(draft, seq, on)])
        return answer._tag === "Told" ? answer.value : answer
      }
      tagAt(0)
      assert.deepInclude(tagAt(1), mode === "R3" ? { reason: "in-flight" } : { seq: 2 })
      sim.runFor(10)
      assert.deepInclude(tagAt(mode === "R3" ? 1 : 2), { seq: mode === "R3" ? 2 : 3 })
    }
  })

  it("without a leader nothing is answered, stored or delivered; then all of it goes on", () => {
    const w = world(1)
    const seen: Array<number> = []
    run(w, "listener", listener(hearer("teller", { name: "listener" }), seen))
    run(w, "teller", insistent(facts("teller", 20)))
    w.sim.runFor(300)
    const before = seen.length
    w.server.loseLeader(8 * second)
    w.sim.runFor(7 * second)
    assert.isTrue(before > 0 && seen.length === before, `${before} before, ${seen.length} while there was none`)
    w.sim.runFor(minute)
    assert.deepStrictEqual(distinct(seen), all.slice(0, 20))
  })

  it("a batch that no server could take throws: it is a mistake of its writer", () => {
    const { server } = world(1)
    const draft = fact("teller", "said", "a", "1")
    for (const batch of [
      [],
      facts("teller", 1_001),
      [{ ...draft, subject: "tck.all.teller.said.a" }],
      [{ ...draft, subject: "evt.all.teller.said.*" }],
      [draft, expecting(draft, 0)]
    ]) {
      assert.throws(() => server.append(batch))
    }
    assert.strictEqual(server.log.lastSeq, 0)
  })
})

describe("rows", () => {
  it("lag behind the log as long as they are told to, while recall does not", () => {
    const w = world(3, { rowLagMaxMs: 10 * second })
    const about = "use1-az1_c5_large_linux"
    const lags: Array<number> = []
    const program = Effect.gen(function* () {
      const bus = yield* Bus
      const view = yield* bus.view(pools)
      for (let i = 0; i < 20; i++) {
        const { seq } = yield* bus.append([fact(pools.owner, pools.roads[0]!.name, about, `${i}`)])
        assert.strictEqual((yield* bus.recall(entityFilter(pools.owner, about)))?.seq, seq)
        const from = w.sim.now
        while (view.get(about)?.seq !== seq) yield* Effect.sleep(20)
        lags.push(w.sim.now - from)
      }
    })
    assert.strictEqual(w.sim.complete((proc) => onBus(w, proc, program))._tag, "Success")
    assert.isAbove(Math.max(...lags), 5 * second)
    assert.isBelow(Math.max(...lags), 10.1 * second)
  })
})

const onBus = <A, E>(w: World, proc: Proc, program: Effect.Effect<A, E, Bus | Scope.Scope>) =>
  program.pipe(Effect.scoped, Effect.provide(MemoryBus.layer(w.server, busWire(proc))))

describe("a slow network", () => {
  it("lets words about a row overtake each other, and no row ever goes back", () => {
    const w = world(4)
    const about = "use1-az1_c5_large_linux"
    const seen: Array<number> = []
    const watching = Effect.gen(function* () {
      const view = yield* (yield* Bus).view(pools)
      for (;;) {
        seen.push(view.get(about)?.seq ?? 0)
        yield* Effect.sleep(1)
      }
    }).pipe(Effect.scoped)
    const proc = new Proc(w.sim, "watcher")
    proc.start(watching.pipe(Effect.provide(MemoryBus.layer(w.server, busWire(proc, { min: 1, max: 500 })))))
    const say = (i: number) => w.server.append([fact(pools.owner, pools.roads[0]!.name, about, `${i}`)])
    for (let i = 0; i < 50; i++) w.sim.after(second + i * 20, () => say(i))
    w.sim.runFor(5 * second)
    assert.deepStrictEqual(
      seen,
      seen.toSorted((a, b) => a - b)
    )
    assert.strictEqual(seen.at(-1), 50)
  })

  it("may bring a settlement after the ack wait: it counts, and the message does not come again", () => {
    const { sim, server } = world(1)
    const waiter = { max: 9, isWanted: () => true, give: () => {} }
    server.hear(hearer("teller", { name: "listener", ackWaitMs: second }))
    server.append(facts("teller", 2))
    assert.lengthOf(parcelsOf(server.take("listener", { ...waiter, max: 2 })), 2)
    sim.runFor(2 * second)
    server.settle("listener", 1, Ack)
    const again = parcelsOf(server.take("listener", waiter))
    assert.deepStrictEqual(
      again.map(({ stored, attempt }) => [stored.seq, attempt]),
      [[2, 2]]
    )
  })
})

const parcelsOf = (answer: ReturnType<MemoryServer["take"]>) => (answer._tag === "Told" ? answer.value : [])

describe("processes that die", () => {
  it("are not given what they waited for: it goes to a sibling at once", () => {
    const w = world(1)
    const [seen, waits] = [[] as Array<number>, [] as Array<number>]
    const spec = hearer("teller", { name: "listener" })
    const victim = run(w, "victim", listener(spec, seen))
    w.sim.runFor(second)
    victim.kill()
    const heir = run(w, "heir", listener(spec, waits))
    w.sim.runFor(second)
    run(w, "teller", insistent(facts("teller", 3)))
    w.sim.runFor(5 * second)
    assert.deepStrictEqual([seen, waits, heir.state], [[], [1, 2, 3], "up"])
  })

  it("lose what they held, and it comes again after the ack wait; a paused one's settlement still counts", () => {
    for (const [how, expected] of [
      ["kill", [1]],
      ["pause", []]
    ] as const) {
      const w = world(2)
      const heard: Array<number> = []
      const spec = hearer("teller", { name: "listener", ackWaitMs: 30 * second })
      const slow = Effect.gen(function* () {
        const [delivery] = yield* (yield* (yield* Bus).hear(spec)).take(1)
        yield* Effect.sleep("10 seconds")
        yield* delivery!.settle(Ack)
        return yield* Effect.never
      }).pipe(Effect.scoped)
      run(w, "teller", insistent(facts("teller", 1)))
      const victim = run(w, "victim", slow)
      w.sim.runFor(5 * second)
      victim[how]()
      w.sim.after(10 * second, () => victim.resume())
      run(w, "heir", listener(spec, heard))
      w.sim.runFor(20 * second)
      assert.deepStrictEqual(heard, [])
      w.sim.runFor(20 * second)
      assert.deepStrictEqual(heard, [...expected])
    }
  })
})

describe("one seed", () => {
  const history = (seed: number) => {
    const w = world(seed, rough, "R3")
    const seen: Array<number> = []
    for (const name of ["a", "b", "c"]) run(w, name, insistent(facts(`teller-${name}`, 40)), 0.01)
    const spec = hearer("*", { name: "listener", inFlightMax: 8 })
    for (const name of ["d", "e"]) run(w, name, listener(spec, seen), 0.01)
    w.sim.runFor(10 * minute)
    return { hash: w.server.hash(), seen: seen.join(), stored: w.server.log.lastSeq }
  }

  it("is one history, down to the last byte and the order of deliveries; another seed is another", () => {
    const [once, twice, other] = [history(5), history(5), history(6)]
    assert.deepStrictEqual(twice, once)
    assert.notStrictEqual(other.hash, once.hash)
    assert.strictEqual(once.stored, 120)
  })

  it("every message is shown to a hook as it is stored, before its writer hears of it", () => {
    const { server } = world(1)
    const shown: Array<number> = []
    const stop = server.onAppend(({ seq }) => shown.push(seq))
    server.append(facts("teller", 3))
    assert.deepStrictEqual(shown, [1, 2, 3])
    stop()
    server.append(facts("teller", 1))
    assert.lengthOf(shown, 3)
  })
})

describe("a bus alone", () => {
  it.effect("lives on the test clock: an ack wait of a minute passes when the test says so", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const inbox = yield* bus.hear(hearer("teller", { ackWaitMs: minute }))
      yield* bus.append([fact("teller", "said", "a", "1")])
      assert.deepStrictEqual(textsOf(yield* inbox.take(1)), ["1"])
      const again = yield* Effect.forkChild(inbox.take(1))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(again.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.isDefined(again.pollUnsafe())
    }).pipe(Effect.provide(MemoryBus.alone()))
  )

  it.effect("buries once, with the place where the message stood", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      yield* bus.append([fact("teller", "said", "a", "unreadable")])
      const [message] = yield* bus.scan(0, 1)
      yield* bus.bury(message!, "reader", "no JSON")
      yield* bus.bury(message!, "reader", "no JSON")
      const { dead } = yield* Memory
      assert.deepStrictEqual(
        dead.map(({ subject }) => subject),
        ["dead.reader"]
      )
      assert.deepInclude(JSON.parse(text(dead[0]!.data)), { consumer: "reader", reason: "no JSON", seq: 1, bytes: 10 })
    }).pipe(Effect.provide(MemoryBus.alone()))
  )
})
