/** A mind counts every message once, whoever else counts, whatever comes twice, and whatever nobody can read. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Result, Schema } from "effect"
import { decodeAs, messageBytesMax, open, unseal } from "../schemas/envelope.ts"
import { entityFilter, matches, type Road, redriveSubject } from "../schemas/message.ts"
import { busWire } from "../test/sim/bus-wire.ts"
import { Proc, Sim } from "../test/sim/engine.ts"
import {
  Add,
  AddAfter,
  add,
  addAfter,
  bloated,
  Cheer,
  Close,
  cheer,
  close,
  closed,
  Counted,
  counted,
  counter,
  Err,
  err,
  noticed,
  rules,
  Sum,
  sums
} from "../test/sim/toy-mind.ts"
import { Buried } from "./buried.ts"
import type { Draft, Stored } from "./bus.ts"
import { draftOf } from "./draft.ts"
import { MemoryBus } from "./memory.sim.ts"
import { calm, type Faults } from "./memory-faults.sim.ts"
import { MemoryServer, type Replicas } from "./memory-server.sim.ts"
import { type Mind, runMind } from "./mind.ts"

const second = 1_000

interface Options {
  readonly seed?: number
  readonly mode?: Replicas
  readonly faults?: Partial<Faults>
  readonly replicas?: number
  readonly mind?: Mind<Sum>
}

class House {
  readonly sim: Sim
  readonly server: MemoryServer
  readonly procs: Array<Proc> = []
  /** Why the mind ended, each time that it did. */
  readonly ends: Array<string> = []
  private readonly mind: Mind<Sum>

  constructor({ seed = 1, mode = "R1", faults = {}, replicas = 1, mind = counter }: Options = {}) {
    const sim = new Sim(seed, { altogether: 3_000_000 })
    this.sim = sim
    const after = (ms: number, run: () => void) => sim.after(ms, run)
    this.server = new MemoryServer({
      now: () => sim.now,
      random: sim.random,
      after,
      mode,
      faults: { ...calm, ...faults }
    })
    this.mind = mind
    for (let n = 0; n < replicas; n++) this.start(`mind-${n}`)
  }

  start(name: string): Proc {
    const proc = new Proc(this.sim, name)
    const life = Effect.onExit(Effect.scoped(runMind(this.mind)), (exit) =>
      Effect.sync(() => this.ends.push(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "ended"))
    )
    const restarted = Effect.forever(Effect.andThen(Effect.ignore(Effect.sandbox(life)), Effect.sleep("1 second")))
    proc.start(Effect.provide(restarted, MemoryBus.layer(this.server, busWire(proc))))
    this.procs.push(proc)
    return proc
  }

  /** Puts messages to the log, in any weather. */
  put(drafts: ReadonlyArray<Draft>): void {
    const { faults } = this.server
    this.server.faults = { ...faults, lostRequest: 0, lostReply: 0, leaderLossPerHour: 0 }
    for (const draft of drafts) this.server.append([draft])
    this.server.faults = faults
  }
  say<A>(road: Road<A>, ...messages: ReadonlyArray<A>): void {
    this.put(messages.map((message) => draftOf(road, message)))
  }
  said<A>(road: Road<A>): ReadonlyArray<A> {
    return this.stored(road.filter).map(({ data }) => Result.getOrThrow(unseal(road, data)))
  }
  stored(filter: string): ReadonlyArray<Stored> {
    return this.server.log.after(0, 100_000).filter(({ subject }) => matches(filter, subject))
  }
  get unsettled(): number {
    return this.server.standing("counter")?.unsettled.length ?? 0
  }
  get buried(): ReadonlyArray<Buried> {
    const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Buried))
    return this.server.dead.map(({ data }) => decode(new TextDecoder().decode(data)))
  }
  /** The state that the newest fact about it carries. */
  sum(name: string): Sum | undefined {
    const last = this.server.log.at(this.server.log.lastOf(entityFilter("counter", name)))
    return last && Result.getOrThrow(decodeAs(Sum, Result.getOrThrow(open(last.data)).state))
  }
}

