/** What a region's pools cost and how restless they are, from what its price lists, advisor and price history say. */
import { Duration, Equal } from "effect"
import {
  familyOf,
  type InstanceType,
  type Instant,
  type MicroUsd,
  type Region,
  type ZoneId
} from "../../schemas/ids.ts"
import {
  type AdvisorBand,
  MarketRowRefused,
  marketRowRefused,
  Pool,
  PoolPriced,
  poolToken,
  type Product,
  type TypeSpec
} from "../../schemas/pool.ts"
import { movementOf, percentilesOf } from "./volatility.ts"

/**
 * What stays the same is said again after so long: a score over an hour old is refused, so silence must be shorter than
 * that to mean "still so" and longer to mean "nobody looks any more".
 */
export const restateAfterMs = Duration.toMillis("40 minutes")

/** A price as it was from an instant on. */
export interface PriceChange {
  readonly zone: ZoneId
  readonly instanceType: InstanceType
  readonly product: Product
  readonly perHour: MicroUsd
  readonly at: Instant
}

/** All that was read of one product in one region at about one instant. */
export interface Reading {
  readonly region: Region
  readonly product: Product
  readonly readAt: Instant
  /** Changes of the last seven days, in any order; one before them tells the price at their beginning. */
  readonly spot: ReadonlyArray<PriceChange>
  readonly onDemand: ReadonlyArray<{ readonly instanceType: InstanceType; readonly perHour: MicroUsd }>
  readonly advisor: ReadonlyArray<{
    readonly instanceType: InstanceType
    readonly band: typeof AdvisorBand.Type
    readonly savingsPercent: number
  }>
  readonly types: ReadonlyArray<TypeSpec>
  /** Where the on-demand prices and the bands come from, and of which day. */
  readonly origin: string
  /** Types worth having: of the others nothing is said, yet they count in what the others are compared with. */
  readonly wanted: (spec: TypeSpec) => boolean
}

interface Series {
  readonly zone: ZoneId
  readonly instanceType: InstanceType
  readonly prices: ReadonlyArray<PriceChange>
}

/** Oldest first; of two prices at one instant the dearer is believed. */
const seriesOf = ({ spot, product }: Reading): ReadonlyArray<Series> => {
  const series = new Map<string, Array<PriceChange>>()
  for (const change of spot) {
    if (change.product !== product) continue
    const name = `${change.zone} ${change.instanceType}`
    const known = series.get(name)
    if (known === undefined) series.set(name, [change])
    else known.push(change)
  }
  return [...series].map(([, prices]) => {
    prices.sort((a, b) => a.at - b.at || a.perHour - b.perHour)
    const { zone, instanceType } = prices[0]!
    return { zone, instanceType, prices }
  })
}

const byType = <A extends { readonly instanceType: InstanceType }>(rows: ReadonlyArray<A>) =>
  new Map(rows.map((row) => [row.instanceType, row]))

const countBy = <A>(items: ReadonlyArray<A>, nameOf: (item: A) => string) => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return counts
}

/**
 * Every wanted pool that has a Spot price, a spec and an on-demand price, by token. What lacks one of them is left out.
 */
export const pricedPools = (reading: Reading): ReadonlyArray<PoolPriced> => {
  const { region, product, readAt, origin } = reading
  const series = seriesOf(reading)
  const volatility = percentilesOf(series.map(({ prices }) => movementOf(prices, readAt)))
  const zones = countBy(series, ({ instanceType }) => instanceType)
  const sizes = countBy(reading.types, (spec) => familyOf(spec.instanceType))
  const specs = byType(reading.types)
  const onDemand = byType(reading.onDemand)
  const advice = byType(reading.advisor)
  return series
    .flatMap(({ zone, instanceType, prices }, i) => {
      const spec = specs.get(instanceType)
      const listed = onDemand.get(instanceType)
      if (spec === undefined || listed === undefined || !reading.wanted(spec)) return []
      const advised = advice.get(instanceType)
      return new PoolPriced({
        pool: new Pool({ region, zone, instanceType, product }),
        spec,
        spotPerHour: prices.at(-1)!.perHour,
        onDemandPerHour: listed.perHour,
        band: advised?.band ?? null,
        savingsPercent: advised?.savingsPercent ?? null,
        volatility: volatility[i]!,
        zonesOffering: zones.get(instanceType)!,
        familyBreadth: sizes.get(familyOf(instanceType))!,
        readAt,
        origin
      })
    })
    .sort((a, b) => (poolToken(a.pool) < poolToken(b.pool) ? -1 : 1))
}

/** The same but for when it was read. */
const isSame = (a: PoolPriced, b: PoolPriced) => Equal.equals(new PoolPriced({ ...a, readAt: b.readAt }), b)

/**
 * What of a reading is worth saying: pools that differ from what was last said of them, and those of which nothing was
 * said for `restateAfterMs`. A reading older than what was said is no news. `said`: by pool token.
 */
export const changed = (
  said: ReadonlyMap<string, PoolPriced>,
  fresh: ReadonlyArray<PoolPriced>
): ReadonlyArray<PoolPriced> =>
  fresh.filter((priced) => {
    const before = said.get(poolToken(priced.pool))
    if (before === undefined) return true
    if (priced.readAt <= before.readAt) return false
    return priced.readAt - before.readAt >= restateAfterMs || !isSame(before, priced)
  })

/** A line of a list that the port could not read. */
export interface RefusedLine {
  readonly source: string
  readonly line: number
  readonly reason: string
}
const nameOf = (row: MarketRowRefused) => `${marketRowRefused.about(row)} ${row.reason}`

/** Refusals not yet said. `said`: what this gave before, in words that two refusals of one line share only if alike. */
export const newlyRefused = (
  said: ReadonlySet<string>,
  lines: ReadonlyArray<RefusedLine>,
  where: { readonly region: Region; readonly at: Instant }
): ReadonlyArray<readonly [name: string, fact: MarketRowRefused]> => {
  const news = new Map<string, MarketRowRefused>()
  for (const line of lines) {
    const fact = new MarketRowRefused({ ...where, ...line })
    if (!said.has(nameOf(fact))) news.set(nameOf(fact), fact)
  }
  return [...news]
}
