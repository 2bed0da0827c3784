/** Decides again, from what a run left on the disk, whatever its planner and enforcer decided. */
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { layerEmbedded } from "../../actors/_ports/warehouse.live.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { reasonsFor } from "../../gateway/explain/explanation.ts"
import type { Moment } from "../../gateway/rows.ts"
import { columns, messagesBy } from "../../gateway/history/logged.ts"

const decisionsSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND owner IN ('spot-optimizer', 'safety-enforcer') ORDER BY seq LIMIT 10000`

/** Of a finished run nothing is live: what explains its decisions is in the ledger. */
const over: Moment = {
  asOf: 2 ** 52,
  at: 0,
  isLive: true,
  get: () => undefined,
  all: () => [],
  remark: () => undefined
}

/** How many decisions came out again in every field, and what was said of each that did not. */
export const decidedAgain = (
  folder: string
): Promise<{ readonly alike: number; readonly otherwise: ReadonlyArray<string> }> =>
  Effect.gen(function* () {
    const messages = yield* messagesBy(yield* Warehouse, decisionsSql, {})
    const reasons = yield* Effect.forEach(messages, (stored) => reasonsFor(over, stored))
    return {
      alike: reasons.filter(({ rerunSays }) => rerunSays.endsWith("the same in every field")).length,
      otherwise: reasons.flatMap(({ rerunAgrees, rerunSays }, i) =>
        rerunAgrees === false ? [`${messages[i]?.seq}: ${rerunSays}`] : []
      )
    }
  }).pipe(
    Effect.provide(Layer.merge(layerEmbedded(join(folder, "clickhouse")), MemoryBus.alone())),
    Effect.scoped,
    Effect.runPromise
  )
