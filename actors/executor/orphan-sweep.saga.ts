/**
 * End one instance that a swap of ours left behind. Nobody orders it and no desk signs it, as nothing in the fact that
 * begins it is believed: what the instance is, whose, and who uses it is read anew from AWS and from the executor's own
 * journal, before the saga begins and once more between the record of the call and the call. Whoever forges the fact
 * brings about a look, and nothing that the look would not have led to anyway.
 */
import { Clock, Effect, Schema } from "effect"
import { notYet, type Saga, saga, turnBack } from "../../bus/saga.ts"
import { InstanceType, Instant, ZoneId } from "../../schemas/ids.ts"
import { orphanAfterMs, OrphanSeen } from "../../schemas/orphan.ts"
import { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { Ec2 } from "../_ports/ec2.ts"
import type { Groups } from "../_ports/group.ts"
import type { Health } from "../_ports/health.ts"
import { Whose } from "../_ports/port.ts"
import { isGoing, judge, readInstance } from "./orphan-look.ts"
import type { Pasts } from "./past.ts"

/** What the look confirmed, as the cloud told it and not as the fact did. */
export class Confirmed extends Schema.Class<Confirmed>("Confirmed")({
  instanceType: InstanceType,
  zone: ZoneId,
  launchedAt: Instant,
  confirmedBy: Schema.Literals(["journal", "token"])
}) {}

export type SweepNeeds = Ec2 | Groups | Health | Pasts | Whose

const confirm = (fact: OrphanSeen) =>
  Effect.gen(function* () {
    const seen = yield* judge(fact)
    if (seen === undefined) return yield* turnBack("gone", "it is not there any more")
    const { instance, verdict } = seen
    if (verdict._tag === "Leave") return yield* turnBack(verdict.because, verdict.details)
    const { instanceType, zone, launchedAt } = instance
    return new Confirmed({ instanceType, zone, launchedAt, confirmedBy: verdict.confirmedBy })
  })

const call = "ec2:TerminateInstances"
/** Looking again must leave lease enough for the call. */
const againWithinMs = 8_000

/** Whose the call is, and that it stands only while all that was confirmed still is so in the moment when it leaves. */
const whileOrphaned = (fact: OrphanSeen) =>
  Effect.gen(function* () {
    const services = yield* Effect.context<SweepNeeds>()
    const whose = yield* Whose
    const stands = confirm(fact).pipe(
      Effect.timeoutOrElse({
        duration: againWithinMs,
        orElse: () => Effect.fail(notYet("LookDown", `no look at it within ${againWithinMs} ms`))
      }),
      Effect.catchTag("LeaseLost", (no) => Effect.fail(notYet("LookDown", no.message))),
      Effect.mapError(({ code, advice, message }) => new CloudRefusal({ call, code, advice, details: message })),
      Effect.asVoid,
      Effect.provideContext(services)
    )
    return { ...whose, stands }
  })

/** Only a step, though what it ends is gone for good: there is nothing to take back, as nobody used what was ours. */
export const orphanSweep: Saga<OrphanSeen, SweepNeeds> = saga("orphan-sweep", OrphanSeen)
  .look("confirm", { within: "1 minute", makes: Confirmed, do: ({ input }) => confirm(input) })
  .step("end", {
    within: "10 minutes",
    needs: [call],
    makes: Schema.Void,
    do: ({ input }) =>
      Effect.gen(function* () {
        const seen = yield* readInstance(input.instance)
        // one that AWS has forgotten is for verify to judge
        if (seen === undefined || isGoing(seen)) return
        const whose = yield* whileOrphaned(input)
        yield* Effect.provideService(
          Ec2.use((port) => port.terminate({ instance: input.instance })),
          Whose,
          whose
        )
      }),
    // an answered call is no proof of death: Describe is, by its id
    verify: ({ input, made: { confirm } }) =>
      Effect.gen(function* () {
        const seen = yield* readInstance(input.instance)
        if (seen !== undefined) return isGoing(seen)
        // AWS forgets what ended a while ago; of a young one an absence proves nothing
        return (yield* Clock.currentTimeMillis) - confirm.launchedAt >= orphanAfterMs
      }),
    undo: () => Effect.void
  }).data
