/** What a simulated process and its wire promise: kill -9, SIGSTOP, skew, lost replies, and Effect unchanged inside. */
import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  Config,
  Context,
  Duration,
  Effect,
  Exit,
  Layer,
  Queue,
  Random,
  Schedule,
  Semaphore,
  Stream
} from "effect"
import { Crashed, epoch, Proc, Sim, Unanswered } from "./engine.ts"

const second = 1_000
const seeds = (n: number) => Array.from({ length: n }, (_, seed) => seed)

describe("processes", () => {
  it("kill runs no finalizer and no further task, terminate runs them all", () => {
    for (const how of ["kill", "terminate"] as const) {
      const sim = new Sim(1)
      const proc = new Proc(sim, "p")
      const seen: Array<string> = []
      const tick = Effect.andThen(
        Effect.sleep("1 second"),
        Effect.sync(() => seen.push("tick"))
      )
      proc.start(Effect.forever(tick).pipe(Effect.ensuring(Effect.sync(() => seen.push("finalizer")))))
      sim.after(2_500, () => proc[how]())
      sim.runFor(60 * second)
      assert.deepStrictEqual(seen, how === "kill" ? ["tick", "tick"] : ["tick", "tick", "finalizer"])
      assert.strictEqual(proc.state, "dead")
    }
  })

  it("a task that was already due when its process was killed never runs, when it was paused runs on resume", () => {
    const sim = new Sim(1)
    const seen: Array<string> = []
    const [killed, paused] = [new Proc(sim, "killed"), new Proc(sim, "paused")]
    for (const proc of [killed, paused]) proc.post(() => seen.push(proc.name))
    killed.kill()
    paused.pause()
    assert.strictEqual(sim.runFor(second), "idle")
    assert.deepStrictEqual(seen, [])
    paused.resume()
    killed.resume()
    killed.post(() => seen.push("killed again"))
    sim.runFor(second)
    assert.deepStrictEqual(seen, ["paused"])
    killed.post(() => seen.push("killed again"))
    assert.isTrue(sim.isIdle)
  })

  it("a process that kills itself in the middle of a computation does not finish it", () => {
    const sim = new Sim(1)
    const proc = new Proc(sim, "p", { yieldAfter: 1_000_000 })
    let ran = 0
    const count = Effect.sync(() => {
      if (++ran === 100) proc.kill()
    })
    proc.start(Effect.forEach(seeds(1_000), () => count))
    assert.strictEqual(sim.runFor(second), "idle")
    assert.isTrue(ran >= 100 && ran <= 132, `${ran}`)
  })

  it("a process that kills itself stops there, whatever other processes do", () => {
    const sim = new Sim(1)
    const proc = new Proc(sim, "p")
    const seen: Array<string> = []
    proc.start(
      Effect.gen(function* () {
        seen.push("before")
        yield* Effect.sync(() => proc.kill())
        yield* Effect.yieldNow
        seen.push("after")
      }).pipe(Effect.ensuring(Effect.sync(() => seen.push("finalizer"))))
    )
    assert.strictEqual(sim.runFor(second), "idle")
    assert.deepStrictEqual(seen, ["before"])
  })

  it("pause holds every task while time goes on, and resume lets them run late", () => {
    const sim = new Sim(1)
    const proc = new Proc(sim, "p")
    const seen: Array<number> = []
    const tick = Effect.gen(function* () {
      yield* Effect.sleep("1 second")
      seen.push((yield* Clock.currentTimeMillis) - epoch)
    })
    proc.start(Effect.forever(tick))
    sim.after(1_500, () => proc.pause())
    sim.after(9_750, () => proc.resume())
    sim.runFor(11 * second)
    assert.deepStrictEqual(seen, [1_000, 9_750, 10_750])
  })

  it("skew moves the wall clock alone: sleeps and the monotonic clock keep the world's pace", () => {
    const sim = new Sim(1)
    const proc = new Proc(sim, "p", { skew: -2_000 })
    let read: ReadonlyArray<unknown> = []
    proc.start(
      Effect.gen(function* () {
        yield* Effect.sleep("5 seconds")
        const clock = yield* Clock.Clock
        read = [yield* Clock.currentTimeMillis, clock.monotonicTimeNanosUnsafe(), clock.currentTimeNanosUnsafe()]
      })
    )
    sim.runFor(10 * second)
    assert.deepStrictEqual(read, [epoch + 3_000, 5_000_000_000n, BigInt(epoch + 3_000) * 1_000_000n])
  })

  it("two processes built from one layer share nothing, and see their own environment", () => {
    class Counter extends Context.Service<Counter, { next: () => number; readonly name: string }>()("test/Counter") {
      static readonly layer = Layer.effect(
        Counter,
        Effect.gen(function* () {
          let n = 0
          return { next: () => ++n, name: yield* Config.String("NAME") }
        })
      )
    }
    const sim = new Sim(1)
    const seen: Array<string> = []
    for (const NAME of ["a", "b"]) {
      const count = Counter.use((counter) => Effect.sync(() => seen.push(`${counter.name}${counter.next()}`)))
      new Proc(sim, NAME, { env: { NAME } }).start(Effect.provide(Effect.andThen(count, count), Counter.layer))
    }
    sim.runFor(second)
    assert.deepStrictEqual(seen.toSorted(), ["a1", "a2", "b1", "b2"])
  })

  it("a crash nobody listens to ends the run; one that is heard ends the process", () => {
    const sim = new Sim(1)
    new Proc(sim, "deaf").start(Effect.die(new Error("broken invariant")))
    assert.throws(() => sim.runFor(second), Crashed, /process deaf crashed: Error: broken invariant/)

    const proc = new Proc(sim, "heard")
    const exits: Array<Exit.Exit<unknown, unknown>> = []
    let late = 0
    proc.onExit((exit) => exits.push(exit))
    proc.start(
      Effect.andThen(
        Effect.sleep("2 seconds"),
        Effect.sync(() => late++)
      )
    )
    proc.start(Effect.andThen(Effect.sleep("1 second"), Effect.fail("gone")))
    sim.runFor(5 * second)
    assert.deepStrictEqual(exits, [Exit.fail("gone")])
    assert.deepStrictEqual([proc.state, late], ["dead", 0])
  })
})

