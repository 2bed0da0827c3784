/** What became of an order: the facts that were decided on it, or that whom it was for has gone past it. */
import { Effect, Schema } from "effect"
import { Bus, type Stored } from "../../bus/bus.ts"
import { tokensOf } from "../../schemas/message.ts"
import { swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { columns, messagesBy } from "../history/logged.ts"
import { type Reach, reachOf, silentLog } from "../history/reach.ts"
import { asked, Count } from "../ledger-rows.ts"
import { notFound } from "../refused.ts"
import { forWhom, mayHear, type Shown } from "../shown/shown.ts"

/** How long an order may go without a fact before its silence means something, in milliseconds. */
const patienceMs = 10_000

const oneSql = `SELECT ${columns} FROM events WHERE seq = {seq:UInt64} AND seq <= {booked:UInt64} LIMIT 1`
const factsSql = `SELECT ${columns} FROM events
  WHERE cause = {seq:UInt64} AND seq > {seq:UInt64} AND seq <= {booked:UInt64} AND kind = 'evt' ORDER BY seq LIMIT 100`
const settledSql = `SELECT ${columns} FROM events
  WHERE name = {name:String} AND about = {about:String} AND account = {account:String} AND seq <= {booked:UInt64}
  ORDER BY seq DESC LIMIT 1`
const Heard = Schema.Struct({ cause: Count })
const heardSql = `SELECT toInt64(max(cause)) AS cause FROM events
  WHERE owner = {owner:String} AND kind = 'evt' AND seq > {seq:UInt64} AND seq <= {booked:UInt64}`

const told = (reach: Reach, tenant: string) => (stored: Stored) => {
  const { audience, view } = forWhom(stored)
  return mayHear(tenant, reach.ownerOf, audience) ? [view] : []
}

/** From the log where it still has it, else from the ledger. */
const orderAt = (reach: Reach, seq: number) =>
  Effect.gen(function* () {
    const [found] = yield* Bus.use((bus) => bus.scan(seq - 1, 1)).pipe(Effect.mapError(silentLog))
    if (found?.seq === seq) return found
    return (yield* messagesBy(reach.store, oneSql, { seq, booked: reach.booked }))[0]
  })

/** Facts that name it as their cause; of a swap, whose executor names none, how it ended. */
const factsOf = (reach: Reach, tenant: string, order: Shown) =>
  Effect.gen(function* () {
    const { booked } = reach
    const isSwap = order.name === swapOrdered.name
    const { account } = order
    const swap = { name: swapSettled.name, about: order.about, account, booked }
    const found = isSwap
      ? yield* messagesBy(reach.store, settledSql, swap)
      : yield* messagesBy(reach.store, factsSql, { seq: order.seq, booked })
    const behind = reach.tail.flatMap(told(reach, tenant)).filter((view) => {
      if (view.kind !== "fact") return false
      return isSwap ? view.name === swap.name && view.about === swap.about : view.cause === order.seq
    })
    return [...found.flatMap(told(reach, tenant)), ...behind]
  })

/** Has whom it was for decided on anything that was said after it? Orders to one owner are heard in turn. */
const isPassed = (reach: Reach, order: Shown) =>
  Effect.gen(function* () {
    const { owner, seq } = order
    const rows = yield* asked(reach.store, Heard, heardSql, { owner, seq, booked: reach.booked })
    const behind = reach.tail
      .filter(({ subject }) => tokensOf(subject)?.owner === owner)
      .map((one) => forWhom(one).view)
    const newest = Math.max(0, ...rows.map(({ cause }) => cause), ...behind.map(({ cause }) => cause ?? 0))
    return newest > seq
  })

export const commandOf = Effect.fn("getCommand")(function* (tenant: string, id: string, now: number) {
  const none = notFound(`no order ${id} of yours is in the log`)
  if (!/^[1-9]\d{0,14}$/.test(id)) return yield* none
  const reach = yield* reachOf(tenant, {})
  const stored = yield* orderAt(reach, Number(id))
  const [order] = stored === undefined ? [] : told(reach, tenant)(stored)
  if (order === undefined || order.kind !== "order") return yield* none
  const facts = yield* factsOf(reach, tenant, order)
  const isLate = now - order.at > patienceMs
  const isUnmoved = facts.length === 0 && isLate && (yield* isPassed(reach, order))
  const { seq, at, name, about } = order
  const status = facts.length > 0 ? ("answered" as const) : isUnmoved ? ("no-change" as const) : ("accepted" as const)
  return { id, seq, at, name, about, status, facts }
})
