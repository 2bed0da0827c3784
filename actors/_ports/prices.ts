/** What things cost and how often they are taken: Spot and list prices, types, the Spot Advisor's bands. */
import { Context, Schema } from "effect"
import { InstanceType, Instant, MicroUsd, ZoneId } from "../../schemas/ids.ts"
import { AdvisorBand, Product, TypeSpec } from "../../schemas/pool.ts"
import { Page } from "./ec2.ts"
import { reads, type Shape } from "./port.ts"

/** A line that could not be read: left out, named, the others go on. */
export const RefusedRow = Schema.Struct({ source: Schema.String, line: Schema.Int, reason: Schema.String })
const Listed = <A>(row: Schema.Codec<A, any>) =>
  Schema.Struct({
    rows: Schema.Array(row),
    refused: Schema.Array(RefusedRow),
    origin: Schema.String,
    asOf: Schema.String
  })

export const SpotPrice = Schema.Struct({
  zone: ZoneId,
  instanceType: InstanceType,
  product: Product,
  perHour: MicroUsd,
  at: Instant
})

export const pricesCalls = {
  /** Changes of seven days, newest first, at most 1,000 a page; types empty = all. */
  spotHistory: reads(
    Schema.Struct({ types: Schema.Array(InstanceType), product: Product, since: Instant, page: Page }),
    Schema.Struct({ prices: Schema.Array(SpotPrice), next: Page })
  ),
  /** Per instance-hour, of the caller's region. */
  onDemand: reads(
    Schema.Struct({ product: Product }),
    Listed(Schema.Struct({ instanceType: InstanceType, perHour: MicroUsd }))
  ),
  advisor: reads(
    Schema.Struct({ product: Product }),
    Listed(Schema.Struct({ instanceType: InstanceType, band: AdvisorBand, savingsPercent: Schema.Finite }))
  ),
  types: reads(Schema.Struct({}), Listed(TypeSpec))
}
export class Prices extends Context.Service<Prices, Shape<typeof pricesCalls>>()("cloudoptim/Prices") {}