describe("the wire", () => {
  const ask = (seed: number, lose: number) => {
    const sim = new Sim(seed)
    let done = 0
    const exit = sim.complete((proc) => proc.call(() => ++done, { min: 1, max: 20, lose, timeout: 100 }))
    return { exit, done, took: sim.elapsed, isIdle: sim.isIdle }
  }

  it("a call answers once and takes both ways' time", () => {
    for (const seed of seeds(20)) {
      const { exit, done, took, isIdle } = ask(seed, 0)
      assert.deepStrictEqual([exit, done, isIdle], [Exit.succeed(1), 1, true])
      assert.isTrue(took >= 2 && took < 40)
    }
  })

  it("of lost calls some never happened and some did, and the caller cannot tell", () => {
    const all = seeds(200).map((seed) => ask(seed, 0.5))
    const lost = all.filter(({ exit }) => Exit.isFailure(exit))
    for (const { exit, took } of lost) {
      assert.deepStrictEqual(exit, Exit.fail(new Unanswered({ afterMs: 100 })))
      assert.strictEqual(took, 100)
    }
    const happened = lost.filter(({ done }) => done === 1).length
    const answered = all.length - lost.length
    for (const count of [answered / 2, happened, lost.length - happened])
      assert.isTrue(count > 30 && count < 70, `${count}`)
  })

  it("the far end acts although its caller was killed, interrupted or gave up", () => {
    for (const fate of ["killed", "interrupted", "gave up"] as const) {
      const sim = new Sim(1)
      const proc = new Proc(sim, "p")
      let done = 0
      let seen: unknown = "nothing"
      const wire = { min: 1_000, max: 1_001, timeout: fate === "gave up" ? 500 : 5_000 }
      const call = proc.call(() => ++done, wire)
      const asked =
        fate === "interrupted" ? Effect.asVoid(Effect.timeoutOption(call, "200 millis")) : Effect.asVoid(call)
      proc.start(Effect.exit(asked).pipe(Effect.tap((exit) => Effect.sync(() => (seen = exit._tag)))))
      if (fate === "killed") sim.after(500, () => proc.kill())
      sim.runFor(999)
      assert.strictEqual(done, 0)
      sim.runFor(60 * second)
      assert.strictEqual(done, 1)
      assert.strictEqual(seen, { killed: "nothing", interrupted: "Success", "gave up": "Failure" }[fate])
    }
  })

  it("an answer reaches a paused process when it goes on, unless the timeout was due as well", () => {
    const sim = new Sim(1)
    const proc = new Proc(sim, "p")
    let answeredAt = 0
    proc.start(
      Effect.gen(function* () {
        yield* proc.call(() => {}, { min: 100, max: 101, timeout: 60 * second })
        answeredAt = yield* Clock.currentTimeMillis
      })
    )
    sim.after(50, () => proc.pause())
    sim.after(10 * second, () => proc.resume())
    sim.runFor(20 * second)
    assert.strictEqual(answeredAt, epoch + 10 * second)
  })
})

