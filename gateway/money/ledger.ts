/** The savings that the ledger has booked: sums as of an instant, buckets of a chart, and rows. */
import { Effect, Schema } from "effect"
import type { LedgerEntry, LedgerTotals, listLedger } from "../../schemas/api/money.ts"
import { AccountId, TenantId } from "../../schemas/ids.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { asked, Count } from "../ledger-rows.ts"
import type { Reach } from "../history/reach.ts"
import { reachOf } from "../history/reach.ts"
import { pageFrom, placeIn, sequenceIn } from "../paging.ts"
import type { Asked } from "../route.ts"
import { type Before, type Bucket, monthly, rounded } from "./saved.ts"
import { type Span, stepMs } from "./span.ts"

/** Exact sums are longer than a number can hold. */
const Wide = Schema.BigIntFromString

/** Rows of the tenant up to the ledger's position, of the accounts, region and words that are asked for. */
const own = `FROM savings FINAL
  WHERE tenant = {tenant:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
    AND ({region:String} = '' OR seq IN (
      SELECT seq FROM events WHERE kind = 'evt' AND name = {settled:String} AND account IN {accounts:Array(String)}
        AND JSONExtractString(body, 'body', 'region') = {region:String}))
    AND arrayAll(word -> positionCaseInsensitiveUTF8(
      concat(swap, ' ', account, ' ', ifNull(replacement, ''), ' ', label), word) > 0, {words:Array(String)})`
const ms = "toUnixTimestamp64Milli(at)"

export interface Wanted {
  readonly region?: string
  readonly q?: string
}
const wordsOf = (q: string | undefined) => (q ?? "").split(/\s+/).filter(Boolean)

export const paramsOf = (reach: Reach, tenant: string, wanted: Wanted) => ({
  tenant,
  accounts: reach.accounts,
  booked: reach.booked,
  region: wanted.region ?? "",
  settled: swapSettled.name,
  words: wordsOf(wanted.q)
})

const sums = { swaps: Count, hourly: Count, promised: Count, exact: Wide, exactPromised: Wide }
const Sums = Schema.Struct({ then: Count, ...sums })
/** What was done before each of some instants, and what it had come to by then; in one look at the rows. */
const sumsSql = `SELECT then, count() AS swaps, sum(hourlySavings) AS hourly,
    sum(onDemandPerHour - spotPerHour) AS promised,
    toString(sum(toInt128(hourlySavings) * (then - ms))) AS exact,
    toString(sum(toInt128(onDemandPerHour - spotPerHour) * (then - ms))) AS exactPromised
  FROM (SELECT ${ms} AS ms, hourlySavings, onDemandPerHour, spotPerHour ${own})
  ARRAY JOIN {thens:Array(Int64)} AS then
  WHERE ms < then GROUP BY then LIMIT 100`

export interface Sum extends Before {
  readonly swaps: number
  /** Micro-dollars, by the formula. */
  readonly saved: number
}
const nothing: Sum = { swaps: 0, hourly: 0, promised: 0, exact: 0n, exactPromised: 0n, saved: 0 }

/** The sums as of some instants. */
export const sumsBy = (reach: Reach, tenant: string, wanted: Wanted, thens: ReadonlyArray<number>) =>
  Effect.map(
    asked(reach.store, Sums, sumsSql, { ...paramsOf(reach, tenant, wanted), thens: [...new Set(thens)] }),
    (rows): ReadonlyArray<Sum> => {
      const byThen = new Map(rows.map((row) => [row.then, { ...row, saved: rounded(row.exact) }]))
      return thens.map((then) => byThen.get(then) ?? nothing)
    }
  )

/** The sum as of an instant. */
export const sumBy = (reach: Reach, tenant: string, wanted: Wanted, then: number) =>
  Effect.map(sumsBy(reach, tenant, wanted, [then]), ([sum]) => sum ?? nothing)

/** After every row: what was booked within this very millisecond has saved nothing yet, and counts. */
const forever = 8.64e15

