/** Scores every pool and holds its quarantine. The rules are in policy.ts; here is only the wiring. */
import { hears, type Mind } from "../../bus/mind.ts"
import { pools } from "../../schemas/catalogue.ts"
import {
  PoolRisk,
  poolHerdMoved,
  poolPoisoned,
  poolPriced,
  poolScored,
  poolToken,
  spotInterrupted
} from "../../schemas/pool.ts"
import { rules } from "./policy.ts"

export const riskManager: Mind<PoolRisk> = {
  name: "risk-manager",
  remembers: PoolRisk,
  hears: [hears(poolPriced, ({ pool }) => poolToken(pool)), hears(spotInterrupted, ({ pool }) => poolToken(pool))],
  says: [poolScored, poolPoisoned, poolHerdMoved],
  rules,
  consults: [],
  remarks: [],
  wakes: { bucket: pools, everyMs: 60_000 }
}
