/** What machines cost at a moment: by their pool, or for on-demand by any pool of their type in the region. */
import { prices } from "../../schemas/catalogue.ts"
import type { InstanceType, Region, ZoneId } from "../../schemas/ids.ts"
import type { Product } from "../../schemas/pool.ts"
import type { Moment } from "../rows.ts"
import { poolTokenOf } from "./tokens.ts"

/** A machine as prices know it. */
export interface Machine {
  readonly region: Region
  readonly zone: ZoneId
  readonly instanceType: InstanceType
  readonly product: Product
}

export interface Prices {
  /** Micro-dollars an hour; null where nobody has read it. */
  readonly spot: (machine: Machine) => number | null
  readonly onDemand: (machine: Machine) => number | null
}

export const pricesAt = (moment: Moment): Prices => {
  const rowOf = ({ zone, instanceType, product }: Machine) =>
    moment.get(prices, poolTokenOf(zone, instanceType, product))?.value
  let byType: Map<string, number> | undefined
  // a list price is the same in every zone of a region
  const elsewhere = ({ region, instanceType, product }: Machine) => {
    if (byType === undefined) {
      const found = (byType = new Map())
      for (const [, { value }] of moment.all(prices)) {
        const { pool } = value
        found.set(`${pool.region} ${pool.instanceType} ${pool.product}`, value.onDemandPerHour)
      }
    }
    return byType.get(`${region} ${instanceType} ${product}`) ?? null
  }
  return {
    spot: (machine) => rowOf(machine)?.spotPerHour ?? null,
    onDemand: (machine) => rowOf(machine)?.onDemandPerHour ?? elsewhere(machine)
  }
}
