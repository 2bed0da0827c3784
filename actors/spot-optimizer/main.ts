/** The spot optimizer as a process. WAKE_MS: how often a group is looked at again unasked. */
import { Config, Effect } from "effect"
import { runMind } from "../../bus/mind.ts"
import { runProcess } from "../../bus/process.live.ts"
import { spotOptimizer } from "./actor.ts"

const everyMs = Config.Int("WAKE_MS").pipe(Config.withDefault(5_000))
runProcess(
  "spot-optimizer",
  Effect.flatMap(everyMs, (ms) => runMind(spotOptimizer(ms)))
)
