/** The simulator's own promises: one seed one history, guards against its misuse, and its speed. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Random, Schema } from "effect"
import { epoch, Livelock, prng, Proc, Sim, Trespass } from "./engine.ts"

const seeds = (n: number) => Array.from({ length: n }, (_, seed) => seed)
const second = 1_000

/** Twelve loops that sleep, draw and note: enough going on that two orders can hardly look alike. */
const busy = (sim: Sim, log: Array<string>) =>
  Effect.forEach(
    seeds(12),
    (loop) =>
      Effect.gen(function* () {
        for (let n = 0; ; n++) {
          yield* Effect.sleep(Duration.millis(10 * (1 + (yield* Random.nextIntBetween(0, 5)))))
          sim.note(`${loop}:${n}`)
          log.push(`${sim.elapsed} ${loop}:${n}`)
          yield* Effect.yieldNow
        }
      }),
    { concurrency: "unbounded", discard: true }
  )

const history = (seed: number) => {
  const sim = new Sim(seed)
  const log: Array<string> = []
  for (const name of ["a", "b"]) new Proc(sim, name).start(busy(sim, log))
  sim.runFor(10 * second)
  return { trace: sim.trace, log: log.join("\n"), steps: sim.steps }
}

describe("one seed, one history", () => {
  it("a seed run again gives the same trace, step by step", () => {
    for (const seed of seeds(5)) assert.deepStrictEqual(history(seed), history(seed))
  })

  it("twenty seeds give twenty histories", () => {
    const all = seeds(20).map(history)
    assert.strictEqual(new Set(all.map(({ trace }) => trace)).size, 20)
    assert.strictEqual(new Set(all.map(({ log }) => log)).size, 20)
  })

  it("all six orders of three simultaneous wakes are found", () => {
    const found = new Set<string>()
    for (const seed of seeds(60)) {
      const sim = new Sim(seed)
      const order: Array<string> = []
      const wake = (who: string) =>
        Effect.andThen(
          Effect.sleep("1 second"),
          Effect.sync(() => order.push(who))
        )
      new Proc(sim, "p").start(Effect.forEach(["x", "y", "z"], wake, { concurrency: "unbounded" }))
      sim.runFor(2 * second)
      found.add(order.join(""))
    }
    assert.deepStrictEqual([...found].sort(), ["xyz", "xzy", "yxz", "yzx", "zxy", "zyx"])
  })

  it("so are all six orders of three processes that are ready at once", () => {
    const found = seeds(60).map((seed) => {
      const sim = new Sim(seed)
      const order: Array<string> = []
      for (const who of ["x", "y", "z"]) new Proc(sim, who).start(Effect.sync(() => order.push(who)))
      sim.runFor(0)
      return order.join("")
    })
    assert.strictEqual(new Set(found).size, 6)
  })

  it("a run cut in two pieces is the run in one piece", () => {
    const log: Array<string> = []
    const sim = new Sim(3)
    for (const name of ["a", "b"]) new Proc(sim, name).start(busy(sim, log))
    for (let ms = 0; ms < 10 * second; ms += 500) sim.runFor(500)
    assert.strictEqual(log.join("\n"), history(3).log)
  })

  it.prop("draws stay in their range", { seed: Schema.Int }, ({ seed }) => {
    const draw = prng(seed)
    const sim = new Sim(seed)
    for (let i = 0; i < 50; i++) {
      const x = draw()
      assert.isTrue(x >= 0 && x < 1)
      const y = sim.between(-3, 7)
      assert.isTrue(y >= -3 && y < 7)
    }
    assert.isFalse(sim.chance(0))
    assert.isTrue(sim.chance(1))
  })
})

describe("time", () => {
  it("timers of one instant run in any order, an earlier one always first, a cancelled one never", () => {
    for (const seed of seeds(20)) {
      const sim = new Sim(seed)
      const fired: Array<string> = []
      const note = (what: string) => () => void fired.push(`${what}@${sim.elapsed}`)
      const cancelled = sim.after(10, note("cancelled"))
      sim.after(20, note("later"))
      sim.after(5, note("soon"))
      sim.after(5, () => cancelled())
      sim.after(-7, note("past"))
      sim.at(epoch - 7, note("past"))
      assert.strictEqual(sim.runFor(15), "time is up")
      assert.deepStrictEqual(fired, ["past@0", "past@0", "soon@5"])
      assert.strictEqual(sim.runFor(5), "idle")
      assert.deepStrictEqual(fired, ["past@0", "past@0", "soon@5", "later@20"])
    }
  })

  it("a run that is halted goes on where it stopped, with the other timers of that instant", () => {
    const sim = new Sim(1)
    let fired = 0
    for (let i = 0; i < 3; i++) sim.after(10, () => (fired++, sim.halt()))
    for (const n of [1, 2, 3]) {
      assert.strictEqual(sim.runFor(100), "halted")
      assert.deepStrictEqual([fired, sim.elapsed], [n, 10])
    }
    assert.strictEqual(sim.runFor(100), "idle")
  })

  it("of two timers that cancel each other exactly one fires", () => {
    const winners = seeds(20).map((seed) => {
      const sim = new Sim(seed)
      const won: Array<string> = []
      const stopB = { run: () => {} }
      const stopA = sim.after(10, () => (won.push("a"), stopB.run()))
      stopB.run = sim.after(10, () => (won.push("b"), stopA()))
      sim.runFor(20)
      assert.isTrue(sim.isIdle)
      return won.join("")
    })
    assert.deepStrictEqual([...new Set(winners)].sort(), ["a", "b"])
  })

  it("many thousand cancelled timers are forgotten and disturb no order", () => {
    const sim = new Sim(1)
    const fired: Array<number> = []
    for (let i = 0; i < 20_000; i++) {
      const cancel = sim.after(sim.between(0, 100), () => void fired.push(sim.now))
      if (i % 10 !== 0) cancel()
    }
    sim.runFor(second)
    assert.strictEqual(fired.length, 2_000)
    assert.deepStrictEqual(
      fired,
      fired.toSorted((a, b) => a - b)
    )
    assert.isTrue(sim.isIdle)
  })
})

