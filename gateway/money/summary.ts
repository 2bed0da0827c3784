/** The front page's figures: what the ledger has booked, and what stands at the same moment. */
import { Effect, Schema } from "effect"
import type { getSummary, Summary } from "../../schemas/api/money.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { spotInterrupted } from "../../schemas/pool.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { laidOf } from "../approvals/desk-log.ts"
import { deskOf } from "../fleet/scope.ts"
import { asked, Count } from "../ledger-rows.ts"
import { type Reach, reachOf } from "../history/reach.ts"
import type { Asked } from "../route.ts"
import { sumsUntil, type Wanted } from "./ledger.ts"
import { monthly, monthStart } from "./saved.ts"
import { accountsAt, groupsAt, onDemandShareOf, plansAt, standingIn, uncoveredOf } from "./standing.ts"

const dayMs = 86_400_000
/** Over how long a success rate is counted. */
const successDays = 30

const Happened = Schema.Struct({ ended: Count, done: Count, warnings: Count, interruptions: Count, firstMs: Count })
/** Ends of swaps in 30 days, interruptions in one; and since when anything is known of these accounts. */
const happenedSql = `SELECT
    countIf(name = {settled:String} AND ms >= {since:Int64}) AS ended,
    countIf(name = {settled:String} AND ms >= {since:Int64} AND how = 'done') AS done,
    countIf(name = {interrupted:String} AND ms >= {yesterday:Int64} AND warned) AS warnings,
    countIf(name = {interrupted:String} AND ms >= {yesterday:Int64}) AS interruptions,
    (SELECT toUnixTimestamp64Milli(min(at)) FROM events
      WHERE account IN {accounts:Array(String)} AND seq <= {booked:UInt64}) AS firstMs
  FROM (
    SELECT name, toUnixTimestamp64Milli(at) AS ms, JSONExtractString(body, 'body', 'end') AS how,
      JSONExtractBool(body, 'body', 'warned') AS warned
    FROM events
    WHERE kind = 'evt' AND name IN ({settled:String}, {interrupted:String}) AND account IN {accounts:Array(String)}
      AND seq <= {booked:UInt64} AND at >= fromUnixTimestamp64Milli({since:Int64}) AND ms <= {now:Int64}
      AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}
      AND ({region:String} = '' OR JSONExtractString(body, 'body', 'region') = {region:String}
        OR JSONExtractString(body, 'body', 'pool', 'region') = {region:String}))`

const happenedBy = (reach: Reach, tenant: string, wanted: Wanted, now: number) =>
  Effect.map(
    asked(reach.store, Happened, happenedSql, {
      settled: swapSettled.name,
      interrupted: spotInterrupted.name,
      since: Math.max(0, now - successDays * dayMs),
      yesterday: now - dayMs,
      now,
      accounts: reach.accounts,
      booked: reach.booked,
      tenant,
      region: wanted.region ?? ""
    }),
    ([row]) => row ?? { ended: 0, done: 0, warnings: 0, interruptions: 0, firstMs: 0 }
  )

/** Savings and swaps of this calendar month beside the one before, of which null says that nothing is known. */
const monthsOf = (reach: Reach, tenant: string, wanted: Wanted, now: number, firstMs: number) =>
  Effect.gen(function* () {
    const starts = [monthStart(now, -1), monthStart(now)]
    const { before, all } = yield* sumsUntil(reach, tenant, wanted, now, starts)
    const none = { swaps: 0, saved: 0 }
    const [a, b] = [before[0] ?? none, before[1] ?? none]
    const isKnown = firstMs > 0 && firstMs < monthStart(now)
    return {
      saved: { now: all.saved - b.saved, lastMonth: isKnown ? b.saved - a.saved : null },
      swaps: { now: all.swaps - b.swaps, lastMonth: isKnown ? b.swaps - a.swaps : null },
      rate: monthly(all.hourly)
    }
  })

/** Plans that wait for a yes, and since when the oldest of them does. */
const waitingOf = (reach: Reach, { caller, query }: Asked<typeof getSummary>) =>
  Effect.gen(function* () {
    const { tenant } = caller
    const pending = plansAt(reach.moment, tenant, query).filter(({ status }) => status === "pending")
    const asking = { tenant, accounts: reach.accounts, upTo: reach.booked }
    const laid = yield* laidOf(
      reach.store,
      asking,
      pending.map(({ hash }) => hash)
    )
    const since = pending.flatMap(({ hash }) => laid.get(hash)?.requestedAt ?? [])
    return { approvalsWaiting: pending.length, oldestApprovalAt: since.length === 0 ? null : Math.min(...since) }
  })

export const summaryOf = Effect.fn("getSummary")(function* (question: Asked<typeof getSummary>) {
  const { query, caller } = question
  const { tenant } = caller
  const reach = yield* reachOf(tenant, query, "booked")
  const { moment } = reach
  const now = moment.isLive ? question.now : moment.at
  const happened = yield* happenedBy(reach, tenant, query, now)
  const months = yield* monthsOf(reach, tenant, query, now, happened.firstMs)
  const accounts = accountsAt(moment, tenant, query)
  const groups = groupsAt(moment, tenant, query)
  const standing = standingIn(groups)
  const spot = standing.filter(({ member }) => member.lifecycle === "spot").length
  const inFlight = plansAt(moment, tenant, query).flatMap((plan) => plan.inFlight.filter(({ stuck }) => !stuck))
  const stopped = accounts.filter(({ account }) => (deskOf(moment, tenant, account)?.value.stop ?? "run") !== "run")
  const summary: typeof Summary.Encoded = {
    savedThisMonth: months.saved,
    savingsRate: months.rate,
    label: savingsLabel,
    activeOptimisations: inFlight.length,
    spotInstances: spot,
    onDemandInstances: standing.length - spot,
    successRate: happened.ended === 0 ? null : happened.done / happened.ended,
    optimisationsThisMonth: months.swaps,
    spotWarnings24h: happened.warnings,
    interruptions24h: happened.interruptions,
    accounts: accounts.length,
    groups: groups.length,
    // groups are what is discovered; whose node groups some of them are, nobody has read
    clusters: 0,
    ...(yield* waitingOf(reach, question)),
    uncoveredPerHour: uncoveredOf(moment, standing),
    onDemandShare: onDemandShareOf(moment, standing),
    stopped: stopped.map(({ account }) => account),
    asOf: reach.asOf
  }
  return summary
})
