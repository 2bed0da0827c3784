/** The gate before every launch: a pool's risk as the log's leader has it now, with the revision that was seen. */
import { Context, type Effect } from "effect"
import type { Pool, PoolRisk } from "../../schemas/pool.ts"
import type { TurnBack } from "../../bus/saga.ts"

/** What the gate says of a pool: `revision` is the LOG sequence of the fact, stored with the launch intent. */
export interface PoolNow {
  readonly revision: number
  readonly risk: PoolRisk
}

export class Gatekeeper extends Context.Service<
  Gatekeeper,
  {
    /** Undefined: nobody has scored the pool. Fails with advice `later` while the log does not answer. */
    readonly read: (pool: Pool) => Effect.Effect<PoolNow | undefined, TurnBack>
  }
>()("cloudoptim/Gatekeeper") {}
