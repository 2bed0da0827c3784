/** A person's yes or no to exactly what was shown: refused where it is another thing by now. */
import { Effect } from "effect"
import type { Receipt } from "../../schemas/api/page.ts"
import type { Bus } from "../../bus/bus.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { GrantApproval, grantApproval, RefuseApproval, refuseApproval } from "../../schemas/approval.ts"
import type { Digest } from "../../schemas/ids.ts"
import type { Caller } from "../caller.ts"
import { upToOf } from "../ledger-rows.ts"
import { order } from "../order.ts"
import { conflict, notFound, preconditionRequired, type Refused, stale } from "../refused.ts"
import { type Moment, Rows } from "../rows.ts"
import { accountsOf } from "../fleet/scope.ts"
import { closedOf } from "./desk-log.ts"
import { deskView, onDesks, versionOf } from "./views.ts"

type Receipted = (typeof Receipt)["Type"]

export interface Decision {
  readonly id: Digest
  readonly says: "approve" | "reject"
  readonly because: string
  readonly ifMatch: string | undefined
  readonly caller: Caller
  readonly correlationId: string
}

/** Nothing of this hash is on a desk of the tenant: it ended, or was never his. */
const gone = (moment: Moment, { id, caller }: Decision) =>
  Effect.gen(function* () {
    const accounts = accountsOf(moment, caller.tenant).map(([, { value }]) => value.account)
    const asking = { tenant: caller.tenant, accounts, upTo: upToOf(moment) }
    const [closed] = yield* closedOf(yield* Warehouse, asking, { hash: id, after: 0, limit: 1 })
    return closed === undefined
      ? notFound(`no plan ${id} is on a desk of yours`)
      : conflict(`the plan was closed: ${closed.fact.because}; what is planned of the group now has another id`)
  })

export const decide = (decision: Decision): Effect.Effect<Receipted, Refused, Bus | Warehouse | Rows> =>
  Effect.gen(function* () {
    const { id, says, because, ifMatch, caller, correlationId } = decision
    const moment = yield* (yield* Rows).moment(undefined)
    const found = onDesks(moment, caller.tenant).find(({ plan }) => plan.hash === id)
    if (found === undefined) return yield* yield* gone(moment, decision)
    if (ifMatch === undefined) return yield* preconditionRequired("Send If-Match with the ETag of the plan you read.")
    const version = versionOf(found)
    const { plan } = found
    if (ifMatch !== version)
      return yield* stale(`the plan is ${plan.status} by now: look at it again`, version, deskView(found, undefined))
    if (plan.status === "pending" && moment.at >= plan.expiresAt)
      return yield* conflict("the plan has expired: a new one is made on fresh prices")
    // a no also gives a stuck group free again, once a person has put it right
    const isAsked = plan.status === "pending" || (says === "reject" && plan.status === "stuck")
    if (!isAsked) {
      const by = plan.approvedBy === null ? "" : `, approved by ${plan.approvedBy}`
      return yield* conflict(`the plan is ${plan.status}${by}: only what is pending is decided on`)
    }
    const said = { ...plan.ref, hash: id, by: caller.name, because }
    return says === "approve"
      ? yield* order(grantApproval, new GrantApproval(said), correlationId)
      : yield* order(refuseApproval, new RefuseApproval(said), correlationId)
  })
