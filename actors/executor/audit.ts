/** The audit of the executor's calls, on the bus: nothing is sent before its record is stored. */
import { Clock, Effect, Layer, Schedule } from "effect"
import { Bus } from "../../bus/bus.ts"
import { CallBegun, CallEnded, callBegun, callEnded } from "../../schemas/audit.ts"
import { digestOf } from "../../schemas/digest.ts"
import { seal } from "../../schemas/envelope.ts"
import { instant } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"
import { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { Audit, type Caller } from "../_ports/port.ts"

const unaudited = (action: string, details: string) =>
  new CloudRefusal({ call: action, code: "CloudOptim.Unaudited", advice: "later", details })

/** A record is worth a few seconds of asking: without it the call's outcome would be known to nobody else. */
const again = Schedule.exponential("20 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 7 }))

export const auditOnBus = Layer.effect(
  Audit,
  Effect.gen(function* () {
    const bus = yield* Bus
    let counter = 0
    const about = ({ tenant, account, region, saga, step, by }: Caller, call: string, action: string) => ({
      tenant,
      account,
      region,
      saga,
      step,
      by,
      call,
      action
    })
    /** Once: an append whose answer was lost has made the record already, and the repeat meets it. */
    const store = <A>(road: Road<A>, record: A, action: string) => {
      const subject = road.subject(record)
      return bus.append([{ subject, data: seal(road, record), expect: { seq: 0 } }]).pipe(
        Effect.catchIf(
          (refused) => refused.reason === "conflict",
          (refused) =>
            Effect.flatMap(bus.recall(subject), (stored) => (stored === undefined ? Effect.fail(refused) : Effect.void))
        ),
        Effect.retry(again),
        Effect.asVoid,
        Effect.mapError((refused) => unaudited(action, refused.message))
      )
    }
    return Audit.of({
      begun: (caller, action, request) =>
        Effect.gen(function* () {
          const call = `${caller.by}:${++counter}`
          const at = instant(yield* Clock.currentTimeMillis)
          yield* store(
            callBegun,
            new CallBegun({ ...about(caller, call, action), request: digestOf(request), at }),
            action
          )
          return call
        }),
      ended: (call, caller, action, refused) =>
        Effect.gen(function* () {
          const at = instant(yield* Clock.currentTimeMillis)
          const outcome = refused === null ? "ok" : refused.advice === "unknown" ? "unknown" : "refused"
          const code = refused?.code ?? null
          yield* store(callEnded, new CallEnded({ ...about(caller, call, action), outcome, code, at }), action)
        })
    })
  })
)
