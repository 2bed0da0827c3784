/** Who holds an entity holds it alone, gets it in turn, and gives it back however it ends. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { makeClaims } from "./claims.ts"

const Wanted = Schema.Array(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))))

it.effect.prop(
  "no two hold one entity at a time, and on each they go in the order in which they came",
  { wanted: Wanted },
  ({ wanted }) =>
    Effect.gen(function* () {
      const claims = makeClaims()
      const held = new Set<string>()
      const turns = new Map<string, Array<number>>()
      yield* Effect.forEach(
        wanted,
        (numbers, who) => {
          const abouts = [...new Set(numbers.map(String))]
          const work = Effect.gen(function* () {
            for (const about of abouts) {
              assert.isFalse(held.has(about))
              held.add(about)
              turns.set(about, [...(turns.get(about) ?? []), who])
            }
            for (let n = 0; n <= who % 3; n++) yield* Effect.yieldNow
            for (const about of abouts) held.delete(about)
          })
          return claims.holding(abouts, work)
        },
        { concurrency: "unbounded", discard: true }
      )
      for (const came of turns.values())
        assert.deepStrictEqual(
          came,
          came.toSorted((a, b) => a - b)
        )
      for (const about of turns.keys()) assert.isFalse(claims.isClaimed(about))
    })
)

it.effect("different entities are held side by side", () =>
  Effect.gen(function* () {
    const claims = makeClaims()
    const stuck = yield* Effect.forkChild(claims.holding(["a"], Effect.never))
    yield* Effect.yieldNow
    assert.strictEqual(yield* claims.holding(["b"], Effect.succeed("b")), "b")
    assert.isTrue(claims.isClaimed("a"))
    yield* Fiber.interrupt(stuck)
  })
)

it.effect("who fails or is interrupted gives back what it held", () =>
  Effect.gen(function* () {
    const claims = makeClaims()
    yield* Effect.flip(claims.holding(["a"], Effect.fail("no")))
    const stuck = yield* Effect.forkChild(claims.holding(["a"], Effect.never))
    yield* Effect.yieldNow
    const next = yield* Effect.forkChild(claims.holding(["a"], Effect.succeed("mine")))
    yield* Fiber.interrupt(stuck)
    assert.strictEqual(yield* Fiber.join(next), "mine")
  })
)
