/** Reads one region's market through one account's eyes: every page, and what could not be read by name. */
import { Clock, Effect, Schedule } from "effect"
import { type InstanceType, instant, type Region } from "../../schemas/ids.ts"
import type { Product, TypeSpec } from "../../schemas/pool.ts"
import type { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { Prices, type pricesCalls } from "../_ports/prices.ts"
import type { PriceChange, Reading, RefusedLine } from "./policy.ts"

/** How far back prices are read: the window of volatility. */
const historyMs = 7 * 24 * 3_600_000

/** Background reads yield to everybody else's: a throttled call is asked again later, for a minute at most. */
const yielding = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 7 }))
const patiently = <A, E, R>(ask: Effect.Effect<A, E, R>) =>
  Effect.retry(ask, {
    schedule: yielding,
    while: (no) =>
      (no as { readonly advice?: string }).advice === "later" || (no as Partial<CloudRefusal>).advice === "unknown"
  })

type SpotAsk = (typeof pricesCalls)["spotHistory"]["asks"]["Type"]
type SpotAnswer = (typeof pricesCalls)["spotHistory"]["gives"]["Type"]

export interface MarketRead {
  readonly reading: Reading
  readonly refused: ReadonlyArray<RefusedLine>
}

const spotPages = (types: ReadonlyArray<InstanceType>, product: Product, since: number) =>
  Effect.gen(function* () {
    const spot: Array<PriceChange> = []
    for (let page: string | null = null, isFirst = true; isFirst || page !== null; isFirst = false) {
      const ask: SpotAsk = { types, product, since: instant(since), page }
      const answer: SpotAnswer = yield* patiently(Prices.use((port) => port.spotHistory(ask)))
      spot.push(...answer.prices)
      page = answer.next
    }
    return spot
  })

/** Which types are worth having, given all that there are. */
export type Choose = (specs: ReadonlyArray<TypeSpec>) => (spec: TypeSpec) => boolean

/** One product of the caller's region. Prices are asked for the wanted types alone. */
export const readMarket = (region: Region, product: Product, choose: Choose) =>
  Effect.gen(function* () {
    const readAt = instant(yield* Clock.currentTimeMillis)
    const types = yield* patiently(Prices.use((port) => port.types({})))
    const onDemand = yield* patiently(Prices.use((port) => port.onDemand({ product })))
    const advisor = yield* patiently(Prices.use((port) => port.advisor({ product })))
    const wanted = choose(types.rows)
    const asked = types.rows.filter(wanted).map(({ instanceType }) => instanceType)
    const spot = asked.length === 0 ? [] : yield* spotPages(asked, product, readAt - historyMs)
    const reading: Reading = {
      region,
      product,
      readAt,
      spot,
      onDemand: onDemand.rows,
      advisor: advisor.rows,
      types: types.rows,
      origin: `on-demand ${onDemand.origin} ${onDemand.asOf}, advisor ${advisor.origin} ${advisor.asOf}`,
      wanted
    }
    return { reading, refused: [...types.refused, ...onDemand.refused, ...advisor.refused] } satisfies MarketRead
  })
