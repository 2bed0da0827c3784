/** What became of an order: the facts that were decided on it, or that whom it was for is done with it without any. */
import { Effect, Schema } from "effect"
import { Bus, type Standing, type Stored } from "../../bus/bus.ts"
import { matches, tokensOf } from "../../schemas/message.ts"
import { redrive } from "../../schemas/redrive.ts"
import { resumeOrdered, swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { columns, messagesBy } from "../history/logged.ts"
import { type Reach, reachOf, silentLog } from "../history/reach.ts"
import { asked, Count } from "../ledger-rows.ts"
import { notFound } from "../refused.ts"
import { forWhom, mayHear, type Shown } from "../shown/shown.ts"

/** How long an order may go without a fact before its silence means something where the bus does not say; ms. */
const patienceMs = 10_000

const oneSql = `SELECT ${columns} FROM events WHERE seq = {seq:UInt64} AND seq <= {booked:UInt64} LIMIT 1`
const factsSql = `SELECT ${columns} FROM events
  WHERE cause = {cause:UInt64} AND seq > {seq:UInt64} AND seq <= {booked:UInt64} AND kind = 'evt'
    AND ({owner:String} = '' OR owner = {owner:String}) ORDER BY seq LIMIT 100`
const settledSql = `SELECT ${columns} FROM events
  WHERE name = {name:String} AND about = {about:String} AND account = {account:String}
    AND seq > {seq:UInt64} AND seq <= {booked:UInt64}
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

const isRedriven = ({ name }: Shown): boolean => name === redrive.name
const aboutSwaps: ReadonlySet<string> = new Set([swapOrdered.name, resumeOrdered.name])

/**
 * What facts name as their cause where they were decided on this order. A redrive's hearer decides on the message that
 * it hears again, as if it heard it for the first time: that one is the cause of what follows from the redrive.
 */
const causeOf = (order: Shown) =>
  isRedriven(order) ? { cause: Number(order.about), owner: order.owner } : { cause: order.seq, owner: "" }

/** Facts that were decided on it; of a swap, whose executor names no cause, how it ended. Whosever they are. */
const factsOf = (reach: Reach, order: Shown) =>
  Effect.gen(function* () {
    const { booked, store } = reach
    const { seq, about, account } = order
    const isSwap = aboutSwaps.has(order.name)
    const by = causeOf(order)
    const found = isSwap
      ? yield* messagesBy(store, settledSql, { name: swapSettled.name, about, account, seq, booked })
      : yield* messagesBy(store, factsSql, { ...by, seq, booked })
    const behind = reach.tail.filter((one) => {
      const { view } = forWhom(one)
      if (view.kind !== "fact" || view.seq <= seq) return false
      if (isSwap) return view.name === swapSettled.name && view.about === about && view.account === account
      return view.cause === by.cause && (by.owner === "" || view.owner === by.owner)
    })
    return [...found, ...behind]
  })

/**
 * Have all who hear it settled it? `standings` were read before the facts were looked for, and who decides on an order
 * appends what he says before he settles it: what is not found then will never come, however young the order is.
 */
const isSettledBy = (standings: ReadonlyArray<Standing>, { subject, seq }: Stored): boolean => {
  const hearers = standings.filter(({ filter }) => matches(filter, subject))
  return hearers.length > 0 && hearers.every(({ settled }) => settled >= seq)
}

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

/** Whoever does not hear of the bus how things stand waits as long as anybody would, and looks at who has gone past. */
const standingsNow = Bus.use((bus) => bus.standings).pipe(Effect.orElseSucceed((): ReadonlyArray<Standing> => []))

export const commandOf = Effect.fn("getCommand")(function* (tenant: string, id: string, now: number) {
  const none = notFound(`no order ${id} of yours is in the log`)
  if (!/^[1-9]\d{0,14}$/.test(id)) return yield* none
  const standings = yield* standingsNow
  const reach = yield* reachOf(tenant, {})
  const stored = yield* orderAt(reach, Number(id))
  const [order] = stored === undefined ? [] : told(reach, tenant)(stored)
  if (stored === undefined || order === undefined || order.kind !== "order") return yield* none
  const found = yield* factsOf(reach, order)
  const facts = found.flatMap(told(reach, tenant))
  const isSilent = found.length === 0 && reach.isToHead && isSettledBy(standings, stored)
  const isLate = facts.length === 0 && now - order.at > patienceMs
  const isUnmoved = isSilent || (isLate && (yield* isPassed(reach, order)))
  // what came of a redrive may be somebody else's: that it was answered is its sender's to know
  const isAnswered = facts.length > 0 || (isRedriven(order) && found.length > 0)
  const { seq, at, name, about } = order
  const status = isAnswered ? ("answered" as const) : isUnmoved ? ("no-change" as const) : ("accepted" as const)
  return { id, seq, at, name, about, status, facts }
})
