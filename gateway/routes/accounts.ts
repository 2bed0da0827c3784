/** What people order about accounts and groups: to connect one, to change what may be done in it, to look again. */
import { Effect } from "effect"
import { Account, ConnectAccount, connectAccount } from "../../schemas/account.ts"
import { postAccount, postLookAgain, putMode } from "../../schemas/api/fleet.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { type AccountId, instant, type Mode } from "../../schemas/ids.ts"
import { IdentityChanged, identityChanged } from "../../schemas/identity.ts"
import { LookAgain, lookAgain } from "../../schemas/proposal.ts"
import type { Caller } from "../caller.ts"
import { agreeTo, forgetRaise } from "../fleet/raise.ts"
import { accountOf, groupOf } from "../fleet/scope.ts"
import { order, orderAll, say } from "../order.ts"
import { conflict, notFound, type Refused, unprocessable } from "../refused.ts"
import { type Route, route } from "../route.ts"
import { type Moment, Rows } from "../rows.ts"

const now = Effect.flatMap(Rows, (rows) => rows.moment(undefined))

const rising: ReadonlyArray<Mode> = ["observe", "recommend", "act"]

/** More than AWS has; each one costs calls every minute. Source: AWS, "Regions and Availability Zones". */
const regionsMax = 50
const nameMax = 200
/** Path and name of a role. Source: IAM API Reference, "Role". */
const roleName = String.raw`[\x21-\x7e]{1,576}`

type Wish = Omit<ConnectAccount, "_tag" | "tenant" | "mode">

/** What is wrong with a wish before anybody is asked; undefined where nothing is. */
const wrongWith = (moment: Moment, caller: Caller, wish: Wish): Refused | undefined => {
  const { account, regions, roleArn, externalId } = wish
  const known = moment.all(accounts).map(([, { value }]) => value)
  if (known.some((one) => one.account === account && one.tenant !== caller.tenant)) {
    return conflict(`account ${account} cannot be connected here: if it is yours, ask whoever runs this service`)
  }
  if (regions.length === 0) return unprocessable("name at least one region that is to be looked at")
  if (regions.length > regionsMax)
    return unprocessable(`name at most ${regionsMax} regions: each is swept every minute`)
  if (wish.name.length > nameMax) return unprocessable(`a name has at most ${nameMax} characters`)
  if (roleArn !== null && !new RegExp(`^arn:aws[a-z-]*:iam::${account}:role/${roleName}$`).test(roleArn)) {
    return unprocessable(`roleArn is no role of account ${account}: it reads arn:aws:iam::${account}:role/NAME`)
  }
  if (roleArn !== null && externalId === null) {
    return unprocessable("a role is assumed with an ExternalId only: without one anybody could have us use it")
  }
  // two tenants with one ExternalId could use each other's roles through us
  const isTaken = known.some((one) => one.externalId === externalId && one.tenant !== caller.tenant)
  return externalId !== null && isTaken ? unprocessable("this ExternalId cannot be used: choose another") : undefined
}

const noted = (caller: Caller, what: IdentityChanged["what"], account: AccountId, details: string, at: number) =>
  say(
    identityChanged,
    new IdentityChanged({
      tenant: caller.tenant,
      what,
      about: account,
      by: caller.name,
      details,
      at: instant(at)
    })
  )

const inMode = ({ status: _s, reason: _r, since: _t, answeredAt: _a, ...wish }: Account, mode: Mode) =>
  new ConnectAccount({ ...wish, mode })

/** The order that changes a mode, with the record of who wished it, in one batch; the receipt is the order's. */
const ordered = (caller: Caller, account: Account, mode: Mode, details: string, asked: Request) =>
  Effect.gen(function* () {
    const said = [
      noted(caller, "mode-changed", account.account, details, asked.now),
      say(connectAccount, inMode(account, mode))
    ]
    const [, receipt] = yield* orderAll(said, asked.correlationId)
    if (receipt === undefined) return yield* Effect.die(new Error("two were said and one receipt came"))
    return { ...receipt, awaiting: null }
  })

interface Request {
  readonly now: number
  readonly correlationId: string
}

const raised = (caller: Caller, account: Account, because: string, asked: Request) =>
  Effect.gen(function* () {
    const agreement = yield* agreeTo(account.account, caller, because, asked.now)
    const change = `${account.mode} -> act`
    if (agreement._tag === "alone") return yield* ordered(caller, account, "act", `${change}: ${because}`, asked)
    if (agreement._tag === "second") {
      const { name, because: first } = agreement.first
      return yield* ordered(caller, account, "act", `${change}: ${because}; asked by ${name}: ${first}`, asked)
    }
    const details = `${change} asked: ${agreement.wish.because}`
    const [receipt] = yield* orderAll(
      [noted(caller, "mode-raise-asked", account.account, details, asked.now)],
      asked.correlationId
    )
    if (receipt === undefined) return yield* Effect.die(new Error("one was said and no receipt came"))
    // it is no order yet: the account tells when it has become one
    return { ...receipt, location: `/api/v1/accounts/${account.account}`, awaiting: "second-person" as const }
  })

export const connecting: ReadonlyArray<Route> = [
  route(postAccount, ({ body, caller, correlationId }) =>
    Effect.gen(function* () {
      const wrong = wrongWith(yield* now, caller, body)
      if (wrong !== undefined) return yield* wrong
      yield* forgetRaise(body.account)
      const wish = new ConnectAccount({ ...body, tenant: caller.tenant, mode: "observe" })
      return yield* order(connectAccount, wish, correlationId)
    })
  ),
  route(putMode, ({ params, body, caller, correlationId, now: at }) =>
    Effect.gen(function* () {
      const account = accountOf(yield* now, caller.tenant, params.account)?.value
      if (account === undefined) return yield* notFound(`no account ${params.account} is connected`)
      const asked = { now: at, correlationId }
      const isRaise = rising.indexOf(body.mode) > rising.indexOf(account.mode)
      if (isRaise && account.status === "refused") {
        return yield* conflict(`the account does not answer (${account.reason ?? "no reason given"}): mend that first`)
      }
      if (isRaise && body.mode === "act") return yield* raised(caller, account, body.because, asked)
      yield* forgetRaise(account.account)
      return yield* ordered(caller, account, body.mode, `${account.mode} -> ${body.mode}: ${body.because}`, asked)
    })
  ),
  route(postLookAgain, ({ body, caller, correlationId }) =>
    Effect.gen(function* () {
      const group = groupOf(yield* now, caller.tenant, body.groupId)?.value
      if (group === undefined) return yield* notFound(`no group ${body.groupId} was seen in your accounts`)
      const { tenant, account, region } = group
      const wish = new LookAgain({ tenant, account, region, group: group.group, by: caller.name })
      return yield* order(lookAgain, wish, correlationId)
    })
  )
]
