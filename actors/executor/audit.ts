/** The audit of the executor's calls, on the bus: nothing is sent before its record is stored. */
import { Clock, Effect, Layer, Result, Schedule } from "effect"
import { Bus, BusDown } from "../../bus/bus.ts"
import { CallBegun, CallEnded, callBegun, callEnded } from "../../schemas/audit.ts"
import { digestOf } from "../../schemas/digest.ts"
import { seal, unseal } from "../../schemas/envelope.ts"
import { instant } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { entityFilter, matches, type Road } from "../../schemas/message.ts"
import { LeaseLost } from "../../schemas/saga.ts"
import { Audit, type Caller } from "../_ports/port.ts"

/** A record is worth a few seconds of asking: without it the call's outcome would be known to nobody else. */
const again = Schedule.exponential("20 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 7 }))

/** Names of which the count is kept: many times the swaps that one process has under way at once. */
const countedMax = 4_096

/** Numbers the calls of each holder from 1, without gaps: whoever takes over finds every one of them by its name. */
const counting = () => {
  const counts = new Map<string, number>()
  return (by: string): number => {
    const n = (counts.get(by) ?? 0) + 1
    // the least recently used goes: it ended long ago
    counts.delete(by)
    counts.set(by, n)
    const [oldest] = counts.keys()
    if (counts.size > countedMax && oldest !== undefined) counts.delete(oldest)
    return n
  }
}
const nameOf = (by: string, n: number) => `${by}:${n}`

type About = Pick<CallBegun, "tenant" | "account" | "region" | "saga" | "step" | "by" | "call" | "action">

/** Once: an append whose answer was lost has made the record already, and the repeat meets it. */
const storing =
  (bus: Bus["Service"]) =>
  <A>(road: Road<A>, record: A) => {
    const subject = road.subject(record)
    return bus.append([{ subject, data: seal(road, record), expect: { seq: 0 } }]).pipe(
      Effect.catchIf(
        (refused) => refused.reason === "conflict",
        (refused) =>
          Effect.flatMap(bus.recall(subject), (stored) => (stored === undefined ? Effect.fail(refused) : Effect.void))
      ),
      Effect.retry(again),
      Effect.asVoid
    )
  }

/**
 * Ends on record, with an unknown outcome, what another holder has begun and not ended: it died, or lost its bus, and
 * nobody else can say what became of those calls. For who takes the saga over, before it is his: from then on only his
 * own calls would be asked for.
 */
export const endCallsOf = (bus: Bus["Service"], by: string): Effect.Effect<void, BusDown> =>
  Effect.gen(function* () {
    const store = storing(bus)
    for (let n = 1; ; n++) {
      const last = yield* bus.recall(entityFilter("executor", key("call", nameOf(by, n))))
      if (last === undefined) return
      if (matches(callEnded.filter, last.subject)) continue
      const begun = unseal(callBegun, last.data)
      // nobody can say what it was: it stays to be seen as a call without an end
      if (Result.isFailure(begun)) continue
      const { tenant, account, region, saga, step, call, action } = begun.success
      const at = instant(yield* Clock.currentTimeMillis)
      const about: About = { tenant, account, region, saga, step, by, call, action }
      const ended = new CallEnded({ ...about, outcome: "unknown", code: "CloudOptim.CutOff", at })
      yield* Effect.mapError(store(callEnded, ended), (cause) => new BusDown({ op: `the end of ${call}`, cause }))
    }
  })

export const auditOnBus = Layer.effect(
  Audit,
  Effect.gen(function* () {
    const store = storing(yield* Bus)
    const count = counting()
    const about = ({ tenant, account, region, saga, step, by }: Caller, call: string, action: string): About => ({
      tenant,
      account,
      region,
      saga,
      step,
      by,
      call,
      action
    })
    /** Stored or not, nobody knows: who cannot keep his records gives the saga up, and whoever comes ends them. */
    const lost = ({ saga, by }: Caller) => Effect.mapError(() => new LeaseLost({ saga: saga ?? "", by }))
    return Audit.of({
      begun: (caller, action, request) =>
        Effect.gen(function* () {
          const call = nameOf(caller.by, count(caller.by))
          const at = instant(yield* Clock.currentTimeMillis)
          const record = new CallBegun({ ...about(caller, call, action), request: digestOf(request), at })
          yield* store(callBegun, record).pipe(lost(caller))
          return call
        }),
      ended: (call, caller, action, refused) =>
        Effect.gen(function* () {
          const at = instant(yield* Clock.currentTimeMillis)
          const outcome = refused === null ? "ok" : refused.advice === "unknown" ? "unknown" : "refused"
          const code = refused?.code ?? null
          const record = new CallEnded({ ...about(caller, call, action), outcome, code, at })
          yield* store(callEnded, record).pipe(lost(caller))
        })
    })
  })
)
