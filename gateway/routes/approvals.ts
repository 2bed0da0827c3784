/** What waits for a person's yes: plans with their moves, and the decision on exactly what was shown. */
import { Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import {
  type ApprovalDetail,
  getApproval,
  listApprovals,
  postApprove,
  postDecision,
  postReject
} from "../../schemas/api/approvals.ts"
import type { Digest, TenantId } from "../../schemas/ids.ts"
import { decide } from "../approvals/decision.ts"
import { type Asking, closedOf, laidOf } from "../approvals/desk-log.ts"
import { type Approved, compositionBefore, wordOn } from "../approvals/plan-word.ts"
import { type ApprovalJson, closedView, deskView, keyOnDesk, onDesks, versionOf } from "../approvals/views.ts"
import { accountsOf, type Wanted } from "../fleet/scope.ts"
import { upToOf } from "../ledger-rows.ts"
import { containing, type Paged, paged, pageFrom, placeIn, sequenceIn } from "../paging.ts"
import { notFound, unavailable } from "../refused.ts"
import { Answer, type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"
import { tagged } from "../tagged.ts"

const askingOf = (moment: Moment, tenant: TenantId): Asking => ({
  tenant,
  accounts: accountsOf(moment, tenant).map(([, { value }]) => value.account),
  upTo: upToOf(moment)
})

type Query = Paged & Wanted & { readonly q?: string; readonly status?: ApprovalJson["status"] }

/** Plans that ended, newest first. */
const listClosed = (moment: Moment, tenant: TenantId, query: Query) =>
  Effect.gen(function* () {
    const place = yield* placeIn(query)
    const after = (yield* sequenceIn(place)) ?? 0
    const store = yield* Warehouse
    const asking = askingOf(moment, tenant)
    const { q, limit } = query
    const closed = yield* closedOf(store, asking, { ...query, q, after, limit: limit + 1 })
    const page = pageFrom(closed, ({ seq }) => [seq], query, moment.asOf, place)
    const hashes = page.items.map(({ fact }) => fact.hash)
    const laid = yield* laidOf(store, asking, hashes)
    return { ...page, items: page.items.map((one) => closedView(one, laid.get(one.fact.hash))) }
  })

/** Plans that wait or run. */
const listOnDesk = (moment: Moment, tenant: TenantId, query: Query) =>
  Effect.gen(function* () {
    const found = onDesks(moment, tenant, query).filter(
      (one) =>
        (query.status === undefined || one.plan.status === query.status) &&
        containing([deskView(one, undefined)], query.q).length > 0
    )
    const page = yield* paged(found, keyOnDesk, query, moment.asOf)
    const hashes = page.items.map(({ plan }) => plan.hash)
    const laid = yield* laidOf(yield* Warehouse, askingOf(moment, tenant), hashes)
    return { ...page, items: page.items.map((one) => deskView(one, laid.get(one.plan.hash))) }
  })

/** A plan of the tenant, wherever it stands, with the version that a decision must name; null where it ended. */
const planOf = (moment: Moment, tenant: TenantId, id: Digest) =>
  Effect.gen(function* () {
    const store = yield* Warehouse
    const asking = askingOf(moment, tenant)
    const laid = (yield* laidOf(store, asking, [id])).get(id)
    const found = onDesks(moment, tenant).find(({ plan }) => plan.hash === id)
    if (found !== undefined) return { view: deskView(found, laid), version: versionOf(found), ref: found.plan.ref }
    const [closed] = yield* closedOf(store, asking, { hash: id, after: 0, limit: 1 })
    if (closed === undefined) return undefined
    return { view: closedView(closed, laid), version: `${id.slice(0, 16)}-closed-${closed.seq}`, ref: closed.fact }
  })

const detailOf = (
  view: ApprovalJson,
  { plan }: Approved,
  before: (typeof ApprovalDetail.Encoded)["before"],
  asOf: number
): typeof ApprovalDetail.Encoded => ({
  ...view,
  preset: plan.preset,
  floors: plan.floors,
  before,
  after: plan.target,
  swaps: plan.moves,
  asOf
})

export const approvals: ReadonlyArray<Route> = [
  route(listApprovals, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const isClosed = query.status === "closed"
      return tagged(yield* isClosed ? listClosed(moment, tenant, query) : listOnDesk(moment, tenant, query))
    })
  ),
  route(getApproval, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const found = yield* planOf(moment, tenant, params.id)
      if (found === undefined) return yield* notFound(`no plan ${params.id} is, or was, on a desk of yours`)
      const store = yield* Warehouse
      const word = yield* wordOn(store, moment, found.ref, params.id)
      if (word === undefined) {
        return yield* unavailable("what the enforcer said of this plan is not booked yet: ask again in a moment")
      }
      const before = yield* compositionBefore(store, moment, word)
      return new Answer(detailOf(found.view, word, before, moment.asOf), { etag: found.version, isVersion: true })
    })
  ),
  route(postDecision, ({ params, body, ifMatch, caller, correlationId }) =>
    decide({ id: params.id, says: body.decision, because: body.because, ifMatch, caller, correlationId })
  ),
  route(postApprove, ({ params, body, ifMatch, caller, correlationId }) =>
    decide({ id: params.id, says: "approve", because: body.because, ifMatch, caller, correlationId })
  ),
  route(postReject, ({ params, body, ifMatch, caller, correlationId }) =>
    decide({ id: params.id, says: "reject", because: body.because, ifMatch, caller, correlationId })
  )
]
