/** Six pools of two types in three zones, priced and scored; one of them is in quarantine. */
import { Effect } from "effect"
import { PoolPoisoned, PoolRisk, PoolScored, poolPoisoned, poolPriced, poolScored } from "../../schemas/pool.ts"
import { aPool, aPoolRisk, aPriced, day, later, noon, score, type, zone } from "../builders.ts"
import { say, stated } from "./rows-stage.ts"

/** Prices and scores of six pools; one of them is poisoned by somebody's loss. */
export const sayMarket = (witness: string) =>
  Effect.gen(function* () {
    for (const name of ["m6i.large", "m5.large"]) {
      for (const n of [1, 2, 3]) {
        const pool = aPool({ zone: zone(n), instanceType: type(name) })
        const priced = aPriced({ pool })
        yield* say(poolPriced, priced)
        const known = aPoolRisk({ priced })
        const terms = { advisor: 0, volatility: 0, structure: 0.1, own: 0, herd: 0, weights: [60, 30, 10, 0] as const }
        const scored = new PoolScored({ pool, score: score(0.95), terms, priced, at: noon })
        yield* say(poolScored, scored, stated(known, PoolRisk))
        if (name === "m5.large" && n === 3) {
          const hit = { witness, instance: "i-0aaaaaaaaaaaaaaaa", at: noon }
          const until = later(noon, 15 * day)
          const risk = new PoolRisk({ ...known, gate: { _tag: "poisoned", until }, hits: [hit], interruptionCount: 1 })
          yield* say(poolPoisoned, new PoolPoisoned({ pool, until, hit }), stated(risk, PoolRisk))
        }
      }
    }
  })
