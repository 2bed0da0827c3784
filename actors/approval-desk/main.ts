/** The approval desk as a process. DATA: the folder of the seal. WAKE_MS: how often the brake is looked at. */
import { Config, Effect } from "effect"
import { runMind } from "../../bus/mind.ts"
import { runProcess } from "../../bus/process.live.ts"
import { Seal } from "../_ports/seal.ts"
import { seal } from "../_ports/seal.live.ts"
import { approvalDesk } from "./actor.ts"

const wiring = Config.all({
  data: Config.String("DATA").pipe(Config.withDefault(".data")),
  everyMs: Config.Int("WAKE_MS").pipe(Config.withDefault(1_000))
})
runProcess(
  "approval-desk",
  Effect.flatMap(wiring, ({ data, everyMs }) =>
    Effect.flatMap(Seal, (key) => runMind(approvalDesk(key, everyMs))).pipe(Effect.provide(seal(data)))
  )
)
