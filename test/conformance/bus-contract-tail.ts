/** The contract of the tail: all of the log after a sequence, in order, each message once, while one listens. */
import { assert } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { type BusShape, eventually, fact, facts, fresh, type It, Pair, testTimeoutMs, textsOf } from "./bus-house.ts"

/** Follows until it is interrupted; what it heard so far is in `heard`. */
const listen = (bus: BusShape, after: number) =>
  Effect.gen(function* () {
    const heard: Array<Stored> = []
    const fiber = yield* Effect.forkChild(bus.tail(after, (stored) => heard.push(stored)))
    return { heard, fiber }
  })

/** Every sequence after `after`, with nothing missing, twice, or before its turn. */
const mustBeWhole = (heard: ReadonlyArray<Stored>, after: number) =>
  assert.deepStrictEqual(
    heard.map(({ seq }) => seq),
    heard.map((_, i) => after + 1 + i)
  )

export const tailContract = (it: It): void => {
  it.effect(
    "a tail has what was there after its sequence and what comes, in order, once, as scan has it",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const { seq: after } = yield* first.append([fact(owner, "x", "mark", "")])
        const { seq: before } = yield* first.append(facts(owner, 700))
        const { heard, fiber } = yield* listen(second, after)
        let last = before
        for (let n = 0; n < 30; n++) last = (yield* first.append(facts(fresh("o"), 1 + (n % 7)))).seq
        yield* eventually(() => (heard.at(-1)?.seq ?? 0) >= last || undefined)
        yield* Fiber.interrupt(fiber)
        mustBeWhole(heard, after)
        assert.isAtLeast(heard.at(-1)?.seq ?? 0, last)
        const found = yield* first.scan(after, 50)
        assert.deepStrictEqual(
          heard.slice(0, 50).map(({ subject, at }) => [subject, at]),
          found.map(({ subject, at }) => [subject, at])
        )
        assert.deepStrictEqual(textsOf(heard.slice(0, 50)), textsOf(found))
      }),
    testTimeoutMs
  )

  it.effect(
    "a tail from the end waits there; two tails do not take from each other; who stops hears no more",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const { seq: after } = yield* first.append([fact(owner, "x", "mark", "")])
        const [one, other] = [yield* listen(first, after), yield* listen(second, after)]
        const { seq } = yield* second.append(facts(owner, 20))
        const hasAll = ({ heard }: typeof one) => (heard.at(-1)?.seq ?? 0) >= seq
        yield* eventually(() => (hasAll(one) && hasAll(other)) || undefined)
        yield* Fiber.interrupt(one.fiber)
        const count = one.heard.length
        const more = yield* first.append(facts(owner, 5))
        yield* eventually(() => (other.heard.at(-1)?.seq ?? 0) >= more.seq || undefined)
        yield* Fiber.interrupt(other.fiber)
        mustBeWhole(one.heard, after)
        mustBeWhole(other.heard, after)
        assert.strictEqual(one.heard.length, count)
        assert.isAtLeast(other.heard.at(-1)?.seq ?? 0, more.seq)
      }),
    testTimeoutMs
  )

  it.effect("both processes name the same epoch", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      assert.match(yield* first.epoch, /^LOG-[0-9a-z]+$/)
      assert.strictEqual(yield* first.epoch, yield* second.epoch)
    })
  )
}
