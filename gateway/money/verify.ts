/** The ledger against the log: is each message booked once, and has each swap done the row that its end promises? */
import { Effect, Schema } from "effect"
import { swapSettled } from "../../schemas/swap.ts"
import { asked, Count } from "../ledger-rows.ts"
import { type Reach, reachOf } from "../history/reach.ts"

const Booked = Schema.Struct({ events: Count, distinct: Count, first: Count, last: Count })
const bookedSql = `SELECT count() AS events, uniqExact(seq) AS distinct, toInt64(min(seq)) AS first,
  toInt64(max(seq)) AS last FROM events WHERE seq <= {booked:UInt64}`

const settledSql = `SELECT toInt64(seq) AS seq, JSONExtractString(body, 'body', 'swap') AS swap,
    JSONExtractInt(body, 'body', 'hourlySavings') AS hourly FROM events
  WHERE kind = 'evt' AND name = {settled:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
    AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}
    AND JSONExtractString(body, 'body', 'end') = 'done'`
const savedSql = `SELECT toInt64(seq) AS seq, swap, hourlySavings AS hourly FROM savings FINAL
  WHERE tenant = {tenant:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}`

const Counts = Schema.Struct({ settled: Count, saved: Count })
const countsSql = `SELECT (SELECT count() FROM (${settledSql})) AS settled,
  (SELECT count() FROM (${savedSql})) AS saved`

const Pair = Schema.Struct({ swap: Schema.String, settled: Schema.String, saved: Schema.String })
/** What one side has and the other has not, or has otherwise. */
const mismatchesSql = `SELECT if(a.swap = '', b.swap, a.swap) AS swap,
    if(a.seq = 0, 'nothing', toString(a.hourly)) AS settled, if(b.seq = 0, 'nothing', toString(b.hourly)) AS saved
  FROM (${settledSql}) AS a FULL OUTER JOIN (${savedSql}) AS b ON a.seq = b.seq
  WHERE a.seq != b.seq OR a.hourly != b.hourly OR a.swap != b.swap ORDER BY swap LIMIT 100`

const paramsOf = (reach: Reach, tenant: string) => ({
  tenant,
  accounts: reach.accounts,
  booked: reach.booked,
  settled: swapSettled.name
})

export const verification = Effect.fn("verifyLedger")(function* (tenant: string) {
  const reach = yield* reachOf(tenant, {})
  const params = paramsOf(reach, tenant)
  const [booked] = yield* asked(reach.store, Booked, bookedSql, { booked: reach.booked })
  const [counts] = yield* asked(reach.store, Counts, countsSql, params)
  const pairs = yield* asked(reach.store, Pair, mismatchesSql, params)
  const { events, distinct, first, last } = booked ?? { events: 0, distinct: 0, first: 0, last: 0 }
  const missing = distinct === 0 ? 0 : last - first + 1 - distinct
  const mismatches = pairs.map(
    ({ swap, settled, saved }) => `${swap}: its end says ${settled} micro-dollars an hour, its row ${saved}`
  )
  return {
    ok: missing === 0 && events === distinct && mismatches.length === 0,
    events,
    distinct,
    missing,
    duplicates: events - distinct,
    // what stands behind the ledger's position is not missing: it is not booked yet
    head: reach.asOf,
    swapsSettledDone: counts?.settled ?? 0,
    savingsRows: counts?.saved ?? 0,
    mismatches
  }
})
