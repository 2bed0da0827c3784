/** What lags is said to lag and what does not answer to be down; the rest is not blamed for it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layer as warehouseSim, memory } from "../../actors/_ports/warehouse.sim.ts"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { Desk, StopSet, stopSet } from "../../schemas/approval.ts"
import { account, aBook, aDesk, noon, tenant } from "../../test/builders.ts"
import type { Moment } from "../rows.ts"
import { dependencies, statusOf } from "./dependencies.ts"
import { lagOf } from "./projections.ts"

/** Rows that have seen the log up to its first message. */
const moment: Moment = { ...aBook(), asOf: 1, at: noon, isLive: true }
const minute = 60_000

const sayStop = Effect.gen(function* () {
  const fact = new StopSet({ tenant, account, stop: "pause", by: "somebody", because: "a release", at: noon })
  const desk = { schema: Desk, value: aDesk({ stop: "pause" }) }
  return yield* Bus.use((bus) => bus.append([draftOf(stopSet, fact, desk)]))
})

describe("the rows", () => {
  it.effect("lag by the age of what they should show and do not, and by nothing where they show it", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* lagOf(moment, minute), 0)
      yield* sayStop
      // the desk's row is of this very message
      assert.strictEqual(yield* lagOf(moment, minute), 0)
      yield* sayStop
      assert.strictEqual(yield* lagOf(moment, minute), minute)
    }).pipe(Effect.provide(MemoryBus.alone()))
  )
})

describe("a dependency", () => {
  it.effect("that does not answer is down, with the mend, and the others are as they are", () =>
    Effect.gen(function* () {
      const all = yield* dependencies
      assert.deepStrictEqual(
        all.map(({ name, status, latencyMs }) => [name, status, latencyMs === null]),
        [
          ["nats", "ok", false],
          ["clickhouse", "down", true]
        ]
      )
      assert.match(all[1]?.details ?? "", /does not answer: see whether/)
      assert.strictEqual(statusOf(all), "degraded")
    }).pipe(Effect.provide(Layer.merge(MemoryBus.alone(), warehouseSim({ ...memory(), isDown: true }))))
  )

  it("makes the whole as bad as it is: nothing is true without the log", () => {
    const one = (name: string, status: "ok" | "degraded" | "down") => ({ name, status, latencyMs: null, details: "" })
    assert.strictEqual(statusOf([one("nats", "ok"), one("clickhouse", "ok")]), "ok")
    assert.strictEqual(statusOf([one("nats", "degraded"), one("clickhouse", "ok")]), "degraded")
    assert.strictEqual(statusOf([one("nats", "down"), one("clickhouse", "ok")]), "down")
  })
})
