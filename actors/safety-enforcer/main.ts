/** The safety enforcer as a process. */
import { runMind } from "../../bus/mind.ts"
import { runProcess } from "../../bus/process.live.ts"
import { safetyEnforcer } from "./actor.ts"

runProcess(safetyEnforcer.name, runMind(safetyEnforcer))
