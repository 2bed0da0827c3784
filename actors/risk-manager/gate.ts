/** The gate of a pool: shut by evidence or a person until the later of both ends, opened by the clock or a person. */
import type { Heard } from "../../schemas/decision.ts"
import { instant } from "../../schemas/ids.ts"
import { type ClearPool, holdMsMax, PoolCleared, PoolHeld, PoolRisk, type QuarantinePool } from "../../schemas/pool.ts"
import { poisonedUntil } from "./evidence.ts"

type Shutters = Pick<PoolRisk, "hits" | "held" | "cleared">

/** When the last of what shuts it ends, in milliseconds since 1970; 0 = nothing does. */
export const shutUntil = ({ hits, held, cleared }: Shutters): number =>
  Math.max(poisonedUntil(hits, cleared?.seq), held?.until ?? 0)

/** What has ended by then is open again. */
export const gateAt = (risk: Shutters, at: number): PoolRisk["gate"] => {
  const until = shutUntil(risk)
  return until > at ? { _tag: "poisoned", until: instant(until) } : { _tag: "open" }
}

/** With a person's word. A clearing ends the holds that were ordered before it, and no later one. */
export const withWord = (risk: PoolRisk, fact: PoolHeld | PoolCleared): PoolRisk => {
  const { _tag, pool: _, ...word } = fact
  if (fact._tag === "PoolHeld") return new PoolRisk({ ...risk, held: { ...word, until: fact.until } })
  const { held, ...rest } = risk
  const stays = held !== undefined && held.seq > fact.seq
  return new PoolRisk({ ...rest, cleared: word, ...(stays ? { held } : {}) })
}

/**
 * The order's place in the log decides, not when it is heard: an order older than the word that stands says nothing,
 * and neither does one that was over before it was stored. One that reaches too far is cut.
 */
export const onQuarantine = (
  risk: PoolRisk | undefined,
  { pool, until: wished, because, by }: QuarantinePool,
  { at, seq }: Heard
): ReadonlyArray<PoolHeld> => {
  const until = instant(Math.min(wished, at + holdMsMax))
  if (until <= at || seq <= Math.max(risk?.held?.seq ?? 0, risk?.cleared?.seq ?? 0)) return []
  return [new PoolHeld({ pool, until, because, by, seq, at })]
}

/** It is said of an open pool too: a loss that was told before it may still be on its way. */
export const onClear = (
  risk: PoolRisk | undefined,
  { pool, because, by }: ClearPool,
  { at, seq }: Heard
): ReadonlyArray<PoolCleared> =>
  seq <= (risk?.cleared?.seq ?? 0) ? [] : [new PoolCleared({ pool, because, by, seq, at })]
