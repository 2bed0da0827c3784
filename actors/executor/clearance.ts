/** The last word before a launch: the pool's gate as the log's leader has it in the moment when the call leaves. */
import { Clock, Effect } from "effect"
import { notYet } from "../../bus/saga.ts"
import type { Pool } from "../../schemas/pool.ts"
import { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { Whose } from "../_ports/port.ts"
import { Gatekeeper } from "./gatekeeper.ts"
import { openGate } from "./look.ts"

/** Of the five seconds that a launch may come after a quarantine was said, what an answer of the log may take. */
const answerWithinMs = 2_000

const call = "ec2:RunInstances"

/**
 * Whose the launch is, and that it stands only while the pool is open: minutes may lie between the look and the call,
 * and a repeat of a call that nobody answered may well be the one that launches. Fails the call with the look's own
 * code, as `Poisoned`, and with `GateDown`, to be asked again, while the log does not answer.
 */
export const whileOpen = (pool: Pool) =>
  Effect.gen(function* () {
    const gate = yield* Gatekeeper
    const whose = yield* Whose
    const stands = Effect.flatMap(Clock.currentTimeMillis, (now) => openGate(pool, now)).pipe(
      Effect.provideService(Gatekeeper, gate),
      Effect.timeoutOrElse({
        duration: answerWithinMs,
        orElse: () => Effect.fail(notYet("GateDown", `the log gave no answer within ${answerWithinMs} ms`))
      }),
      Effect.mapError(({ code, advice, details }) => new CloudRefusal({ call, code, advice, details })),
      Effect.asVoid
    )
    return { ...whose, stands }
  })