/** Every message was counted once, orders went out once, and each fact carries what folding all facts gives. */
const assertCounted = (house: House, what: string) => {
  const isReadable = ({ data }: Stored) => Result.isSuccess(unseal(add, data))
  const heard = house
    .stored(add.filter)
    .filter(isReadable)
    .map(({ seq }) => seq)
  const counts = house.said(counted).map(({ seq }) => seq)
  assert.deepStrictEqual(
    counts.toSorted((a, b) => a - b),
    heard,
    what
  )
  assert.strictEqual(house.unsettled, 0, what)
  const names = new Set(house.said(counted).map(({ name }) => name))
  let cheers = 0
  for (const name of names) {
    let state: Sum | undefined
    for (const { data, subject } of house.stored(entityFilter("counter", name))) {
      const road = [counted, closed, noticed, bloated].find(({ filter }) => matches(filter, subject))!
      state = rules.evolve(state, Result.getOrThrow(unseal(road as Road<any>, data)))
      assert.deepStrictEqual(Result.getOrThrow(open(data)).state, state, `${what}: ${name}`)
    }
    cheers += Math.floor((state?.count ?? 0) / 10)
  }
  assert.strictEqual(house.said(cheer).length, cheers, `${what}: orders`)
}
const adds = (names: number, each: number) =>
  Array.from({ length: names * each }, (_, n) => new Add({ name: `k${n % names}` }))

describe("counting", () => {
  it("a hundred messages waiting are decided together, in one append", () => {
    const house = new House({ replicas: 0 })
    let appends = 0
    const { append } = house.server
    house.server.append = (drafts) => {
      appends++
      return append.call(house.server, drafts)
    }
    house.say(add, ...adds(7, 14), ...adds(2, 1))
    appends = 0
    house.start("mind")
    house.sim.runFor(5 * second)
    assert.strictEqual(appends, 1)
    assertCounted(house, "together")
    assert.strictEqual(house.sum("k0")?.count, 15)
  })

  for (const mode of ["R1", "R3"] as const) {
    it(`${mode}: nothing is lost or counted twice by three replicas in bad weather`, () => {
      for (let seed = 1; seed <= 8; seed++) {
        const bad = { duplicate: 0.2, reorder: 0.2, delay: 0.1, delayMaxMs: 500, lostAck: 0.1 }
        const lost = { lostReply: 0.1, lostRequest: 0.1, inFlight: 0.1, conflict: 0.1, rowLagMaxMs: 500 }
        const house = new House({ seed, mode, replicas: 3, faults: { ...bad, ...lost } })
        for (const [n, message] of adds(5, 24).entries()) house.sim.after(n * 20, () => house.say(add, message))
        for (const proc of house.procs) {
          house.sim.after(house.sim.between(0, 2_000), () => proc.pause())
          house.sim.after(house.sim.between(2_000, 40_000), () => proc.resume())
        }
        house.sim.after(1_000, () => house.procs[0]!.kill())
        house.sim.runFor(240 * second)
        assertCounted(house, `seed ${seed}`)
        assert.deepStrictEqual(house.buried, [])
      }
    })
  }

  it("who remembers too little does not pass over a message in silence", () => {
    const house = new House()
    house.say(close, new Close({ name: "k" })) // now it remembers that there is nothing to close
    house.sim.runFor(second)
    const opened = new Counted({ name: "k", seq: 1 })
    const state = { schema: Sum, value: rules.evolve(undefined, opened) }
    house.put([draftOf(counted, opened, state)]) // as another replica says it
    house.say(close, new Close({ name: "k" }))
    house.sim.runFor(second)
    assert.strictEqual(house.said(closed).length, 1)
    assert.deepStrictEqual([house.sum("k")?.isClosed, house.sum("k")?.count], [true, 1])
  })
})

