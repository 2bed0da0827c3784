/** What needs a person, as rows with a reason, a mend and a deadline: found in what stands, most urgent first. */
import { Effect } from "effect"
import type { Attention, listAttention } from "../../schemas/api/money.ts"
import type { OpenPlan } from "../../schemas/approval.ts"
import type { Account } from "../../schemas/account.ts"
import { pools } from "../../schemas/catalogue.ts"
import { inventoryAgeMsMax } from "../../schemas/composition.ts"
import { sweepDone } from "../../schemas/group.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { isOpenAt, spotInterrupted } from "../../schemas/pool.ts"
import { type Reach, reachOf } from "../history/reach.ts"
import { deskOf, isWanted, type Wanted } from "../fleet/scope.ts"
import { containing, paged } from "../paging.ts"
import type { Asked } from "../route.ts"
import type { Moment } from "../rows.ts"
import { count, moment as written, money, span } from "../shown/phrase.ts"
import type { Shown } from "../shown/shown.ts"
import { mutedBy, mutesOf, ranks, toldOf } from "./mutes.ts"
import { newsOf } from "./news.ts"
import { orphanRows } from "./orphans.ts"
import { accountsAt, groupsAt, plansAt, standingIn } from "./standing.ts"

export type Item = typeof Attention.Encoded
/** What stands, whoever has muted it. */
export type Row = Omit<Item, "muted">

/** How long AWS leaves an instance that it has warned of, in milliseconds. Source: EC2, Spot interruption notices. */
export const noticeMs = 120_000
/** An approval that ends so soon is urgent. */
const urgentMs = 3_600_000

const pendingRow = (plan: OpenPlan, now: number): Row => ({
  id: `approval:${plan.hash}`,
  kind: "approval",
  severity: plan.expiresAt - now < urgentMs ? "critical" : "warning",
  title: `${count(plan.moves, "swap")} in ${plan.ref.group} wait for a yes`,
  why: `worth ${money(plan.monthlySavings)} a month; nothing is done before a person says yes`,
  account: plan.ref.account,
  deadlineAt: plan.expiresAt,
  since: null,
  link: `/approvals/${plan.hash}`
})

const stuckRows = (plan: OpenPlan): ReadonlyArray<Row> => {
  const row = {
    kind: "stuck",
    severity: "critical",
    account: plan.ref.account,
    deadlineAt: null,
    since: null,
    why: "it can go neither on nor back: mend what stopped it and let it go on, or reject its plan"
  } as const
  const swaps = plan.inFlight.filter(({ stuck }) => stuck)
  const title = `A swap in ${plan.ref.group} is stuck`
  if (swaps.length > 0) {
    return swaps.map(({ swap, stuckAt }) => {
      const link = `/sagas/${encodeURIComponent(swap)}`
      // told to go on and stuck again, it speaks again to whoever had muted it
      return { ...row, id: `stuck:${swap}`, title, link, since: stuckAt ?? null }
    })
  }
  return plan.status === "stuck" ? [{ ...row, id: `stuck:${plan.hash}`, title, link: `/approvals/${plan.hash}` }] : []
}

const refusedRow = ({ account, name, reason, answeredAt }: Account): Row => ({
  id: `account-refused:${account}`,
  kind: "account-refused",
  severity: "critical",
  title: `Account ${name} refuses us`,
  why: reason ?? "it gives no reason: check the role and its external id",
  account,
  deadlineAt: null,
  since: answeredAt ?? null,
  link: "/accounts"
})

const stoppedRow = (moment: Moment, tenant: TenantId, { account, name }: Account): ReadonlyArray<Row> => {
  const desk = deskOf(moment, tenant, account)?.value
  if (desk === undefined || desk.stop === "run") return []
  const what = desk.stop === "halt" ? "turns its swaps back and begins none" : "begins no swaps"
  return [
    {
      id: `stopped:${account}`,
      kind: "stopped",
      severity: "warning",
      title: `Account ${name} is stopped`,
      why: `it ${what} until somebody lets it go on`,
      account,
      deadlineAt: null,
      since: desk.stopAt ?? null,
      link: "/policies"
    }
  ]
}

/** Remarks are of the present only: of the past nobody can say how old a sweep was. */
const unsweptRows = (moment: Moment, now: number, one: Account, wanted: Wanted): ReadonlyArray<Row> =>
  one.regions.flatMap((region): ReadonlyArray<Row> => {
    if (!moment.isLive || one.status === "refused" || !isWanted(wanted, { account: one.account, region })) return []
    const swept = moment.remark(sweepDone, key(one.account, region))?.value.startedAt
    const since = swept ?? one.since
    if (now - since <= inventoryAgeMsMax) return []
    const how = swept === undefined ? "was never swept" : `was last swept ${span(now - swept)} ago`
    return [
      {
        id: `unswept:${one.account}:${region}`,
        kind: "unswept",
        severity: "warning",
        title: `${region} of ${one.name} ${how}`,
        why: "nothing is decided on data that old: see whether discovery runs and the account answers",
        account: one.account,
        deadlineAt: null,
        since,
        link: "/monitor"
      }
    ]
  })

