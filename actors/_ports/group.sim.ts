/** Groups as the simulated cloud answers them. */
import { groupCalls } from "./group.ts"
import { activities } from "./world/activities.ts"
import { attach, groupIn, groups, resume, retire, setMaxSize, suspend } from "./world/groups.ts"
import { innerOf, type Plain, type Wire } from "./world/inner.ts"
import type { World } from "./world/world.ts"

const plain: Plain<typeof groupCalls> = {
  groups,
  hooks: (w, { group }, caller) => {
    const { launchHooks, terminateHooks } = groupIn(w, caller, group)
    return { launching: launchHooks, terminating: terminateHooks }
  },
  refreshing: (w, { group }, caller) => groupIn(w, caller, group).refreshing,
  activities,
  attach,
  retire,
  setMaxSize: (w, { group, maxSize }, caller) => setMaxSize(w, group, maxSize, caller),
  suspend: (w, { group, process }, caller) => suspend(w, group, process, caller),
  resume: (w, { group, process }, caller) => resume(w, group, process, caller)
}

export const inner = (world: World, wire: Wire) => innerOf("group", groupCalls, plain, world, wire)
