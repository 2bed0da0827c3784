/** Swaps under way and ended, newest begun first: of each the newest entry of its journal, to the end of the log. */
import { Effect, Schema } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { journalFilter, matches } from "../../schemas/message.ts"
import { asked, Count } from "../ledger-rows.ts"
import { byPortions, columns, messagesBy } from "../history/logged.ts"
import { type Reach, reachOf } from "../history/reach.ts"
import { sifted } from "../history/sift.ts"
import { containing, type Paged } from "../paging.ts"
import { readEntry, type Saga, sagaOf } from "./view.ts"

export interface SagaQuery extends Paged {
  readonly account?: string
  readonly region?: string
  readonly at?: string
  readonly q?: string
  readonly status?: Saga["status"] | "ended"
  /** Name or id of a group. */
  readonly group?: string
}

const Head = Schema.Struct({ subject: Schema.String, first: Count, last: Count })
const headsSql = `SELECT subject, toInt64(min(seq)) AS first, toInt64(max(seq)) AS last FROM events
  WHERE kind = 'jrn' AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
  GROUP BY subject HAVING first < {before:UInt64} ORDER BY first DESC LIMIT {max:UInt32}`
const entriesSql = `SELECT ${columns} FROM events WHERE seq IN {seqs:Array(UInt64)} LIMIT 10000`

/** A journal behind the ledger's position: its newest entry, and whether all of it stands there. */
interface Behind {
  readonly first: number
  readonly isWhole: boolean
  readonly newest: Stored
}

const behindOf = (tail: ReadonlyArray<Stored>): ReadonlyMap<string, Behind> => {
  const bySubject = new Map<string, Behind>()
  for (const newest of tail) {
    if (!matches(journalFilter, newest.subject)) continue
    const known = bySubject.get(newest.subject)
    const { first, isWhole } = known ?? { first: newest.seq, isWhole: readEntry(newest)?.entry.n === 1 }
    bySubject.set(newest.subject, { first, isWhole, newest })
  }
  return bySubject
}

/** Journals under `before`, each with its newest entry, which may stand behind the ledger's position. */
const fetching = (reach: Reach) => {
  const behind = behindOf(reach.tail)
  // a journal whose first entry is booked is among the booked ones, further down
  const young = [...behind.values()]
    .filter(({ isWhole }) => isWhole)
    .map(({ first, newest }) => ({ seq: first, item: newest }))
    .sort((a, b) => b.seq - a.seq)
  return (before: number, max: number) =>
    Effect.gen(function* () {
      const params = { accounts: reach.accounts, booked: reach.booked, before, max }
      const heads = yield* asked(reach.store, Head, headsSql, params)
      const seqs = heads.filter(({ subject }) => !behind.has(subject)).map(({ last }) => last)
      const entries = yield* byPortions(seqs, (some) => messagesBy(reach.store, entriesSql, { seqs: some }))
      const newest = new Map(entries.map((stored) => [stored.subject, stored]))
      const booked = heads.flatMap(({ subject, first }) => {
        const item = behind.get(subject)?.newest ?? newest.get(subject)
        return item === undefined ? [] : [{ seq: first, item }]
      })
      const rows = [...young.filter(({ seq }) => seq < before), ...booked]
      return { rows, next: heads.length < max ? null : (heads.at(-1)?.first ?? null) }
    })
}

const isWanted = (query: SagaQuery) => (saga: Saga) =>
  (query.status === undefined ||
    saga.status === query.status ||
    (query.status === "ended" && saga.status !== "running")) &&
  (query.region === undefined || saga.region === query.region) &&
  (query.group === undefined || saga.group === query.group || saga.groupId === query.group) &&
  containing([saga], query.q).length > 0

/** A page of a tenant's swaps. */
export const sagasOf = (tenant: string, query: SagaQuery) =>
  Effect.gen(function* () {
    const reach = yield* reachOf(tenant, query)
    const own = new Set(reach.accounts)
    const wanted = isWanted(query)
    const tell = (stored: Stored) => {
      const read = readEntry(stored)
      if (read === undefined || read.entry.tenant !== tenant || !own.has(read.entry.account)) return undefined
      const saga = sagaOf(read)
      return wanted(saga) ? saga : undefined
    }
    return yield* sifted({ fetch: fetching(reach), tell }, query, reach.asOf)
  })