describe("Effect inside", () => {
  /** Sleep, timeout, semaphore, queue, scoped fibers, stream, retry with jitter: each leaves what it saw in the log. */
  const everything = (log: (line: string) => Effect.Effect<void>) =>
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(4)
      const gate = yield* Semaphore.make(2)
      let inside = 0
      const produce = (i: number) =>
        Effect.gen(function* () {
          yield* Effect.sleep(Duration.millis(yield* Random.nextIntBetween(1, 50)))
          yield* log(`in ${i}, ${++inside} inside`)
          yield* Effect.sleep("10 millis")
          inside--
          yield* Queue.offer(queue, i)
        }).pipe(Semaphore.withPermits(gate, 1))
      yield* Effect.forkScoped(Effect.forEach(seeds(12), produce, { concurrency: "unbounded" }))
      const taken = yield* Stream.fromQueue(queue).pipe(
        Stream.mapEffect((i) => Effect.as(Effect.sleep("5 millis"), i), { concurrency: 3, unordered: true }),
        Stream.take(12),
        Stream.runCollect
      )
      yield* log(`taken ${taken.join(" ")}`)
      const late = yield* Effect.sleep("1 hour").pipe(Effect.timeoutOption("7 seconds"))
      yield* log(late._tag)
      let tries = 0
      const backoff = Schedule.exponential("100 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 5 }))
      const flaky = Effect.suspend(() =>
        Effect.andThen(log(`try ${++tries}`), tries < 4 ? Effect.fail("no") : Effect.void)
      )
      yield* Effect.retry(flaky, backoff)
      return taken.length
    }).pipe(Effect.scoped)

  const told = (seed: number) => {
    const sim = new Sim(seed)
    const lines: Array<string> = []
    const log = (line: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        lines.push(`${now - epoch} ${line}`)
        sim.note(line)
      })
    const exit = sim.complete(() => everything(log), 60 * second)
    return { exit, lines, trace: sim.trace }
  }

  it("the usual instruments run unchanged, twice the same for one seed and otherwise for another", () => {
    const first = told(1)
    assert.deepStrictEqual(first.exit, Exit.succeed(12))
    assert.deepStrictEqual(told(1), first)
    assert.notDeepEqual(told(2).lines, first.lines)
    const text = first.lines.join("\n")
    assert.match(text, /2 inside/)
    assert.notMatch(text, /3 inside/)
    assert.match(text, /None/)
    assert.strictEqual(text.match(/try/g)?.length, 4)
  })

  it("seven virtual seconds of timeout and the jittered waits take no real time", () => {
    const { lines } = told(5)
    const at = (line: string) => Number(lines.find((l) => l.endsWith(line))?.split(" ")[0])
    assert.strictEqual(at("None") - Number(lines.find((l) => l.includes("taken"))?.split(" ")[0]), 7_000)
    const waits = [at("try 2") - at("try 1"), at("try 3") - at("try 2"), at("try 4") - at("try 3")]
    waits.forEach((wait, i) => assert.isTrue(wait >= 79 * 2 ** i && wait <= 121 * 2 ** i, waits.join(" ")))
  })

  it("a sleep of nothing yields, and an endless one neither wakes nor keeps the world busy", () => {
    const sim = new Sim(1)
    let woke = 0
    const proc = new Proc(sim, "p")
    proc.start(
      Effect.andThen(
        Effect.sleep(0),
        Effect.sync(() => woke++)
      )
    )
    proc.start(
      Effect.andThen(
        Effect.sleep(Duration.infinity),
        Effect.sync(() => woke++)
      )
    )
    assert.strictEqual(sim.runFor(second), "idle")
    assert.strictEqual(woke, 1)
  })
})
