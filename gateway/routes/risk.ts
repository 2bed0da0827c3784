/** How safe it is: pools and how they went, and what the safety enforcer said of the caller's proposals. */
import { Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import {
  getPool,
  getPoolHistory,
  getSafetyStatus,
  listPools,
  listViolations,
  postClear,
  postQuarantine
} from "../../schemas/api/risk.ts"
import { pools } from "../../schemas/catalogue.ts"
import { familyOf, instant, type TenantId } from "../../schemas/ids.ts"
import { ClearPool, clearPool, isOpenAt, QuarantinePool, quarantinePool } from "../../schemas/pool.ts"
import { refuseFaults } from "../approvals/wishes.ts"
import { accountsOf, type Wanted } from "../fleet/scope.ts"
import { upToOf } from "../ledger-rows.ts"
import { order } from "../order.ts"
import { containing, paged, pageFrom, placeIn, sequenceIn } from "../paging.ts"
import { conflict, notFound } from "../refused.ts"
import { historyOf } from "../risk/history.ts"
import { faultsOfUntil } from "../risk/holds.ts"
import { concerning, isInState, oursIn, poolAt, poolView } from "../risk/pools.ts"
import { type Asking, safetyStatus, validationsOf } from "../risk/validations.ts"
import { type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"
import { tagged } from "../tagged.ts"

const askingOf = (moment: Moment, tenant: TenantId, query: Wanted, upTo: number): Asking => ({
  ...query,
  tenant,
  accounts: accountsOf(moment, tenant).map(([, { value }]) => value.account),
  upTo
})
const knownPool = (moment: Moment, token: string) => {
  const row = poolAt(moment, token)
  return row === undefined ? notFound(`no pool ${token} is known`) : Effect.succeed(row)
}

const poolRoutes: ReadonlyArray<Route> = [
  route(listPools, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const mine = query.mine === "true" ? concerning(moment, tenant) : undefined
      const ours = oursIn(moment, tenant)
      const { region, zone, family, state } = query
      const wanted = moment.all(pools).filter(([token, { value }]) => {
        const { pool } = value
        return (
          (region === undefined || pool.region === region) &&
          (zone === undefined || pool.zone === zone) &&
          (family === undefined || familyOf(pool.instanceType) === family) &&
          (state === undefined || isInState(value, state, moment.at)) &&
          (mine === undefined || mine.has(token))
        )
      })
      const found =
        query.q === undefined
          ? wanted
          : wanted.filter(([, row]) => containing([poolView(moment, ours, row)], query.q).length > 0)
      const keyOf = ([token, { value }]: (typeof wanted)[number]) => [value.pool.region, token]
      const page = yield* paged(found, keyOf, query, moment.asOf)
      return tagged({ ...page, items: page.items.map(([, row]) => poolView(moment, ours, row)) })
    })
  ),
  route(getPool, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      return tagged(poolView(moment, oursIn(moment, tenant), yield* knownPool(moment, params.key)))
    })
  ),
  route(getPoolHistory, ({ params, query }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      yield* knownPool(moment, params.key)
      const points = yield* historyOf(yield* Warehouse, params.key, upToOf(moment))
      return tagged({ key: params.key, points, asOf: moment.asOf })
    })
  )
]

/** What people say of a pool: asked of the pool as it stands now. */
const wishRoutes: ReadonlyArray<Route> = [
  route(postQuarantine, ({ params, body: { until, because }, caller: { tenant, name: by }, correlationId }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt()
      const { pool } = (yield* knownPool(moment, params.key)).value
      const faults = faultsOfUntil(until, moment.at)
      if (faults.length > 0) return yield* refuseFaults(faults)
      const wish = new QuarantinePool({ tenant, pool, until: instant(until), because, by })
      return yield* order(quarantinePool, wish, correlationId)
    })
  ),
  route(postClear, ({ params, body: { because }, caller: { tenant, name: by }, correlationId }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt()
      const { value: risk } = yield* knownPool(moment, params.key)
      if (isOpenAt(risk, moment.at)) return yield* conflict(`pool ${params.key} is open: there is nothing to clear`)
      return yield* order(clearPool, new ClearPool({ tenant, pool: risk.pool, because, by }), correlationId)
    })
  )
]

export const risk: ReadonlyArray<Route> = [
  ...poolRoutes,
  ...wishRoutes,
  route(getSafetyStatus, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const upTo = upToOf(moment)
      return tagged(yield* safetyStatus(yield* Warehouse, moment, askingOf(moment, tenant, query, upTo)))
    })
  ),
  route(listViolations, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const place = yield* placeIn(query)
      const moment = yield* momentAt(query.at)
      const { action, q, limit } = query
      const which = { action, q, after: (yield* sequenceIn(place)) ?? 0, limit: limit + 1 }
      const upTo = upToOf(moment)
      const found = yield* validationsOf(yield* Warehouse, askingOf(moment, tenant, query, upTo), which)
      return tagged(pageFrom(found, ({ seq }) => [seq], query, moment.asOf, place))
    })
  )
]
