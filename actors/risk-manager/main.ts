/** The risk manager as a process. */
import { runMind } from "../../bus/mind.ts"
import { runProcess } from "../../bus/process.live.ts"
import { riskManager } from "./actor.ts"

runProcess(riskManager.name, runMind(riskManager))
