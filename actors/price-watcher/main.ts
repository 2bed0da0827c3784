/** The price watcher as a process. PRICES_MS: how often every market is read anew. */
import { Config, Effect } from "effect"
import { runProcess } from "../../bus/process.live.ts"
import { readOnly } from "../_ports/cloud.ts"
import { ports } from "../_ports/cloud.live.ts"
import { runPriceWatcher } from "./actor.ts"

const everyMs = Config.Int("PRICES_MS").pipe(Config.withDefault(300_000))
runProcess(
  "price-watcher",
  Effect.flatMap(everyMs, (ms) => runPriceWatcher({ everyMs: ms, lookMs: 1_000 })).pipe(Effect.provide(ports(readOnly)))
)
