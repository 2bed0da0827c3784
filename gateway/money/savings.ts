/** Savings over time, actual beside promised, and savings of every tenant for whoever runs the installation. */
import { Effect, Schema } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import type { getSavings } from "../../schemas/api/money.ts"
import { TenantId } from "../../schemas/ids.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { asked, Count } from "../ledger-rows.ts"
import { bookedIn, reachOf } from "../history/reach.ts"
import type { Asked } from "../route.ts"
import { bucketsOf, sumBy } from "./ledger.ts"
import { monthly, pointsOf } from "./saved.ts"
import { spanOf } from "./span.ts"

export const savingsOf = Effect.fn("getSavings")(function* ({ query, caller, now }: Asked<typeof getSavings>) {
  const { tenant } = caller
  const reach = yield* reachOf(tenant, query, "booked")
  const span = yield* spanOf(query, reach.moment.isLive ? now : reach.moment.at)
  const wanted = query.region === undefined ? {} : { region: query.region }
  const before = yield* sumBy(reach, tenant, wanted, span.from)
  const points = pointsOf(before, yield* bucketsOf(reach, tenant, wanted, span))
  const saved = points.reduce((sum, point) => sum + point.saved, 0)
  return {
    points,
    // what swaps to Spot save: nothing else is bought or given back yet
    split: [{ cause: "spot", saved }],
    label: savingsLabel,
    asOf: reach.asOf
  }
})

const OfTenant = Schema.Struct({ tenant: TenantId, swaps: Count, hourly: Count })
const tenantsSql = `SELECT tenant, count() AS swaps, sum(hourlySavings) AS hourly FROM savings FINAL
  WHERE seq <= {booked:UInt64} GROUP BY tenant ORDER BY hourly DESC, tenant LIMIT 10000`

/** Across tenants, on purpose: its endpoint is the super administrator's alone. */
export const everyTenant = Effect.gen(function* () {
  const store = yield* Warehouse
  const booked = yield* bookedIn(store)
  const rows = yield* asked(store, OfTenant, tenantsSql, { booked })
  const tenants = rows.map(({ tenant, swaps, hourly }) => ({
    tenant,
    swaps,
    hourlySavings: hourly,
    monthlySavings: monthly(hourly)
  }))
  return { tenants, asOf: booked }
})
