/** Customers' wishes: the policy of each account with its versions, and the stop switch. */
import { Effect, Schema } from "effect"
import { draftOf } from "../../bus/draft.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import type { Account } from "../../schemas/account.ts"
import {
  deletePolicy,
  getPolicy,
  getPolicySchema,
  listPolicies,
  type PolicyView,
  postStop,
  putPolicy
} from "../../schemas/api/approvals.ts"
import { type AccountId, instant, type TenantId } from "../../schemas/ids.ts"
import { productPolicy, SetStop, setStop } from "../../schemas/policy.ts"
import { type Wished, wishesOf } from "../approvals/policy-log.ts"
import { edited, onVersion, policyStanding } from "../approvals/edit.ts"
import { WishedFloors } from "../approvals/wishes.ts"
import type { Caller } from "../caller.ts"
import { accountsOf, deskOf, isWanted, ownAccount } from "../fleet/scope.ts"
import { upToOf } from "../ledger-rows.ts"
import { orderAll } from "../order.ts"
import { containing, paged } from "../paging.ts"
import { Answer, type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"
import { tagged } from "../tagged.ts"

/** What is booked may be a little older than the row: then nobody can say yet who wished what holds. */
const policyView = (moment: Moment, { tenant, account }: Account, wished: Wished = {}): typeof PolicyView.Encoded => {
  const desk = deskOf(moment, tenant, account)?.value
  const held = desk?.policy ?? productPolicy
  const set = wished.policy?.policy.version === held.version ? wished.policy : undefined
  const stopped = wished.stop !== undefined && wished.stop.at === desk?.stopAt ? wished.stop : undefined
  return {
    tenant,
    account,
    policy: held,
    by: set?.by ?? null,
    at: set?.at ?? null,
    stop: desk?.stop ?? "run",
    stopBy: stopped?.by ?? null,
    stopBecause: stopped?.because ?? null,
    stopAt: desk?.stopAt ?? null
  }
}

const wishedAt = (moment: Moment, tenant: TenantId, accounts: ReadonlyArray<AccountId>) =>
  Effect.flatMap(Warehouse, (store) => wishesOf(store, tenant, accounts, upToOf(moment)))

const { body: putBody } = putPolicy
/** Made once: the schema does not change while we run. */
const policySchema = (() => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(
    Schema.Struct({ ...putBody.fields.policy.fields, floors: WishedFloors })
  )
  const named = Object.keys(definitions).length === 0 ? {} : { $defs: definitions }
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Policy", ...schema, ...named }
})()

const reads: ReadonlyArray<Route> = [
  // before the one with a parameter in its place
  route(getPolicySchema, () => Effect.succeed(tagged(policySchema))),
  route(listPolicies, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const accounts = accountsOf(moment, tenant).map(([, { value }]) => value)
      const wanted = accounts.filter(
        ({ account, regions }) =>
          isWanted(query, { account }) && (query.region === undefined || regions.includes(query.region))
      )
      const ids = wanted.map(({ account }) => account)
      const wished = yield* wishedAt(moment, tenant, ids)
      const views = wanted.map((one) => policyView(moment, one, wished.get(one.account)))
      return tagged(yield* paged(containing(views, query.q), ({ account }) => account, query, moment.asOf))
    })
  ),
  route(getPolicy, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const { value } = yield* ownAccount(moment, tenant, params.account)
      const wished = yield* wishedAt(moment, tenant, [value.account])
      const view = policyView(moment, value, wished.get(value.account))
      return new Answer(view, { etag: String(view.policy.version), isVersion: true })
    })
  )
]

/** What an edit begins with, where the account is the caller's and the version the one that he read. */
const standingFor = (caller: Caller, account: AccountId, ifMatch: string | undefined) =>
  Effect.gen(function* () {
    const moment = yield* momentAt()
    yield* ownAccount(moment, caller.tenant, account)
    const standing = yield* policyStanding(moment, { caller, account })
    yield* onVersion(standing, ifMatch)
    return standing
  })

export const policies: ReadonlyArray<Route> = [
  ...reads,
  route(putPolicy, ({ params: { account }, query, body: { policy, because }, ifMatch, caller, correlationId }) =>
    Effect.flatMap(standingFor(caller, account, ifMatch), (standing) =>
      edited(standing, policy, { caller, account, correlationId, because, isDry: query.dryRun === "true" })
    )
  ),
  route(deletePolicy, ({ params: { account }, body: { because }, ifMatch, caller, correlationId }) =>
    Effect.flatMap(standingFor(caller, account, ifMatch), (standing) =>
      edited(standing, productPolicy, { caller, account, correlationId, because, isDry: false })
    )
  ),
  route(postStop, ({ body, caller, correlationId, now }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt()
      const { account: only, stop, because } = body
      const { tenant, name: by } = caller
      const all = accountsOf(moment, tenant).map(([, { value }]) => value.account)
      const meant = only === undefined ? all : [(yield* ownAccount(moment, tenant, only)).value.account]
      const wishes = meant.map((account) => new SetStop({ tenant, account, stop, by, because, at: instant(now) }))
      return {
        commands: yield* orderAll(
          wishes.map((wish) => draftOf(setStop, wish)),
          correlationId
        )
      }
    })
  )
]
