/** The onboarder as a process. */
import { runMind } from "../../bus/mind.ts"
import { runProcess } from "../../bus/process.live.ts"
import { onboarder } from "./actor.ts"

runProcess(onboarder.name, runMind(onboarder))
