/** The gate on the bus: reads a pool's risk from the log's leader, never from a copy. */
import { Effect, Layer, Result } from "effect"
import { Bus } from "../../bus/bus.ts"
import { notYet, turnBack } from "../../bus/saga.ts"
import { decodeAs, open } from "../../schemas/envelope.ts"
import { entityFilter } from "../../schemas/message.ts"
import { PoolRisk, poolToken } from "../../schemas/pool.ts"
import { Gatekeeper } from "./gatekeeper.ts"

export const gateOnBus = Layer.effect(
  Gatekeeper,
  Effect.map(Bus, (bus) =>
    Gatekeeper.of({
      read: (pool) =>
        Effect.gen(function* () {
          const stored = yield* bus
            .recall(entityFilter("risk-manager", poolToken(pool)))
            .pipe(Effect.mapError((down) => notYet("GateDown", down.message)))
          if (stored === undefined) return undefined
          const risk = Result.flatMap(open(stored.data), (envelope) => decodeAs(PoolRisk, envelope.state))
          // fails closed: what we cannot read is no permission
          if (Result.isFailure(risk)) return yield* turnBack("GateUnreadable", risk.failure.details)
          return { revision: stored.seq, risk: risk.success }
        })
    })
  )
)
