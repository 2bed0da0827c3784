/** One tenant's flood of questions is not another's wait. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeTurns } from "./turns.ts"

it.effect("answers so many of a tenant at once, and another's without waiting for them", () =>
  Effect.gen(function* () {
    const turns = makeTurns(2)
    let [now, most] = [0, 0]
    const question = Effect.acquireUseRelease(
      Effect.sync(() => {
        most = Math.max(most, ++now)
      }),
      () => Effect.sleep("3 seconds"),
      () => Effect.sync(() => now--)
    )
    const flood = yield* Effect.forkChild(
      Effect.forEach(Array.from({ length: 6 }), () => turns.take("acme", question), { concurrency: "unbounded" })
    )
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* turns.take("globex", Effect.succeed("at once")), "at once")
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.join(flood)
    assert.strictEqual(most, 2)
  })
)

it.effect("lets nobody wait for ever, and whoever has gone holds no turn", () =>
  Effect.gen(function* () {
    const turns = makeTurns(1)
    const endless = yield* Effect.forkChild(turns.take("acme", Effect.never))
    yield* TestClock.adjust("1 second")
    const late = yield* Effect.forkChild(Effect.flip(turns.take("acme", Effect.void)))
    yield* TestClock.adjust("11 seconds")
    assert.strictEqual((yield* Fiber.join(late)).status, 503)
    yield* Fiber.interrupt(endless)
    yield* turns.take("acme", Effect.void)
  })
)
