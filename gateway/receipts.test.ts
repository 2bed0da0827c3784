/** What is sent with a key is done once, whatever becomes of whoever sent it. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { Vault } from "./identity/vault.ts"
import { makeVault } from "./identity/vault.sim.ts"
import { once, type Replied } from "./receipts.ts"

const ask = { key: "k", caller: "u_1", of: ["POST", "/x"], now: 1_000 }
const reply: Replied = { status: 202, body: { seq: 7 }, headers: {} }

describe("a request with a key", () => {
  it.effect("is done once where its client goes before the answer", () =>
    Effect.gen(function* () {
      const [begun, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let count = 0
      const work = Effect.gen(function* () {
        count++
        yield* Deferred.succeed(begun, undefined)
        yield* Deferred.await(open)
        return reply
      })
      const first = yield* Effect.forkChild(once(ask, work))
      yield* Deferred.await(begun)
      const going = yield* Effect.forkChild(Fiber.interrupt(first))
      yield* Effect.yieldNow
      yield* Deferred.succeed(open, undefined)
      yield* Fiber.join(going)
      const again = yield* once(ask, work)
      assert.deepStrictEqual([count, again.isRepeat, again.body], [1, true, reply.body])
    }).pipe(Effect.provideService(Vault, makeVault()))
  )
})
