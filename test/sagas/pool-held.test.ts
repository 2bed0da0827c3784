/** A pool that a person holds: what the risk manager makes of the order shuts the gate before every launch. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { gateOnBus } from "../../actors/executor/gate.ts"
import { openGate } from "../../actors/executor/look.ts"
import { evolve, type RiskMessage, rules } from "../../actors/risk-manager/policy.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { instant, TenantId } from "../../schemas/ids.ts"
import { ClearPool, PoolRisk, QuarantinePool } from "../../schemas/pool.ts"
import { aPool, aPriced, anInterruption, day, heard, hour, noon } from "../builders.ts"

const person = { tenant: TenantId.make("acme"), pool: aPool(), because: "the zone was flooded", by: "ada" }
const priced = aPriced({ readAt: instant(noon - hour) })
const until = instant(noon + day)
const held = new QuarantinePool({ ...person, until })
const cleared = new ClearPool(person)

/** Tells the risk manager all of it, in this order, and stores what it says. */
const told = (messages: ReadonlyArray<RiskMessage>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    let risk: PoolRisk | undefined
    for (const [i, message] of messages.entries()) {
      for (const fact of rules.decide(risk, message, heard({ at: instant(noon + i), seq: 10 + i }))) {
        risk = evolve(risk, fact)
        const road = riskManager.says.find(({ tag }) => tag === fact._tag)
        if (road === undefined) return yield* Effect.die(`${fact._tag} is not declared`)
        yield* bus.append([draftOf(road, fact, { schema: PoolRisk, value: risk })])
      }
    }
  }).pipe(Effect.orDie)

/** Whether the gate lets a launch pass at that instant: the code with which it turns back, or `open`. */
const asked = (at: number) =>
  openGate(aPool(), at).pipe(
    Effect.as("open"),
    Effect.catch((back) => Effect.succeed(back.code))
  )

const world = gateOnBus.pipe(Layer.provideMerge(MemoryBus.alone()))

describe("the gate before a launch", () => {
  it.effect.each([
    { name: "a scored pool", messages: [priced], now: "open", tomorrow: "open" },
    { name: "a held one, until the hold ends", messages: [priced, held], now: "Poisoned", tomorrow: "open" },
    { name: "a held one that was scored since", messages: [held, priced], now: "Poisoned", tomorrow: "open" },
    {
      name: "a held and poisoned one",
      messages: [priced, anInterruption(), held],
      now: "Poisoned",
      tomorrow: "Poisoned"
    },
    { name: "a cleared one", messages: [priced, anInterruption(), held, cleared], now: "open", tomorrow: "open" },
    { name: "one that is held again", messages: [priced, held, cleared, held], now: "Poisoned", tomorrow: "open" }
  ])("answers for $name", ({ messages, now, tomorrow }) =>
    Effect.gen(function* () {
      yield* told(messages)
      assert.deepStrictEqual([yield* asked(until - 1), yield* asked(until)], [now, tomorrow])
    }).pipe(Effect.provide(world))
  )
})
