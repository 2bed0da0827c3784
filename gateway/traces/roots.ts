/** Where a trace begins: messages that speak of a swap, of a plan, of an instance, or one message by its sequence. */
import { Effect } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { key } from "../../schemas/key.ts"
import { deskWords, plannerWords } from "../shown/plan-words.ts"
import { forWhom, mayHear, type Shown } from "../shown/shown.ts"
import { byPortions, columns, messagesBy } from "../history/logged.ts"
import type { Reach } from "../history/reach.ts"
import type { Refused } from "../refused.ts"
import { swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { swapAborted, swapNoted, swapRetried, swapsReleased } from "../../schemas/approval.ts"

/** How far from a swap's own messages the desk's words on it are looked for, in sequences. */
const nearby = 1_000
/** Messages read for one question; as many mean that the trace is cut off. */
const readMax = 5_000

const own = "account IN {accounts:Array(String)} AND seq <= {booked:UInt64}"
const head = `SELECT ${columns} FROM events WHERE ${own}`
const foot = `ORDER BY seq LIMIT ${readMax}`

const bySeqSql = `SELECT ${columns} FROM events
  WHERE (account IN {accounts:Array(String)} OR account = 'all') AND seq <= {booked:UInt64}
    AND seq IN {seqs:Array(UInt64)} ${foot}`
const causedSql = `SELECT ${columns} FROM events
  WHERE (account IN {accounts:Array(String)} OR account = 'all') AND seq <= {booked:UInt64}
    AND cause IN {seqs:Array(UInt64)} ${foot}`
// Text is looked for before it is parsed: most rows do not hold it at all.
/** A swap's order, journal and end stand under its own key. */
const swapsSql = `${head} AND about IN {abouts:Array(String)}
  AND (kind = 'jrn' OR name IN {names:Array(String)}) ${foot}`
/** Its calls lie between its order and its end; what the desk says of it names it. */
const callsSql = `${head} AND seq >= {from:UInt64} AND seq <= {to:UInt64} AND name IN {names:Array(String)}
  AND multiSearchAny(body, {swaps:Array(String)})
  AND JSONExtractString(body, 'body', 'saga') IN {swaps:Array(String)} ${foot}`
const deskSql = `${head} AND seq >= {from:UInt64} AND seq <= {to:UInt64} AND kind = 'evt'
  AND (name = {released:String} OR name IN {about:Array(String)}) AND multiSearchAny(body, {swaps:Array(String)}) AND (
    (name IN {about:Array(String)} AND JSONExtractString(body, 'body', 'swap') IN {swaps:Array(String)})
    OR (name = {released:String} AND hasAny(
      arrayMap(one -> JSONExtractString(one, 'swap'), JSONExtractArrayRaw(body, 'body', 'swaps')),
      {swaps:Array(String)}))) ${foot}`
const plansSql = `${head} AND name IN {names:Array(String)} AND multiSearchAny(body, {hashes:Array(String)})
  AND (JSONExtractString(body, 'body', 'hash') IN {hashes:Array(String)}
    OR JSONExtractString(body, 'body', 'proposal') IN {hashes:Array(String)}
    OR JSONExtractString(body, 'body', 'plan') IN {hashes:Array(String)}) ${foot}`
const instanceSql = `${head} AND (about IN {abouts:Array(String)}
    OR (name IN {names:Array(String)}
      AND (JSONExtractString(body, 'body', 'move', 'old') = {instance:String}
        OR JSONExtractString(body, 'body', 'replacement') = {instance:String}))) ${foot}`

/** Names of what is said of a plan: by planner, enforcer, desk and people, and the orders under it. */
export const planNames = [...plannerWords, ...deskWords].flatMap(({ road, correlation }) =>
  correlation === undefined ? [] : [road.name]
)
/** Of these, what is said of some of a plan's swaps alone. */
const ofOneSwap = [swapNoted.name, swapAborted.name, swapRetried.name]
const ofSomeSwaps: ReadonlySet<string> = new Set([swapsReleased.name, ...ofOneSwap])

export interface Roots {
  readonly bySeq: (seqs: ReadonlyArray<number>) => Found
  readonly causedBy: (seqs: ReadonlyArray<number>) => Found
  /** Everything of these swaps. */
  readonly ofSwaps: (swaps: ReadonlyArray<string>) => Found
  /** What is said of these plans; with `all` also of their swaps, one by one. */
  readonly ofPlans: (hashes: ReadonlyArray<string>, all: boolean) => Found
  readonly ofInstance: (instance: string) => Found
}
type Found = Effect.Effect<ReadonlyArray<Shown>, Refused>

/** The questions, each as the tenant may have it answered. */
export const rootsOf = (reach: Reach, tenant: string): Roots => {
  const { accounts, booked } = reach
  const told = (messages: ReadonlyArray<Stored>) =>
    messages.flatMap((stored) => {
      const { audience, view } = forWhom(stored)
      return mayHear(tenant, reach.ownerOf, audience) ? [view] : []
    })
  const ask = (sql: string, params: Readonly<Record<string, unknown>>) =>
    Effect.map(messagesBy(reach.store, sql, { accounts, booked, ...params }), told)
  const ofSwaps = (swaps: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const names = [swapOrdered.name, swapSettled.name]
      const under = yield* ask(swapsSql, { abouts: swaps.map((swap) => key(swap)), names })
      const [first, last] = [under[0], under.at(-1)]
      if (first === undefined || last === undefined) return under
      const span = { from: first.seq, to: last.seq, swaps }
      // the order stands in the same batch as its release, behind it; what is said of its end names that as its cause
      const near = { from: Math.max(0, first.seq - nearby), to: last.seq + nearby, swaps }
      const [calls, desk] = yield* Effect.all(
        [
          ask(callsSql, { ...span, names: [callBegun.name, callEnded.name] }),
          ask(deskSql, { ...near, about: ofOneSwap, released: swapsReleased.name })
        ],
        { concurrency: 2 }
      )
      return [...under, ...calls, ...desk]
    })
  return {
    bySeq: (all) => byPortions(all, (seqs) => ask(bySeqSql, { seqs })),
    causedBy: (all) => byPortions(all, (seqs) => ask(causedSql, { seqs })),
    ofSwaps: (all) => byPortions(all, ofSwaps),
    ofPlans: (hashes, all) => {
      const names = [...planNames, ...(all ? [swapOrdered.name] : [])].filter((name) => all || !ofSomeSwaps.has(name))
      return byPortions(hashes, (some) => ask(plansSql, { names, hashes: some }))
    },
    ofInstance: (instance) =>
      ask(instanceSql, {
        abouts: [key("interrupted", instance), key("orphan", instance)],
        names: [swapOrdered.name, swapSettled.name],
        instance
      })
  }
}
