/** Why, and why not: a decision of the caller's tenant with everything that it rested on. */
import { Effect, Result } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { getExplanation } from "../../schemas/api/explain.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import { AccountId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { found } from "../explain/decisions.ts"
import { reasonsFor } from "../explain/explanation.ts"
import { policyBefore } from "../explain/ground.ts"
import { notFound } from "../refused.ts"
import { type Route, route } from "../route.ts"
import { Rows } from "../rows.ts"
import { shownTo } from "../shown/shown.ts"
import { tagged } from "../tagged.ts"

const wordIn = (body: unknown, field: "region" | "group"): string | null => {
  const value = typeof body === "object" && body !== null ? Reflect.get(body, field) : undefined
  return typeof value === "string" ? value : null
}

export const explain: ReadonlyArray<Route> = [
  route(getExplanation, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* (yield* Rows).moment(query.at)
      const stored = yield* found(moment, tenant, params.id)
      const view = shownTo(tenant, (account) => moment.get(accounts, key(account))?.value.tenant, stored)
      const account = view === undefined ? undefined : decodeAs(AccountId, view.account)
      // what is another tenant's is answered like what is not there, and so is what is about no account
      if (view === undefined || account === undefined || Result.isFailure(account))
        return yield* notFound(`${params.id} names no decision about an account of yours`)
      const { kind, inputs, ...reasons } = yield* reasonsFor(moment, stored)
      const isDecision = kind !== "other"
      const whose = { tenant, account: account.success }
      const inForce = isDecision ? yield* policyBefore(yield* Warehouse, whose, stored.seq, stored.at) : undefined
      return tagged({
        seq: stored.seq,
        at: stored.at,
        kind,
        account: account.success,
        region: wordIn(view.body, "region"),
        group: wordIn(view.body, "group"),
        outcome: view.says,
        inputs: inForce === undefined ? inputs : [...inputs, inForce.input],
        ...reasons,
        policy: inForce?.policy ?? null,
        correlation: view.correlation,
        asOf: moment.asOf
      })
    })
  )
]
