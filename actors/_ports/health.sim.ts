/** Health as the simulated cloud answers it. */
import { healthCalls } from "./health.ts"
import { alarms, target, unhealthyTargets } from "./world/health.ts"
import { innerOf, type Plain, type Wire } from "./world/inner.ts"
import type { World } from "./world/world.ts"

const plain: Plain<typeof healthCalls> = {
  target: (w, { targetGroup, instance }, caller) => target(w, targetGroup, instance, caller),
  unhealthyTargets: (w, { targetGroup }, caller) => unhealthyTargets(w, targetGroup, caller),
  alarms: (w, { names }, caller) => alarms(w, names, caller)
}

export const inner = (world: World, wire: Wire) => innerOf("health", healthCalls, plain, world, wire)