describe("what nobody can decide on", () => {
  it("is buried with its reason, on every road that is heard, and stops nobody", () => {
    const house = new House({ replicas: 2 })
    const bad: ReadonlyArray<readonly [string, Uint8Array]> = [
      ["not-json", new TextEncoder().encode("{")],
      ["not-json", Uint8Array.of(0xff, 0xfe)],
      ["too-deep", new TextEncoder().encode("[".repeat(100_000))],
      ["too-large", new Uint8Array(messageBytesMax + 1)],
      ["wrong-version", new TextEncoder().encode('{"v":{"toString":null},"tag":"Add","body":{}}')],
      ["unknown-type", new TextEncoder().encode('{"v":1,"tag":"Subtract","body":{}}')],
      ["wrong-shape", new TextEncoder().encode('{"v":1,"tag":"Add","body":{"name":7}}')]
    ]
    const tagged = (road: Road, data: Uint8Array) =>
      new TextEncoder().encode(new TextDecoder().decode(data).replace('"Add"', `"${road.tag}"`))
    for (const { road } of counter.hears) {
      const subject = road.filter.replaceAll("*", "all")
      house.put(bad.map(([reason, data]) => ({ subject, data: reason === "wrong-shape" ? tagged(road, data) : data })))
      house.say(add, ...adds(3, 1))
    }
    house.put([{ subject: "cmd.all.counter.redrive.x", data: new Uint8Array() }])
    house.put([{ subject: "cmd.all.counter.redrive.999999", data: new Uint8Array() }])
    house.sim.runFor(60 * second)
    assertCounted(house, "among the unreadable")
    const reasons = [...counter.hears.flatMap(() => bad.map(([reason]) => reason)), "wrong-shape", "wrong-shape"]
    assert.deepStrictEqual(house.buried.map(({ reason }) => reason.split(":")[0]!).toSorted(), reasons.toSorted())
    assert.isTrue(house.buried.every(({ consumer }) => consumer === "counter"))
    assert.deepStrictEqual(house.ends, [])
  })

  it("would say more than a message holds: it is buried, said once, and the others of its batch go on", () => {
    const house = new House({ replicas: 0 })
    house.say(add, ...adds(4, 3))
    house.say(err, new Err({ name: "k1", how: "bloat" }))
    house.say(add, ...adds(4, 3))
    house.start("mind")
    house.sim.runFor(60 * second)
    assertCounted(house, "beside the bloated")
    assert.deepStrictEqual(
      house.buried.map(({ reason, subject }) => [reason.split(":")[0], subject]),
      [["too-large", err.subject(new Err({ name: "k1", how: "bloat" }))]]
    )
    assert.deepStrictEqual(house.ends, [])
  })

  it("a batch that would say over a thousand messages is decided in parts", () => {
    const house = new House({ replicas: 0 })
    house.say(err, ...Array.from({ length: 80 }, (_, n) => new Err({ name: `k${n}`, how: "flood" })))
    house.start("mind")
    house.sim.runFor(60 * second)
    assert.deepStrictEqual([house.ends, house.buried, house.unsettled], [[], [], 0])
    assert.strictEqual(house.said(bloated).length, 80 * 20)
  })

  it("is decided anew when it is sent again by its sequence, once and as of then", () => {
    const house = new House()
    house.say(add, new Add({ name: "k" }))
    house.put([{ subject: add.subject(new Add({ name: "k" })), data: new TextEncoder().encode("{") }])
    house.sim.runFor(second)
    const redrive = (seq: number) => house.put([{ subject: redriveSubject("counter", seq), data: new Uint8Array() }])
    for (const seq of [1, 2, 1, house.server.log.lastSeq + 2]) redrive(seq)
    house.sim.runFor(60 * second)
    assert.deepStrictEqual(
      house.said(counted).map(({ seq }) => seq),
      [1]
    )
    const reasons = house.buried.map(({ reason }) => reason.split(":")[0])
    assert.deepStrictEqual(reasons.toSorted(), ["not-json", "wrong-shape"], "a grave is dug once")
    assert.strictEqual(house.unsettled, 0)
  })
})

