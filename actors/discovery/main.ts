/** Discovery as a process. SWEEP_MS, FULL_SWEEP_MS: pauses between rounds; SPEED: of the simulated buckets. */
import { randomUUID } from "node:crypto"
import { Config, Effect } from "effect"
import { runProcess } from "../../bus/process.live.ts"
import { ports } from "../_ports/cloud.live.ts"
import { readOnly } from "../_ports/cloud.ts"
import { runDiscovery } from "./actor.ts"

const wiring = Config.all({
  everyMs: Config.Int("SWEEP_MS").pipe(Config.withDefault(60_000)),
  fullEveryMs: Config.Int("FULL_SWEEP_MS").pipe(Config.withDefault(3_600_000)),
  speed: Config.Number("SPEED").pipe(Config.withDefault(1)),
  isStandIn: Config.Boolean("STAND_IN").pipe(Config.withDefault(false))
})
runProcess(
  "discovery",
  Effect.flatMap(wiring, (terms) => runDiscovery({ by: `discovery:${randomUUID()}`, ...terms })).pipe(
    Effect.provide(ports(readOnly))
  )
)