/** Sums before some instants, then of all that is booked: its savings as of now. */
export const sumsUntil = (
  reach: Reach,
  tenant: string,
  wanted: Wanted,
  now: number,
  before: ReadonlyArray<number> = []
) =>
  Effect.map(sumsBy(reach, tenant, wanted, [...before, now, forever]), (sums) => {
    const [today, all] = [sums.at(-2) ?? nothing, sums.at(-1) ?? nothing]
    return { before: sums.slice(0, -2), all: { ...all, saved: today.saved } }
  })

const Grouped = Schema.Struct({ bucket: Count, ...sums })
/** How long each row of a bucket has saved by the bucket's end, which for the last one is now. */
const bucketsSql = `SELECT bucket, count() AS swaps, sum(hourlySavings) AS hourly,
    sum(onDemandPerHour - spotPerHour) AS promised,
    toString(sum(toInt128(hourlySavings) * (ends - ms))) AS exact,
    toString(sum(toInt128(onDemandPerHour - spotPerHour) * (ends - ms))) AS exactPromised
  FROM (
    SELECT ${ms} AS ms, hourlySavings, onDemandPerHour, spotPerHour,
      intDiv(ms - {from:Int64}, {step:Int64}) AS bucket,
      least({from:Int64} + (bucket + 1) * {step:Int64}, {to:Int64}) AS ends
    ${own})
  WHERE ms >= {from:Int64} AND ms < {to:Int64} GROUP BY bucket ORDER BY bucket LIMIT 5000`

/** Every bucket of the span, also those in which nothing was done; the last one ends now. */
export const bucketsOf = (reach: Reach, tenant: string, wanted: Wanted, span: Span) =>
  Effect.gen(function* () {
    const { from, to } = span
    const step = stepMs[span.step]
    const params = { ...paramsOf(reach, tenant, wanted), from, to, step }
    const rows = new Map((yield* asked(reach.store, Grouped, bucketsSql, params)).map((row) => [row.bucket, row]))
    const none = { swaps: 0, hourly: 0, promised: 0, exact: 0n, exactPromised: 0n }
    return Array.from({ length: Math.ceil((to - from) / step) }, (_, i): Bucket => {
      const { swaps, hourly, promised, exact, exactPromised } = rows.get(i) ?? none
      const ends = { from: from + i * step, to: Math.min(to, from + (i + 1) * step) }
      return { ...ends, swaps, hourly, promised, exact, exactPromised }
    })
  })

const Row = Schema.Struct({
  seq: Count,
  ms: Count,
  tenant: TenantId,
  account: AccountId,
  swap: Schema.String,
  replacement: Schema.NullOr(Schema.String),
  onDemandPerHour: Count,
  spotPerHour: Count,
  hourlySavings: Count,
  label: Schema.String
})
const rowsSql = `SELECT toInt64(seq) AS seq, ${ms} AS ms, tenant, account, swap, replacement, onDemandPerHour,
    spotPerHour, hourlySavings, label
  ${own} AND seq < {before:UInt64} ORDER BY seq DESC LIMIT {max:UInt32}`

const entryOf = ({ ms: at, ...row }: typeof Row.Type): typeof LedgerEntry.Type => ({
  ...row,
  at,
  monthlySavings: monthly(row.hourlySavings)
})

/** The totals of a question, as of its moment. */
export const totalsOf = ({ swaps, hourly, saved }: Sum): typeof LedgerTotals.Type => ({
  swaps,
  hourlySavings: hourly,
  monthlySavings: monthly(hourly),
  saved,
  label: savingsLabel
})

export const ledgerOf = Effect.fn("listLedger")(function* ({ query, caller, now }: Asked<typeof listLedger>) {
  const { tenant } = caller
  const reach = yield* reachOf(tenant, query, "booked")
  const place = yield* placeIn(query)
  const before = (yield* sequenceIn(place)) ?? Number.MAX_SAFE_INTEGER
  const params = { ...paramsOf(reach, tenant, query), before, max: query.limit + 1 }
  const rows = yield* asked(reach.store, Row, rowsSql, params)
  const page = pageFrom(rows.map(entryOf), ({ seq }) => [-seq], query, reach.asOf, place)
  const { all } = yield* sumsUntil(reach, tenant, query, reach.moment.isLive ? now : reach.moment.at)
  return { ...page, totals: totalsOf(all) }
})