describe("rules that break the rules", () => {
  for (const [how, says] of [
    ["misfile", /Counted about not-k, not k/],
    ["bark", /gave orders about k without a fact/],
    ["undeclared", /said Add, which it never declared/]
  ] as const) {
    it(`${how}: the process ends, nothing is stored and nothing settled`, () => {
      const house = new House({ replicas: 0 })
      house.say(add, new Add({ name: "k" }))
      house.say(err, new Err({ name: "k", how }))
      house.start("mind")
      house.sim.runFor(500)
      assert.match(house.ends.join("\n"), says)
      assert.deepStrictEqual(house.stored("evt.>"), [])
      assert.strictEqual(house.unsettled, 2)
    })
  }
})

describe("looking again", () => {
  const waking: Mind<Sum> = { ...counter, rules, wakes: { bucket: sums, everyMs: 5 * second } }

  it("each row that wishes it is decided on once more, by the leader's state, and then rests", () => {
    for (const replicas of [1, 3]) {
      const house = new House({ mind: waking, replicas, faults: { rowLagMaxMs: 2_000 } })
      house.say(add, ...adds(3, 5))
      house.sim.runFor(60 * second)
      assert.deepStrictEqual(
        house
          .said(noticed)
          .map(({ name }) => name)
          .toSorted(),
        ["k0", "k1", "k2"]
      )
      house.say(add, new Add({ name: "k1" }))
      house.sim.runFor(60 * second)
      assert.strictEqual(house.said(noticed).length, 4)
      assert.strictEqual(house.sum("k1")?.noticed, 6)
    }
  })
})

describe("waiting for the book", () => {
  it("a message is decided once the row that it needs has come, however late", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const house = new House({ seed, faults: { rowLagMaxMs: 10_000 } })
      house.sim.runFor(second) // the book is open
      house.say(add, new Add({ name: "k" }))
      house.sim.runFor(50)
      const seq = house.server.log.lastOf(entityFilter("counter", "k"))
      assert.isAbove(seq, 0)
      house.say(addAfter, new AddAfter({ name: "j", on: "k", seq }))
      house.sim.runFor(15 * second) // far less than the ack wait
      assert.strictEqual(house.sum("j")?.count, 1, `seed ${seed}`)
      assert.strictEqual(house.unsettled, 0)
    }
  })

  it("one that waits for what never comes holds up nobody else", () => {
    const house = new House()
    house.say(addAfter, ...Array.from({ length: 20 }, () => new AddAfter({ name: "j", on: "k", seq: 1_000_000 })))
    house.sim.runFor(10 * second)
    house.say(add, ...adds(5, 4))
    house.sim.runFor(10 * second)
    assert.strictEqual(house.said(counted).length, 20)
    assert.strictEqual(house.unsettled, 20)
  })
})

it("what it said is in the log with its state, so that another process needs nothing else", () => {
  const house = new House()
  house.say(add, ...adds(1, 9))
  house.sim.runFor(5 * second)
  house.procs[0]!.kill()
  house.say(add, new Add({ name: "k0" }))
  house.start("next")
  house.sim.runFor(60 * second)
  assertCounted(house, "after the change")
  assert.deepStrictEqual(house.said(cheer), [new Cheer({ name: "k0", count: 10 })])
})

it("told to stop amid a batch, it gives back what it has not settled, and the next one need not wait", () => {
  for (let ms = 0; ms <= 10; ms++) {
    const house = new House({ seed: ms, replicas: 0 })
    house.say(add, ...adds(7, 12))
    const first = house.start("first")
    const stop = house.server.onAppend(() => {
      stop()
      house.sim.after(ms, () => first.terminate())
    })
    house.sim.runFor(50)
    house.start("next")
    house.sim.runFor(10 * second)
    assertCounted(house, `stopped ${ms} ms after its append`)
  }
})
