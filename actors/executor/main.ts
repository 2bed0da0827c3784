/** The executor as a process. Its holder's name is never used twice: a predecessor's call may be on the wire. */
import { randomUUID } from "node:crypto"
import { Config, Effect, Layer } from "effect"
import { productTerms } from "../../bus/lease.ts"
import { runProcess } from "../../bus/process.live.ts"
import { ports } from "../_ports/cloud.live.ts"
import { proof } from "../_ports/seal.live.ts"
import { runExecutor } from "./actor.ts"
import { auditOnBus } from "./audit.ts"

const wiring = Config.all({
  data: Config.String("DATA").pipe(Config.withDefault(".data")),
  speed: Config.Number("SPEED").pipe(Config.withDefault(1)),
  lanes: Config.Int("LANES").pipe(Config.withDefault(64)),
  leaseMs: Config.Int("LEASE_MS").pipe(Config.withDefault(productTerms.leaseMs)),
  callTimeoutMs: Config.Int("CALL_TIMEOUT_MS").pipe(Config.withDefault(productTerms.callTimeoutMs)),
  skewMs: Config.Int("SKEW_MS").pipe(Config.withDefault(productTerms.skewMs)),
  pollMaxMs: Config.Int("POLL_MAX_MS").pipe(Config.withDefault(15_000)),
  ackWaitMs: Config.Int("ACK_WAIT_MS").pipe(Config.withDefault(30_000))
})
runProcess(
  "executor",
  Effect.flatMap(wiring, ({ data, speed, lanes, pollMaxMs, ackWaitMs, ...lease }) =>
    runExecutor({
      holder: `executor:${randomUUID()}`,
      lease,
      poll: { firstMs: 100, maxMs: pollMaxMs },
      speed,
      lanes,
      ackWaitMs
    }).pipe(Effect.provide(Layer.merge(ports(auditOnBus), proof(data))))
  )
)
