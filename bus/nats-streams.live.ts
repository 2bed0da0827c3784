/** Makes the streams on a real server, and names what it did not make as asked. */
import type { JetStreamManager, StreamConfig, StreamUpdateConfig } from "@nats-io/jetstream"
import { Effect } from "effect"
import type { BusDown } from "./bus.ts"
import { differenceIn, holds, type Replicas, type StreamMismatch, type StreamPlan, streamPlans } from "./streams.ts"

/** The plan is in the server's field names; the comparison afterwards tells whether it was understood. */
export const asked = (plan: StreamPlan) => plan as unknown as Partial<StreamConfig> & Pick<StreamConfig, "name">

/** JetStream's own codes: no such stream; a stream of that name with other settings. */
const isMissing = (cause: unknown) => codeOf(cause) === 10059
const isTakenName = (cause: unknown) => codeOf(cause) === 10058
const codeOf = (cause: unknown) =>
  typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined

/** Makes the stream where it is missing. What feeds a bucket may grow with a release; nothing else is ever changed. */
const settle = async (jsm: JetStreamManager, plan: StreamPlan): Promise<StreamConfig> => {
  const made = await jsm.streams.info(plan.name).catch((cause: unknown) => {
    if (!isMissing(cause)) throw cause
    return jsm.streams.add(asked(plan)).catch((refused: unknown) => {
      // Another process made it first, with other settings: the comparison will name the difference.
      if (isTakenName(refused)) return jsm.streams.info(plan.name)
      throw refused
    })
  })
  if (plan.sources === undefined || holds(plan.sources, made.config.sources)) return made.config
  const update: Partial<StreamUpdateConfig> = { ...made.config, sources: asked(plan).sources ?? [] }
  return (await jsm.streams.update(plan.name, update)).config
}

/**
 * Makes every stream that is missing and compares each with what was asked, field by field: servers drop flags that
 * they do not know without a word. `ask` retries while the servers elect a leader.
 */
export const ensureStreams = (
  jsm: JetStreamManager,
  replicas: Replicas,
  ask: <A>(op: string, send: () => Promise<A>) => Effect.Effect<A, BusDown>
): Effect.Effect<void, BusDown | StreamMismatch> => {
  const ensure = (plan: StreamPlan) =>
    ask(`make stream ${plan.name}`, () => settle(jsm, plan)).pipe(
      Effect.flatMap((got) => differenceIn(plan, got) ?? Effect.void)
    )
  const [first, ...rest] = streamPlans(replicas)
  return (first === undefined ? Effect.void : ensure(first)).pipe(
    Effect.andThen(Effect.forEach(rest, ensure, { concurrency: 4, discard: true }))
  )
}
