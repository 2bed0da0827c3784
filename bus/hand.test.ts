/** A hand works in its lanes, keeps what it works on, gives back what it lets go, and takes nothing new at its end. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { alone } from "../test/sim/alone.ts"
import { Add, add } from "../test/sim/toy-mind.ts"
import { Ack, Bus, BusDown, type Delivery, later } from "./bus.ts"
import { draftOf } from "./draft.ts"
import { bury, type Hand, runHand } from "./hand.ts"
import { Memory } from "./memory.sim.ts"

const terms = { name: "hand", filters: [add.filter], lanes: 3, ackWaitMs: 3_000 }

const order = (...names: ReadonlyArray<string>) =>
  Memory.use((server) =>
    Effect.sync(() => {
      for (const name of names) server.append([draftOf(add, new Add({ name }))])
    })
  )
const standing = Memory.use((server) => Effect.sync(() => server.standing("hand")!))
const nameOf = ({ subject }: Delivery) => subject.split(".").at(-1)!

const rest = Effect.sleep
/** Runs a hand beside the test for as long as the scope lives. */
const begun = (handle: Hand["handle"], over: Partial<Hand> = {}) =>
  Effect.tap(Effect.forkScoped(Effect.scoped(runHand({ ...terms, ...over, handle }))), () => rest(50))

describe("lanes", () => {
  it("no more orders are worked on at once than there are lanes, and all are in the end", () =>
    alone(
      Effect.gen(function* () {
        let now = 0
        let most = 0
        const done: Array<string> = []
        yield* order(..."abcdefgh")
        yield* begun((delivery) =>
          Effect.gen(function* () {
            most = Math.max(most, ++now)
            yield* Effect.sleep(1_000)
            now--
            done.push(nameOf(delivery))
            return Ack
          })
        )
        yield* rest(500)
        assert.strictEqual((yield* standing).unsettled.length, 3)
        yield* rest(10_000)
        assert.strictEqual(most, 3)
        assert.deepStrictEqual(done.toSorted(), [..."abcdefgh"])
        assert.deepStrictEqual((yield* standing).unsettled, [])
      })
    ))

  it("an order that takes long stops no other", () =>
    alone(
      Effect.gen(function* () {
        const done: Array<string> = []
        yield* order("long", "a", "b", "c")
        yield* begun((delivery) =>
          Effect.as(
            Effect.andThen(
              Effect.sleep(nameOf(delivery) === "long" ? 60_000 : 10),
              Effect.sync(() => done.push(nameOf(delivery)))
            ),
            Ack
          )
        )
        yield* rest(1_000)
        assert.deepStrictEqual(done, ["a", "b", "c"])
      })
    ))
})

describe("an order", () => {
  it("worked on for far longer than the ack wait is delivered once", () =>
    alone(
      Effect.gen(function* () {
        let times = 0
        yield* order("a")
        yield* begun(() =>
          Effect.as(
            Effect.andThen(
              Effect.sync(() => times++),
              Effect.sleep(20 * terms.ackWaitMs)
            ),
            Ack
          )
        )
        yield* rest(60 * terms.ackWaitMs)
        assert.strictEqual(times, 1)
        assert.deepStrictEqual((yield* standing).unsettled, [])
      })
    ))

  it("whose handling fails or dies is delivered again, its lane is free, and the hand lives on", () =>
    alone(
      Effect.gen(function* () {
        const tries: Array<string> = []
        yield* order("down", "dies", "a")
        yield* begun(
          (delivery) =>
            Effect.suspend(() => {
              const name = nameOf(delivery)
              tries.push(`${name} ${delivery.attempt}`)
              if (delivery.attempt > 2 || name === "a") return Effect.succeed(Ack)
              return name === "dies"
                ? Effect.die(new Error("no"))
                : Effect.fail(new BusDown({ op: "test", cause: "no" }))
            }),
          { lanes: 1 }
        )
        yield* rest(20 * terms.ackWaitMs)
        assert.deepStrictEqual(tries.toSorted(), ["a 1", "dies 1", "dies 2", "dies 3", "down 1", "down 2", "down 3"])
        assert.deepStrictEqual((yield* standing).unsettled, [])
      })
    ))

  it("put off comes again after that time, and a buried one never", () =>
    alone(
      Effect.gen(function* () {
        const tries: Array<string> = []
        yield* order("later", "dead")
        yield* begun((delivery) =>
          Effect.suspend(() => {
            tries.push(nameOf(delivery))
            return nameOf(delivery) === "dead"
              ? bury(delivery, "hand", "nobody can read it")
              : Effect.succeed(later(10_000))
          })
        )
        yield* rest(9_000)
        assert.deepStrictEqual(tries.toSorted(), ["dead", "later"])
        yield* rest(2_000)
        assert.deepStrictEqual(tries.toSorted(), ["dead", "later", "later"])
        assert.strictEqual((yield* Memory).dead.length, 1)
      })
    ))
})

describe("a hand that is interrupted", () => {
  it("hears out what must not be cut, gives back what it let go, and takes nothing new", () =>
    alone(
      Effect.gen(function* () {
        const seen: Array<string> = []
        const call = yield* Deferred.make<void>()
        const { lanes } = terms
        yield* order("a", "b", "c", "d")
        const hand = yield* begun((delivery) =>
          Effect.gen(function* () {
            seen.push(`${nameOf(delivery)} begun`)
            yield* Effect.uninterruptible(Deferred.await(call))
            seen.push(`${nameOf(delivery)} heard out`)
            yield* Effect.sleep(60_000)
            return Ack
          }).pipe(Effect.onInterrupt(() => Effect.sync(() => seen.push(`${nameOf(delivery)} let go`))))
        )
        yield* rest(100)
        assert.deepStrictEqual(seen, ["a begun", "b begun", "c begun"])
        const end = yield* Effect.forkChild(Fiber.interrupt(hand))
        yield* rest(100)
        assert.strictEqual(seen.length, lanes, "it waits for the call")
        yield* order("e")
        yield* Deferred.succeed(call, undefined)
        yield* Fiber.join(end)
        assert.deepStrictEqual(seen.filter((line) => line.endsWith("let go")).toSorted(), [
          "a let go",
          "b let go",
          "c let go"
        ])
        assert.isFalse(seen.some((line) => line.startsWith("d") || line.startsWith("e")))

        const next: Array<string> = []
        yield* begun((delivery) =>
          Effect.as(
            Effect.sync(() => next.push(nameOf(delivery))),
            Ack
          )
        )
        yield* rest(100) // far less than the ack wait
        assert.deepStrictEqual(next.toSorted(), [..."abcde"])
      })
    ))
})

it("a hand whose bus does not answer ends, so that its supervisor starts it anew", () =>
  alone(
    Effect.gen(function* () {
      const bus = yield* Bus
      const silence = Effect.fail(new BusDown({ op: "take", cause: "no answer" }))
      const deaf = { take: () => silence, settleAll: () => silence }
      const layer = Layer.succeed(Bus, { ...bus, hear: () => Effect.succeed(deaf) })
      const exit = yield* Effect.exit(Effect.scoped(runHand({ ...terms, handle: () => Effect.succeed(Ack) }))).pipe(
        Effect.provide(layer)
      )
      assert.isTrue(Exit.isFailure(exit))
    })
  ))
