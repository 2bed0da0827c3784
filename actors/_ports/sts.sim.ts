/** Sts as the simulated cloud answers it. */
import { stsCalls } from "./sts.ts"
import { admits, identity } from "./world/accounts.ts"
import { innerOf, type Plain, type Wire } from "./world/inner.ts"
import type { World } from "./world/world.ts"

const plain: Plain<typeof stsCalls> = {
  identity: (w, _, caller) => identity(w, caller),
  admits: (w, { externalId }, caller) => admits(w, externalId, caller)
}

export const inner = (world: World, wire: Wire) => innerOf("sts", stsCalls, plain, world, wire)
