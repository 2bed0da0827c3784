/** The safety score of a pool: what it is made of, and how much each part weighs. */
import { familyOf, SafetyScore } from "../../schemas/ids.ts"
import type { Herd, PoolPriced, RiskTerms } from "../../schemas/pool.ts"

type Terms = typeof RiskTerms.Type
type Weights = Terms["weights"]

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/**
 * The product's table: advisor, volatility, structure, own evidence, in percent, at and above so many instance-hours.
 */
const table: ReadonlyArray<readonly [hours: number, weights: Weights]> = [
  [0, [60, 30, 10, 0]],
  [10_000, [50, 30, 10, 10]],
  [50_000, [45, 30, 10, 15]],
  [200_000, [45, 30, 10, 15]],
  [500_000, [35, 30, 10, 25]]
]

/** The weights in force at so many collective instance-hours: steps up to 200,000, then a line up to 500,000. */
export const weightsAt = (hours: number): Weights => {
  let at = table[0]!
  for (const row of table) if (hours >= row[0]) at = row
  if (at[0] !== 200_000) return at[1]
  const share = (hours - 200_000) / 300_000
  return [45 - 10 * share, 30, 10, 15 + 10 * share]
}

/**
 * Of the generation in a family's name: 5 and 6 are plentiful, 7 is still being built, 4 and less is being taken away.
 */
const generationRisk = (family: string): number => {
  const generation = Number(/\d+/.exec(family)?.[0] ?? 0)
  if (generation === 5 || generation === 6) return 0
  if (generation === 7) return 0.25
  return generation <= 3 ? 1 : 0.5
}

/**
 * What the machine itself says, as the plain mean of four: its size (1 vCPU is 0, 128 are 1, by doublings: one big hole
 * is harder to find than two small ones), its generation, how many zones offer it (3 are enough), how many sizes its
 * family has (8 are enough: a host can be cut in more ways).
 */
export const structureRisk = (priced: PoolPriced): number => {
  const size = clamp(Math.log2(Math.max(1, priced.spec.vcpu)) / 7)
  const generation = generationRisk(familyOf(priced.spec.instanceType))
  const zones = clamp((3 - priced.zonesOffering) / 2)
  const breadth = clamp((8 - priced.familyBreadth) / 7)
  return (size + generation + zones + breadth) / 4
}

/** What the herd takes off the score: two witnesses 0.10, three or more 0.20 in all. */
const herdTerm = { NORMAL: 0, UNCERTAIN: 0.1, RISKY: 0.2 } as const

/** The terms, each 0 (good) to 1 (bad). A pool that the advisor does not know is as bad as its worst band. */
export const termsOf = (priced: PoolPriced, herd: typeof Herd.Type, hours: number): Terms => ({
  advisor: priced.band === null ? 1 : priced.band / 4,
  volatility: clamp(priced.volatility),
  structure: structureRisk(priced),
  // Nothing is known of our own rate before there is evidence to rank pools by; its weight is 0 until then.
  own: 0,
  herd: herdTerm[herd._tag],
  weights: weightsAt(hours)
})

/** 1 less the weighted terms and the herd's, held between 0 and 1; to the fourth decimal, so that noise is no news. */
export const scoreOf = (terms: Terms): SafetyScore => {
  const [advisor, volatility, structure, own] = terms.weights
  const risk = advisor * terms.advisor + volatility * terms.volatility + structure * terms.structure + own * terms.own
  return SafetyScore.make(clamp(Math.round((1 - risk / 100 - terms.herd) * 10_000) / 10_000))
}
