/** What a memory server's faults do to those who look on: they are told less, or nothing, and nothing untrue. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { facts, hearer } from "../test/conformance/bus-house.ts"
import { Ack, Bus } from "./bus.ts"
import { Memory, MemoryBus } from "./memory.sim.ts"
import { calm } from "./memory-faults.sim.ts"

const spec = hearer("teller", { name: "hearer" })

it.effect("while there is no leader nobody says how consumers stand and what is buried; afterwards it is told", () =>
  Effect.gen(function* () {
    const bus = yield* Bus
    yield* bus.hear(spec)
    ;(yield* Memory).loseLeader(8_000)
    const asked = [Effect.asVoid(bus.standings), Effect.asVoid(bus.dead(undefined, 10))]
    const ends = yield* Effect.forEach(asked, (ask) => Effect.forkChild(Effect.flip(ask)))
    yield* TestClock.adjust("6 seconds")
    const downs = ends.map((end) => end.pollUnsafe())
    assert.deepStrictEqual(
      downs.map((down) => down?._tag === "Success" && down.value.op),
      ["standings", "dead"]
    )
    yield* TestClock.adjust("3 seconds")
    assert.lengthOf(yield* bus.standings, 1)
    assert.deepStrictEqual(yield* bus.dead(undefined, 10), [])
  }).pipe(Effect.provide(MemoryBus.alone()))
)

it.effect("what is held back before its first delivery was not given, and is not settled", () =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const { seq } = yield* bus.append(facts("teller", 2))
    const inbox = yield* bus.hear(spec)
    ;(yield* Memory).faults = { ...calm, delay: 1, delayMaxMs: 60_000 }
    const taking = yield* Effect.forkChild(inbox.take(2))
    yield* Effect.yieldNow
    yield* TestClock.adjust("1 millis")
    const [held] = yield* bus.standings
    assert.deepStrictEqual([held?.pending, held?.open, held?.settled], [2, 0, seq - 2])
    yield* TestClock.adjust("1 minute")
    assert.isDefined(taking.pollUnsafe())
  }).pipe(Effect.provide(MemoryBus.alone()))
)

it.effect("a settlement that the server forgot is open again, and nothing from there on counts as settled", () =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const memory = yield* Memory
    const { seq } = yield* bus.append(facts("teller", 2))
    const [one, other] = yield* (yield* bus.hear(spec)).take(2)
    memory.faults = { ...calm, lostAck: 1 }
    yield* one!.settle(Ack)
    memory.faults = calm
    yield* other!.settle(Ack)
    const [standing] = yield* bus.standings
    assert.deepStrictEqual([standing?.open, standing?.settled], [1, seq - 2])
  }).pipe(Effect.provide(MemoryBus.alone()))
)
