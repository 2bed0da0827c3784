/** One swap whole: its journal, its steps as bars, its calls, and the capacity of its group meanwhile. */
import { Effect, Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import type { SagaDetail } from "../../schemas/api/operations.ts"
import { encodeAs, unseal } from "../../schemas/envelope.ts"
import { groupSeen, groupToken } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { journalFilter, matches, tokensOf } from "../../schemas/message.ts"
import { Move } from "../../schemas/safe-plan.ts"
import { columns, messagesBy } from "../history/logged.ts"
import { type Reach, reachOf } from "../history/reach.ts"
import { notFound } from "../refused.ts"
import { barsOf } from "./bars.ts"
import { callNames, callsIn, isOfCall } from "./calls.ts"
import { journalled, type Read, readEntry, sagaOf, statusOf } from "./view.ts"

/** Entries that are shown, at most: beyond, the beats that only renew a lease are left out. */
const entriesMax = 2_000

const entriesSql = `SELECT ${columns} FROM events
  WHERE kind = 'jrn' AND about = {about:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
    AND ({beats:Bool} OR JSONExtractString(body, 'body', 'mark') != 'beat')
  ORDER BY seq LIMIT ${entriesMax}`
const callsSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name IN {names:Array(String)} AND account = {account:String}
    AND seq > {from:UInt64} AND seq <= {booked:UInt64} AND JSONExtractString(body, 'body', 'saga') = {saga:String}
  ORDER BY seq LIMIT 5000`
/** How the group was just before, then each time that a sweep saw it otherwise. */
const groupsSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name = {name:String} AND about = {about:String} AND account = {account:String}
    AND seq <= {booked:UInt64} AND seq <= {to:UInt64} AND seq >= (
      SELECT max(seq) FROM events WHERE kind = 'evt' AND name = {name:String} AND about = {about:String}
        AND account = {account:String} AND seq <= {from:UInt64})
  ORDER BY seq LIMIT 1000`

const journalOf = (reach: Reach, id: string) =>
  Effect.gen(function* () {
    const about = key(id)
    const params = { about, accounts: reach.accounts, booked: reach.booked }
    const all = yield* messagesBy(reach.store, entriesSql, { ...params, beats: true })
    const booked =
      all.length < entriesMax ? all : yield* messagesBy(reach.store, entriesSql, { ...params, beats: false })
    const own = new Set(reach.accounts)
    const behind = reach.tail.filter(({ subject }) => {
      const tokens = tokensOf(subject)
      return matches(journalFilter, subject) && tokens?.about === about && own.has(tokens.account)
    })
    return [...booked, ...behind].flatMap((stored) => readEntry(stored) ?? [])
  })

const isWithin = (from: number, to: number) => (stored: Stored) => stored.seq >= from && stored.seq <= to

type Capacity = (typeof SagaDetail.Type)["capacity"][number]

const capacityIn = (messages: ReadonlyArray<Stored>): ReadonlyArray<Capacity> =>
  messages.flatMap(({ data }) => {
    const seen = unseal(groupSeen, data)
    if (Result.isFailure(seen)) return []
    const { readAt, desired, members } = seen.success
    return [{ at: readAt, desired, inService: members.filter(({ state }) => state === "InService").length }]
  })

/** The group while the swap ran: one look before, and one after where it has ended. */
const capacityOf = (reach: Reach, first: Read, last: Read) =>
  Effect.gen(function* () {
    const { account, region, group } = first.order
    const about = groupToken({ account, region, group })
    const isOver = statusOf(last.entry) !== "running"
    const to = isOver ? last.seq : Number.MAX_SAFE_INTEGER
    const params = { name: groupSeen.name, about, account, booked: reach.booked, from: first.seq, to }
    const booked = yield* messagesBy(reach.store, groupsSql, params)
    const behind = reach.tail
      .filter(({ subject }) => matches(groupSeen.filter, subject) && tokensOf(subject)?.about === about)
      .filter(isWithin(first.seq, to))
    return capacityIn([...booked, ...behind])
  })

const callsOf = (reach: Reach, tenant: string, { seq, entry }: Read) =>
  Effect.gen(function* () {
    const { account, id: saga } = entry
    const params = { names: callNames, account, from: seq, booked: reach.booked, saga }
    const booked = yield* messagesBy(reach.store, callsSql, params)
    const behind = reach.tail.filter((one) => isOfCall(one) && tokensOf(one.subject)?.account === account)
    const calls = callsIn(tenant, [...booked, ...behind]).filter(({ item }) => item.saga === saga)
    return calls.map(({ item }) => item).reverse()
  })

/** The journal of a swap of the tenant's; what is another's is not there. */
const ownJournal = (reach: Reach, tenant: string, id: string) =>
  Effect.gen(function* () {
    const entries = (yield* journalOf(reach, id)).filter(({ entry }) => entry.tenant === tenant && entry.id === id)
    const [first, last] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined) {
      return yield* notFound(`no swap ${id} has begun in an account of yours`)
    }
    return { entries, first, last }
  })

/** How a swap of the tenant's stands now. */
export const sagaNow = Effect.fn("getSagaNow")(function* (tenant: string, id: string) {
  return sagaOf((yield* ownJournal(yield* reachOf(tenant, {}), tenant, id)).last)
})

/** A swap of the tenant's, whole. */
export const sagaDetail = Effect.fn("getSaga")(function* (
  tenant: string,
  id: string,
  query: { readonly account?: string; readonly at?: string }
) {
  const reach = yield* reachOf(tenant, query)
  const { entries, first, last } = yield* ownJournal(reach, tenant, id)
  const [calls, capacity] = yield* Effect.all([callsOf(reach, tenant, first), capacityOf(reach, first, last)], {
    concurrency: 2
  })
  return {
    ...sagaOf(last),
    move: encodeAs(Move, last.order.move) as typeof Move.Encoded,
    steps: barsOf(
      last.entry.saga,
      entries.map(({ entry }) => entry),
      calls
    ),
    entries: entries.map(journalled),
    capacity,
    asOf: reach.asOf
  }
})
