/** Scores every pool and holds its quarantine. The rules are in policy.ts; here is only the wiring. */
import { hears, type Mind } from "../../bus/mind.ts"
import { pools } from "../../schemas/catalogue.ts"
import {
  clearPool,
  PoolRisk,
  poolCleared,
  poolHeld,
  poolHerdMoved,
  poolPoisoned,
  poolPriced,
  poolScored,
  poolToken,
  quarantinePool,
  spotInterrupted
} from "../../schemas/pool.ts"
import { rules } from "./policy.ts"

const token = ({ pool }: Pick<PoolRisk, "pool">) => poolToken(pool)

export const riskManager: Mind<PoolRisk> = {
  name: "risk-manager",
  remembers: PoolRisk,
  hears: [
    hears(poolPriced, token),
    hears(spotInterrupted, token),
    hears(quarantinePool, token),
    hears(clearPool, token)
  ],
  says: [poolScored, poolPoisoned, poolHerdMoved, poolHeld, poolCleared],
  rules,
  consults: [],
  remarks: [],
  wakes: { bucket: pools, everyMs: 60_000 }
}