describe("guards", () => {
  it("a fiber that spins without letting time pass is named", () => {
    const sim = new Sim(1, { perInstant: 1_000 })
    new Proc(sim, "calm").start(Effect.forever(Effect.sleep("1 second")))
    new Proc(sim, "spinner").start(Effect.andThen(Effect.sleep("2 seconds"), Effect.forever(Effect.void)))
    const spun = /process spinner ran 99\d tasks in one instant, now 2026-01-01T00:00:02/
    assert.throws(() => sim.runFor(5 * second), Livelock, spun)
  })

  it("a retry that moves time a little each round is stopped by the whole run's limit", () => {
    const sim = new Sim(1, { altogether: 10_000 })
    const proc = new Proc(sim, "retrier")
    proc.start(Effect.forever(proc.call(() => "conflict", { min: 1, max: 2 })))
    assert.throws(() => sim.runFor(3_600 * second), /process retrier ran \d+ tasks in the whole run/)
    const world = new Sim(1, { perInstant: 100 })
    const again = () => void world.after(0, again)
    again()
    assert.throws(() => world.runFor(1), /the world itself ran 101 tasks in one instant/)
  })

  it("a process woken in another's turn is caught: they may meet only through post and call", () => {
    const sim = new Sim(1)
    const shared = Deferred.makeUnsafe<void>()
    const waiter = new Proc(sim, "waiter")
    waiter.start(Effect.andThen(Deferred.await(shared), Effect.yieldNow))
    new Proc(sim, "completer").start(Effect.andThen(Effect.sleep("1 second"), Deferred.succeed(shared, undefined)))
    assert.throws(() => sim.runFor(5 * second), Trespass, /process waiter ran in the turn of completer/)
  })

  it("a fiber woken by a promise is caught by the next run", async () => {
    const sim = new Sim(1)
    new Proc(sim, "leaky").start(
      Effect.andThen(
        Effect.promise(() => Promise.resolve()),
        Effect.sleep("1 second")
      )
    )
    sim.runFor(second)
    await new Promise<void>((resolve) => setImmediate(resolve))
    assert.throws(() => sim.runFor(second), Trespass, /process leaky ran outside/)
  })

  it("a check that throws ends the run at the very step", () => {
    const sim = new Sim(1)
    let n = 0
    sim.check = () => assert.isBelow(n, 3, "too many")
    new Proc(sim, "p").start(
      Effect.forever(
        Effect.andThen(
          Effect.sleep("1 second"),
          Effect.sync(() => n++)
        )
      )
    )
    assert.throws(() => sim.runFor(60 * second), /too many/)
    assert.deepStrictEqual([n, sim.elapsed], [3, 3 * second])
  })

  it("a program that does not end in time is said so", () => {
    assert.throws(() => new Sim(1).complete(() => Effect.never, 10, "sleeper"), /sleeper has not ended within 10/)
  })
})

describe("speed", () => {
  it("wakes more than 100,000 fibers a second", () => {
    const wakes = (minutes: number) => {
      const sim = new Sim(1)
      const loop = (i: number) =>
        Effect.forever(
          Effect.andThen(
            Effect.sleep(Duration.millis(10 + i)),
            Effect.sync(() => n++)
          )
        )
      let n = 0
      new Proc(sim, "p").start(Effect.forEach(seeds(12), loop, { concurrency: "unbounded" }))
      const start = performance.now()
      sim.runFor(minutes * 60 * second)
      return n / ((performance.now() - start) / second)
    }
    wakes(1)
    const best = Math.max(...[1, 2, 3].map(() => wakes(2)))
    console.info(`${Math.round(best / 1_000)} thousand wakes a second`)
    assert.isAbove(best, 100_000)
  })
})
