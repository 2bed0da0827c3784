/** How accounts come and go: what a role has to trust, connecting, trying the door, and the end of a connection. */
import { Effect } from "effect"
import {
  ConnectAccount,
  connectAccount,
  DisconnectAccount,
  disconnectAccount,
  VerifyAccount,
  verifyAccount
} from "../../schemas/account.ts"
import { deleteAccount, getTrust, postOnboard, postVerify } from "../../schemas/api/accounts.ts"
import { postAccount } from "../../schemas/api/fleet.ts"
import { awsRegions } from "../../schemas/api/regions.ts"
import { type Desk, flyingOn } from "../../schemas/approval.ts"
import { accounts } from "../../schemas/catalogue.ts"
import type { AccountId, TenantId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import type { Caller } from "../caller.ts"
import { forgetRaise } from "../fleet/raise.ts"
import { deskOf, ownAccount, readAccountsOf } from "../fleet/scope.ts"
import type { Means } from "../identity/identity.ts"
import { externalIdOf, trustPolicyOf } from "../identity/trust.ts"
import { order } from "../order.ts"
import { conflict, type Refused, unprocessable } from "../refused.ts"
import { type Asked, type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"

/** What these routes need of identity. */
export type Trusting = Pick<Means, "entropy"> & { readonly settings: Pick<Means["settings"], "principal"> }

/** More than AWS has; each one costs calls every minute. Source: AWS, "Regions and Availability Zones". */
const regionsMax = 50
/** Each costs a call every minute, of all tenants' time, and proves nothing: enough for who connects many at once. */
const untriedMax = 10
/** Path and name of a role. Source: IAM API Reference, "Role". */
const roleName = String.raw`[\x21-\x7e]{1,576}`

type Wish = Asked<typeof postAccount>["body"]
type Connecting = Pick<Asked<typeof postAccount>, "body" | "caller" | "correlationId" | "now">

/** What is wrong with a wish before anybody is asked; undefined where nothing is. */
const wrongWith = ({ account, regions, roleArn, externalId }: Wish, caller: Caller): Refused | undefined => {
  if (regions.length === 0) return unprocessable("name at least one region that is to be looked at")
  if (regions.length > regionsMax)
    return unprocessable(`name at most ${regionsMax} regions: each is swept every minute`)
  const unknown = regions.filter((region) => !awsRegions.has(region))
  if (unknown.length > 0) return unprocessable(`AWS has no region ${unknown.slice(0, 5).join(", ")}`)
  // whoever could choose it could have us open another tenant's role
  if ((externalId ?? null) !== null)
    return unprocessable("leave out externalId: it is made here, and GET /api/v1/accounts/trust tells yours")
  if (roleArn === null) {
    return caller.superAdmin
      ? undefined
      : unprocessable("name a role: without one our own credentials are used, which whoever runs this service may")
  }
  return new RegExp(`^arn:aws[a-z-]*:iam::${account}:role/${roleName}$`).test(roleArn)
    ? undefined
    : unprocessable(`roleArn is no role of account ${account}: it reads arn:aws:iam::${account}:role/NAME`)
}

/** What stands against one more account, where enough of the tenant's have roles that never let us in. */
const tooManyUntried = (moment: Moment, tenant: TenantId, account: AccountId): Refused | undefined => {
  const read = readAccountsOf(moment, tenant).map(([, { value }]) => value)
  if (read.some((known) => known.account === account)) return undefined
  const untried = read.filter(({ admittedAt }) => admittedAt === undefined).map((known) => known.account)
  if (untried.length < untriedMax) return undefined
  const which = untried.slice(0, untriedMax).join(", ")
  const mend = `mend the role of one, which its verify tells how to, or disconnect one: ${which}`
  return conflict(`${untried.length} connected accounts have never let us in. First ${mend}`)
}

const connect =
  ({ entropy }: Trusting) =>
  ({ body, caller, correlationId, now }: Connecting) =>
    Effect.gen(function* () {
      const wrong = wrongWith(body, caller)
      if (wrong !== undefined) return yield* wrong
      const { tenant } = caller
      const moment = yield* momentAt()
      const known = moment.get(accounts, key(body.account))?.value
      const flying = known?.tenant === tenant ? flyingOn(deskOf(moment, tenant, body.account)?.value) : 0
      if (flying > 0)
        return yield* conflict(`${flying} swaps are under way, and connecting puts it into observe: wait for their end`)
      const tooMany = tooManyUntried(moment, tenant, body.account)
      if (tooMany !== undefined) return yield* tooMany
      // of another tenant's account nothing is told, and nothing that waits there is touched: nobody hears the order
      if (known === undefined || known.tenant === tenant) yield* forgetRaise(body.account)
      const isSameRole = known?.tenant === tenant && known.roleArn === body.roleArn
      const kept = isSameRole ? known.externalId : null
      const externalId = body.roleArn === null ? null : (kept ?? (yield* externalIdOf(entropy, tenant, now)))
      const wish = new ConnectAccount({ ...body, tenant, externalId, mode: "observe", reconnects: true })
      return yield* order(connectAccount, wish, correlationId)
    })

const trust =
  ({ entropy, settings: { principal } }: Trusting) =>
  ({ caller, now }: Asked<typeof getTrust>) =>
    Effect.map(externalIdOf(entropy, caller.tenant, now), (externalId) => ({
      externalId,
      principal,
      trustPolicy: principal === null ? null : trustPolicyOf(principal, externalId)
    }))

/** What stands against leaving now, with what mends it; a plan that is open but stopped can begin nothing. */
const underWay = (desk: Desk | undefined): string | undefined => {
  const plans = desk?.plans ?? []
  const stuck = plans.filter((plan) => plan.status === "stuck" || plan.inFlight.some((one) => one.stuck)).length
  const flying = flyingOn(desk)
  const open = plans.filter(({ status }) => status === "open" || status === "closing").length
  if (flying > 0) {
    const mend = "pause the account with POST /api/v1/stop and wait for their end, or halt it, which turns them back"
    return `${flying} swaps are under way: ${mend}`
  }
  if (stuck > 0) return `${stuck} plans are stuck: put the groups right and reject those plans, which sets them free`
  return open > 0 && desk?.stop === "run"
    ? `${open} plans are open and may begin any moment: pause the account with POST /api/v1/stop first`
    : undefined
}

const disconnect = ({ params, body, caller, correlationId }: Asked<typeof deleteAccount>) =>
  Effect.gen(function* () {
    const moment = yield* momentAt()
    const { tenant, name: by } = caller
    const { account } = params
    yield* ownAccount(moment, tenant, account)
    const against = underWay(deskOf(moment, tenant, account)?.value)
    if (against !== undefined) return yield* conflict(against)
    yield* forgetRaise(account)
    const { because } = body
    return yield* order(disconnectAccount, new DisconnectAccount({ tenant, account, because, by }), correlationId)
  })

const verify = ({ params, caller, correlationId }: Asked<typeof postVerify>) =>
  Effect.gen(function* () {
    const { tenant, name: by } = caller
    const { value: known } = yield* ownAccount(yield* momentAt(), tenant, params.account)
    if (known.status === "disconnected")
      return yield* conflict("it is disconnected and nobody reads it: connect it again first")
    return yield* order(verifyAccount, new VerifyAccount({ tenant, account: known.account, by }), correlationId)
  })

/** The literal path first: the one with a parameter in its place comes after them. */
export const connecting = (means: Trusting): ReadonlyArray<Route> => [
  route(getTrust, trust(means)),
  route(postAccount, connect(means)),
  route(postOnboard, connect(means)),
  route(deleteAccount, disconnect),
  route(postVerify, verify)
]
