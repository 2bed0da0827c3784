/** Herd immunity: what one customer's interruption means for all of them, and how safe a pool is. */
import type { Heard, Rules } from "../../schemas/decision.ts"
import { instant } from "../../schemas/ids.ts"
import {
  type ClearPool,
  type PoolCleared,
  type PoolHeld,
  PoolHerdMoved,
  PoolPoisoned,
  type PoolPriced,
  PoolRisk,
  PoolScored,
  type QuarantinePool,
  type SpotInterrupted
} from "../../schemas/pool.ts"
import { herdAt, hitOf, instancesIn, quarantineMs, withHit } from "./evidence.ts"
import { gateAt, onClear, onQuarantine, shutUntil, withWord } from "./gate.ts"
import { scoreOf, termsOf } from "./score.ts"

export type RiskMessage = PoolPriced | SpotInterrupted | QuarantinePool | ClearPool
export type RiskFact = PoolScored | PoolPoisoned | PoolHerdMoved | PoolHeld | PoolCleared

/**
 * Instance-hours that all customers together have run on Spot. Nothing counts them yet, so the youngest weights hold.
 */
export const collectiveHours = 0

const unknown = (pool: PoolRisk["pool"]): PoolRisk =>
  new PoolRisk({
    pool,
    priced: null,
    gate: { _tag: "open" },
    herd: { _tag: "NORMAL" },
    hits: [],
    interruptionCount: 0,
    score: null,
    terms: null,
    scoredAt: instant(0)
  })

export const evolve = (state: PoolRisk | undefined, fact: RiskFact): PoolRisk => {
  const risk = state ?? unknown(fact.pool)
  if (fact._tag === "PoolPoisoned") {
    const hits = withHit(risk.hits, fact.hit)
    const gate = gateAt({ ...risk, hits }, risk.scoredAt)
    return new PoolRisk({ ...risk, gate, hits, interruptionCount: instancesIn(hits) })
  }
  if (fact._tag === "PoolHeld" || fact._tag === "PoolCleared") {
    const after = withWord(risk, fact)
    return new PoolRisk({ ...after, gate: gateAt(after, Math.max(fact.at, risk.scoredAt)) })
  }
  const gate = gateAt(risk, fact.at)
  if (fact._tag === "PoolHerdMoved") return new PoolRisk({ ...risk, gate, herd: fact.herd })
  const { score, terms, priced, at } = fact
  return new PoolRisk({ ...risk, gate, score, terms, priced, scoredAt: at })
}

/** Never before what was already decided: messages come late, and in any order. */
const momentOf = (risk: PoolRisk, heard: Heard) => instant(Math.max(heard.at, risk.scoredAt))

/** The same price list line, or an older one, says nothing. */
const onPriced = (state: PoolRisk | undefined, priced: PoolPriced, heard: Heard): ReadonlyArray<RiskFact> => {
  const risk = state ?? unknown(priced.pool)
  if (risk.priced !== null && priced.readAt <= risk.priced.readAt) return []
  const at = momentOf(risk, heard)
  return [...herdFacts(risk, at), ...scoreFacts(risk, priced, at)]
}

/** The lab, experiments, own bids and what nobody can explain never speak of a pool; nor does what is long past. */
const isEvidence = (message: SpotInterrupted, heardAt: number) =>
  message.environment === "PROD" && message.provenance === "reclaimed" && message.at > heardAt - quarantineMs

const onInterrupted = (
  state: PoolRisk | undefined,
  message: SpotInterrupted,
  heard: Heard
): ReadonlyArray<RiskFact> => {
  if (!isEvidence(message, heard.at)) return []
  const risk = state ?? unknown(message.pool)
  const hit = hitOf(message, heard.at, heard.seq)
  const hits = withHit(risk.hits, hit)
  if (hits === risk.hits) return []
  // nothing is shut only where a person had cleared it before this was heard: its quarantine ended with that
  const until = instant(shutUntil({ ...risk, hits }) || (risk.cleared?.at ?? 0))
  const poisoned = new PoolPoisoned({ pool: risk.pool, until, hit })
  const after = evolve(risk, poisoned)
  const at = momentOf(risk, heard)
  const herd = herdFacts(after, at)
  // Always scored anew: a score older than the evidence counts as none.
  return [poisoned, ...herd, ...(risk.priced === null ? [] : scoreFacts(after, risk.priced, at))]
}

const herdFacts = (risk: PoolRisk, at: Heard["at"]): ReadonlyArray<PoolHerdMoved> => {
  const herd = herdAt(risk.herd, risk.hits, at)
  const isSame =
    herd._tag === risk.herd._tag &&
    (herd._tag === "NORMAL" || (risk.herd._tag !== "NORMAL" && herd.until === risk.herd.until))
  const witnesses = [...new Set(risk.hits.map((hit) => hit.witness))].sort()
  return isSame ? [] : [new PoolHerdMoved({ pool: risk.pool, herd, witnesses, at })]
}

const scoreFacts = (risk: PoolRisk, priced: PoolPriced, at: Heard["at"]): ReadonlyArray<PoolScored> => {
  const terms = termsOf(priced, herdAt(risk.herd, risk.hits, at), collectiveHours)
  return [new PoolScored({ pool: risk.pool, score: scoreOf(terms), terms, priced, at })]
}

/** What ends by itself is said when it has ended, so that every reader's row shows it. */
const wake = (risk: PoolRisk, heard: Heard): ReadonlyArray<RiskFact> => {
  const herd = herdFacts(risk, heard.at)
  const hasOpened = risk.gate._tag === "poisoned" && gateAt(risk, heard.at)._tag === "open"
  if (herd.length === 0 && !hasOpened) return []
  if (risk.priced !== null) return [...herd, ...scoreFacts(risk, risk.priced, heard.at)]
  // Without prices there is no score to say it with: the herd as it is carries the opened gate.
  return herd.length > 0 ? herd : [new PoolHerdMoved({ pool: risk.pool, herd: risk.herd, witnesses: [], at: heard.at })]
}

const decide = (state: PoolRisk | undefined, message: RiskMessage, heard: Heard): ReadonlyArray<RiskFact> => {
  switch (message._tag) {
    case "PoolPriced":
      return onPriced(state, message, heard)
    case "SpotInterrupted":
      return onInterrupted(state, message, heard)
    case "QuarantinePool":
      return onQuarantine(state, message, heard)
    case "ClearPool":
      return onClear(state, message, heard)
  }
}

export const rules: Rules<PoolRisk, RiskMessage, RiskFact> = { decide, evolve, wake }
