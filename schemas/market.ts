/** A region's pools of one product, as a book holds them: what the types are, what they cost, how safe they are. */
import type { BookRow } from "./decision.ts"
import type { InstanceType, MicroUsd, Region, ZoneId } from "./ids.ts"
import type { PoolPriced, PoolRisk, Product, TypeSpec } from "./pool.ts"
import { poolToken } from "./pool.ts"

/** A pool that is on sale, whatever one thinks of it. */
export interface Offer {
  readonly token: string
  /** LOG sequence of the fact behind it. */
  readonly seq: number
  readonly risk: PoolRisk
  readonly priced: PoolPriced
}

export interface Market {
  /** By token: the order of the book's rows does not matter. */
  readonly offers: ReadonlyArray<Offer>
  readonly offer: (zone: ZoneId, type: InstanceType) => Offer | undefined
  /** What a type is and costs on demand, from whichever of its pools was read last. */
  readonly type: (type: InstanceType) => { readonly spec: TypeSpec; readonly onDemandPerHour: MicroUsd } | undefined
}

export const marketOf = (
  rows: ReadonlyArray<readonly [about: string, row: BookRow<PoolRisk>]>,
  region: Region,
  product: Product
): Market => {
  const offers: Array<Offer> = []
  for (const [, { seq, value }] of rows) {
    if (value.pool.region !== region || value.pool.product !== product || value.priced === null) continue
    offers.push({ token: poolToken(value.pool), seq, risk: value, priced: value.priced })
  }
  offers.sort((a, b) => (a.token < b.token ? -1 : 1))
  const byPlace = new Map(offers.map((offer) => [`${offer.priced.pool.zone} ${offer.priced.spec.instanceType}`, offer]))
  const byType = new Map<string, PoolPriced>()
  for (const { priced } of offers) {
    const known = byType.get(priced.spec.instanceType)
    if (known === undefined || priced.readAt > known.readAt) byType.set(priced.spec.instanceType, priced)
  }
  return {
    offers,
    offer: (zone, type) => byPlace.get(`${zone} ${type}`),
    type: (type) => byType.get(type)
  }
}
