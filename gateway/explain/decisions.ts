/** Finding what is to be explained: by its sequence, by a plan's hash, by a group, or by a swap. */
import { Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { Bus, type Stored } from "../../bus/bus.ts"
import { judgements, outlooks } from "../../schemas/catalogue.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { spotProposed } from "../../schemas/proposal.ts"
import { planApproved, proposalRejected, safeAlternativeFound } from "../../schemas/safety.ts"
import { swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { accountsOf, groupOf } from "../fleet/scope.ts"
import { columns, messagesBy } from "../history/logged.ts"
import { type Store, upToOf } from "../ledger-rows.ts"
import { notFound, type Refused, unavailable } from "../refused.ts"
import type { Moment } from "../rows.ts"

const bySeqSql = `SELECT ${columns} FROM events
  WHERE has({seqs:Array(UInt64)}, seq) AND seq >= {first:UInt64} AND seq <= {last:UInt64} LIMIT 1000`

/** Messages of the log by their sequences, as far as they are booked; at most 1,000. */
export const storedWith = (
  store: Store,
  seqs: ReadonlyArray<number>
): Effect.Effect<ReadonlyArray<Stored>, Refused> => {
  if (seqs.length === 0) return Effect.succeed([])
  const [first, last] = [seqs.reduce((a, b) => Math.min(a, b)), seqs.reduce((a, b) => Math.max(a, b))]
  return messagesBy(store, bySeqSql, { seqs, first, last })
}

/** One message: from the ledger, or from the log itself where it is not booked yet. */
export const storedAt = (seq: number): Effect.Effect<Stored | undefined, Refused, Bus | Warehouse> =>
  Effect.gen(function* () {
    if (seq < 1) return undefined
    const [booked] = yield* storedWith(yield* Warehouse, [seq])
    if (booked !== undefined) return booked
    const down = () => unavailable("the log does not answer: try again in a moment")
    const [found] = yield* Effect.mapError((yield* Bus).scan(seq - 1, 1), down)
    return found?.seq === seq ? found : undefined
  })

/** The enforcer's word on a plan comes before the wish that it was made of. */
const byHashSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND has({names:Array(String)}, name) AND has({accounts:Array(String)}, account)
    AND seq <= {upTo:UInt64} AND (JSONExtractString(body, 'body', 'hash') = {hash:String}
      OR JSONExtractString(body, 'body', 'proposal') = {hash:String})
  ORDER BY owner = 'safety-enforcer' DESC, seq DESC LIMIT 1`
const verdicts = [planApproved.name, safeAlternativeFound.name, proposalRejected.name, spotProposed.name]

/** How a swap ended, or, while it has not, the order for it. */
const bySwapSql = `SELECT ${columns} FROM events
  WHERE has({names:Array(String)}, name) AND about = {about:String} AND has({accounts:Array(String)}, account)
    AND seq <= {upTo:UInt64}
  ORDER BY name = {settled:String} DESC, seq DESC LIMIT 1`

const ofGroup = (moment: Moment, tenant: TenantId, id: string) =>
  Effect.gen(function* () {
    const outlook = moment.get(outlooks, id)
    if (outlook === undefined || outlook.value.ref.tenant !== tenant)
      return yield* notFound(`nothing was decided about group ${id} yet: the next look decides`)
    const judged = moment.get(judgements, id)
    // the verdict on what was proposed says more than the proposal
    const isJudged = judged?.value.proposal === outlook.value.proposed && outlook.value.proposed !== null
    return isJudged && judged !== undefined ? judged.seq : outlook.seq
  })

/** What an id names; fails with a sentence where it names nothing of the tenant's. */
export const found = (moment: Moment, tenant: TenantId, id: string): Effect.Effect<Stored, Refused, Bus | Warehouse> =>
  Effect.gen(function* () {
    const store = yield* Warehouse
    const accounts = accountsOf(moment, tenant).map(([, { value }]) => value.account)
    const shared = { accounts, upTo: upToOf(moment) }
    const none = notFound(`${id} names no decision of yours: a sequence, a plan's hash, a group's id or a swap does`)
    if (/^\d{1,15}$/.test(id)) {
      const seq = Number(id)
      if (!moment.isLive && seq > moment.asOf) return yield* notFound(`${id} had not been said by then`)
      return (yield* storedAt(seq)) ?? (yield* none)
    }
    if (/^[0-9a-f]{64}$/.test(id)) {
      const [message] = yield* messagesBy(store, byHashSql, { ...shared, names: verdicts, hash: id })
      return message ?? (yield* none)
    }
    if (groupOf(moment, tenant, id) !== undefined) {
      return (yield* storedAt(yield* ofGroup(moment, tenant, id))) ?? (yield* none)
    }
    const names = [swapSettled.name, swapOrdered.name]
    const params = { ...shared, names, about: key(id), settled: swapSettled.name }
    const [message] = yield* messagesBy(store, bySwapSql, params)
    return message ?? (yield* none)
  })