const exposureRows = (moment: Moment, tenant: TenantId, wanted: Wanted): ReadonlyArray<Row> => {
  const spot = standingIn(groupsAt(moment, tenant, wanted)).filter(({ member }) => member.lifecycle === "spot")
  return [...Map.groupBy(spot, ({ pool }) => pool)].flatMap(([token, ours]): ReadonlyArray<Row> => {
    const risk = moment.get(pools, token)?.value
    if (risk === undefined || isOpenAt(risk, moment.at) || risk.gate._tag !== "poisoned") return []
    const owners = new Set(ours.map(({ group }) => group.account))
    const [only] = owners.size === 1 ? owners : []
    const until = written(risk.gate.until)
    // where a person's word outlasts what was lost there, or nothing was, the reason is his
    const held = risk.held?.until === risk.gate.until ? risk.held : undefined
    return [
      {
        id: `poisoned:${token}`,
        kind: "poisoned-exposure",
        severity: "critical",
        title: `${count(ours.length, "instance")} in quarantined ${risk.pool.instanceType} in ${risk.pool.zone}`,
        why:
          held === undefined
            ? `the pool is quarantined until ${until}: what runs there may be taken as well`
            : `a person keeps the pool shut until ${until}: ${held.because}`,
        account: only ?? null,
        deadlineAt: null,
        since: held?.at ?? (Math.max(...risk.hits.map(({ at }) => at), 0) || null),
        link: `/risk/${encodeURIComponent(token)}`
      }
    ]
  })
}

const interruptionRow = ({ seq, at, account, about, says, severity }: Shown): Row => ({
  id: `interruption:${about}`,
  kind: "interruption",
  severity,
  title: says,
  why: "AWS takes it two minutes after its warning; its group starts another one",
  account: account as Row["account"],
  deadlineAt: at + noticeMs,
  since: at,
  link: `/trace/${seq}`
})

/** Instances that are being taken right now. */
const interruptionRows = (reach: Reach, tenant: TenantId, wanted: Wanted, now: number) =>
  Effect.map(newsOf(reach, tenant, spotInterrupted, { since: now - noticeMs }), (news) =>
    news
      .filter(({ at, body }) => {
        const pool = (body as { readonly pool?: { readonly region?: unknown } } | null)?.pool
        return at >= now - noticeMs && at <= now && (wanted.region === undefined || pool?.region === wanted.region)
      })
      .map(interruptionRow)
  )

/** What is muted comes last; then by how grave it is, by when somebody must have acted, and by name. */
export const urgency = ({ muted, severity, deadlineAt, id }: Item) => [
  muted === null ? 0 : 1,
  ranks[severity],
  deadlineAt ?? Number.MAX_SAFE_INTEGER,
  id
]

/** Everything that stands and waits; what happened within two minutes is added by whoever asks the ledger. */
export const rowsOf = (moment: Moment, tenant: TenantId, wanted: Wanted, now: number): ReadonlyArray<Row> => {
  const accounts = accountsAt(moment, tenant, wanted)
  const plans = plansAt(moment, tenant, wanted)
  return [
    ...plans.filter(({ status }) => status === "pending").map((plan) => pendingRow(plan, now)),
    ...plans.flatMap(stuckRows),
    ...accounts.filter(({ status }) => status === "refused").map(refusedRow),
    ...accounts.flatMap((one) => stoppedRow(moment, tenant, one)),
    ...accounts.flatMap((one) => unsweptRows(moment, now, one, wanted)),
    ...exposureRows(moment, tenant, wanted)
  ]
}

/** The same with what the ledger and the end of the log tell of the last minutes. */
export const everyRowOf = (reach: Reach, tenant: TenantId, wanted: Wanted, now: number) =>
  Effect.map(
    Effect.all([interruptionRows(reach, tenant, wanted, now), orphanRows(reach, tenant, wanted, now)], {
      concurrency: "unbounded"
    }),
    ([taken, orphans]) => [...rowsOf(reach.moment, tenant, wanted, now), ...taken, ...orphans]
  )

export const attentionOf = Effect.fn("listAttention")(function* (question: Asked<typeof listAttention>) {
  const { query, caller } = question
  const reach = yield* reachOf(caller.tenant, query)
  const { isLive, at } = reach.moment
  const now = isLive ? question.now : at
  const [rows, mutes] = yield* Effect.all(
    // of an earlier moment nobody has kept what was muted in it
    [everyRowOf(reach, caller.tenant, query, now), isLive ? mutesOf(caller.tenant) : Effect.succeed([])],
    { concurrency: "unbounded" }
  )
  const items = rows.map((row): Item => ({ ...row, muted: toldOf(mutedBy(mutes, row, now)) }))
  return yield* paged(containing(items, query.q), urgency, query, reach.asOf)
})
