/** Calls that change something: the record before and the outcome after, as one. */
import { Effect, Result, Schema } from "effect"
import type { Stored } from "../../bus/bus.ts"
import type { listAudit } from "../../schemas/api/operations.ts"
import { type CallBegun, callBegun, type CallEnded, callEnded } from "../../schemas/audit.ts"
import { unseal } from "../../schemas/envelope.ts"
import { key } from "../../schemas/key.ts"
import { matches, tokensOf } from "../../schemas/message.ts"
import { Count, asked } from "../ledger-rows.ts"
import { byPortions, columns, messagesBy } from "../history/logged.ts"
import { type Reach, reachOf } from "../history/reach.ts"
import { sifted } from "../history/sift.ts"
import { containing } from "../paging.ts"
import { notFound } from "../refused.ts"
import type { Asked } from "../route.ts"
import type { Call } from "./bars.ts"

/** Names of the two records. */
export const callNames = [callBegun.name, callEnded.name]

export const isOfCall = ({ subject }: Stored): boolean =>
  matches(callBegun.filter, subject) || matches(callEnded.filter, subject)

interface Records {
  readonly seq: number
  readonly begun?: CallBegun
  readonly ended?: CallEnded
}

/** What cannot be read is left out: its event says so. */
const joined = (was: Records | undefined, { seq, subject, data }: Stored): Records | undefined => {
  const before = { ...was, seq: Math.min(seq, was?.seq ?? seq) }
  if (matches(callBegun.filter, subject)) {
    const begun = unseal(callBegun, data)
    return Result.isSuccess(begun) ? { ...before, begun: begun.success } : was
  }
  const ended = unseal(callEnded, data)
  return Result.isSuccess(ended) ? { ...before, ended: ended.success } : was
}

const viewOf = ({ begun, ended }: Records): Call | undefined => {
  const one = begun ?? ended
  if (one === undefined) return undefined
  const { call, action, account, region, saga, step, by } = one
  const outcome = { outcome: ended?.outcome ?? null, code: ended?.code ?? null }
  const when = { begunAt: begun?.at ?? null, endedAt: ended?.at ?? null }
  return { call, action, account, region, saga, step, by, request: begun?.request ?? "", ...when, ...outcome }
}

/** Calls with the sequence of their first record, newest first. Of each call only messages of this tenant count. */
export const callsIn = (
  tenant: string,
  messages: ReadonlyArray<Stored>
): ReadonlyArray<{ readonly seq: number; readonly item: Call }> => {
  const byCall = new Map<string, Records>()
  for (const message of messages) {
    const about = tokensOf(message.subject)?.about ?? ""
    const records = joined(byCall.get(about), message)
    if (records !== undefined && (records.begun ?? records.ended)?.tenant === tenant) byCall.set(about, records)
  }
  const calls = [...byCall.values()].flatMap((records) => {
    const item = viewOf(records)
    return item === undefined ? [] : [{ seq: records.seq, item }]
  })
  return calls.sort((a, b) => b.seq - a.seq)
}

/** First sequences of calls; then their records. */
const Head = Schema.Struct({ about: Schema.String, first: Count })
const headsSql = `SELECT about, toInt64(min(seq)) AS first FROM events
  WHERE kind = 'evt' AND name IN {names:Array(String)} AND account IN {accounts:Array(String)}
    AND seq <= {booked:UInt64}
    AND ({saga:String} = '' OR JSONExtractString(body, 'body', 'saga') = {saga:String})
  GROUP BY about HAVING first < {before:UInt64} ORDER BY first DESC LIMIT {max:UInt32}`
const recordsSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name IN {names:Array(String)} AND account IN {accounts:Array(String)}
    AND about IN {abouts:Array(String)} AND seq <= {booked:UInt64} AND seq >= {from:UInt64}
  ORDER BY seq LIMIT 10000`

const recordsOf = (reach: Reach, all: ReadonlyArray<string>, from: number) =>
  byPortions(all, (abouts) => {
    const { accounts, booked } = reach
    return messagesBy(reach.store, recordsSql, { names: callNames, accounts, booked, abouts, from })
  })

const fetching = (reach: Reach, tenant: string, saga: string) => {
  const behind = reach.tail.filter(isOfCall)
  const fresh = new Set(behind.map(({ subject }) => tokensOf(subject)?.about ?? ""))
  return (before: number, max: number) =>
    Effect.gen(function* () {
      const { accounts, booked } = reach
      const params = { names: callNames, accounts, booked, saga, before, max }
      const heads = yield* asked(reach.store, Head, headsSql, params)
      const abouts = [...new Set([...heads.map(({ about }) => about), ...fresh])]
      const from = heads.at(-1)?.first ?? 0
      const records = yield* recordsOf(reach, abouts, fresh.size === 0 ? from : 0)
      const next = heads.length < max ? null : (heads.at(-1)?.first ?? null)
      const own = new Set(accounts)
      const all = callsIn(tenant, [...records, ...behind])
      const rows = all.filter(({ seq, item }) => seq < before && seq >= (next ?? 0) && own.has(item.account))
      return { rows, next }
    })
}

type Query = Asked<typeof listAudit>["query"]
const isWanted = (query: Query) => (call: Call) =>
  (query.saga === undefined || call.saga === query.saga) &&
  (query.outcome === undefined || call.outcome === query.outcome) &&
  (query.region === undefined || call.region === query.region) &&
  containing([call], query.q).length > 0

export const auditOf = Effect.fn("listAudit")(function* ({ query, caller }: Asked<typeof listAudit>) {
  const reach = yield* reachOf(caller.tenant, query)
  const wanted = isWanted(query)
  const fetch = fetching(reach, caller.tenant, query.saga ?? "")
  return yield* sifted({ fetch, tell: (call: Call) => (wanted(call) ? call : undefined) }, query, reach.asOf)
})

/** One call by its name. */
export const callOf = Effect.fn("getAudit")(function* (tenant: string, call: string) {
  const reach = yield* reachOf(tenant, {})
  const about = key("call", call)
  const records = yield* recordsOf(reach, [about], 0)
  const behind = reach.tail.filter((one) => isOfCall(one) && tokensOf(one.subject)?.about === about)
  const own = new Set(reach.accounts)
  const found = callsIn(tenant, [...records, ...behind]).find(({ item }) => own.has(item.account))
  return found === undefined ? yield* notFound(`no call ${call} was made in an account of yours`) : found.item
})
