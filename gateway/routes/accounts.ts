/** What people order about accounts and groups: to change what may be done there, and to look again. */
import { Effect } from "effect"
import { draftOf } from "../../bus/draft.ts"
import { Account, ConnectAccount, connectAccount } from "../../schemas/account.ts"
import { postLookAgain, putMode } from "../../schemas/api/fleet.ts"
import { flyingOn } from "../../schemas/approval.ts"
import type { AccountId, Mode } from "../../schemas/ids.ts"
import type { Caller } from "../caller.ts"
import { agreeTo, forgetRaise } from "../fleet/raise.ts"
import { deskOf, ownAccount, ownGroup } from "../fleet/scope.ts"
import { type Change, draftOfChange } from "../identity/told.ts"
import { orderAll } from "../order.ts"
import { conflict } from "../refused.ts"
import { type Route, route } from "../route.ts"
import { momentAt } from "../rows.ts"
import { lookAgainAt } from "./instances.ts"

const rising: ReadonlyArray<Mode> = ["observe", "recommend", "act"]

const noted = (caller: Caller, what: Change["what"], about: AccountId, details: string, at: number) =>
  draftOfChange({ tenant: caller.tenant, what, about, by: caller.name, details, at })

/** Counts only while the account is as it was read here: what was wished meanwhile is not undone by a mode. */
const inMode = ({ tenant, account, name, regions, environment, roleArn, externalId, since: on }: Account, mode: Mode) =>
  new ConnectAccount({ tenant, account, name, regions, environment, roleArn, externalId, mode, on })

/** The order that changes a mode, with the record of who wished it, in one batch; the receipt is the order's. */
const ordered = (caller: Caller, account: Account, mode: Mode, details: string, asked: Request) =>
  Effect.gen(function* () {
    const said = [
      noted(caller, "mode-changed", account.account, details, asked.now),
      draftOf(connectAccount, inMode(account, mode))
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

export const ordering: ReadonlyArray<Route> = [
  route(putMode, ({ params, body, caller, correlationId, now }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt()
      const { value: account } = yield* ownAccount(moment, caller.tenant, params.account)
      if (account.status === "disconnected") return yield* conflict("it is disconnected: connect it again first")
      const asked = { now, correlationId }
      const isRaise = rising.indexOf(body.mode) > rising.indexOf(account.mode)
      if (isRaise && account.status === "refused") {
        return yield* conflict(`the account does not answer (${account.reason ?? "no reason given"}): mend that first`)
      }
      if (isRaise && body.mode === "act") return yield* raised(caller, account, body.because, asked)
      // a swap turns back by calls too, and below act there are none
      const flying = isRaise ? 0 : flyingOn(deskOf(moment, caller.tenant, account.account)?.value)
      if (flying > 0 && account.mode === "act")
        return yield* conflict(`${flying} swaps are under way: halt the account with POST /api/v1/stop, that ends them`)
      yield* forgetRaise(account.account)
      return yield* ordered(caller, account, body.mode, `${account.mode} -> ${body.mode}: ${body.because}`, asked)
    })
  ),
  route(postLookAgain, ({ body, caller, correlationId }) =>
    Effect.gen(function* () {
      const { value: group } = yield* ownGroup(yield* momentAt(), caller.tenant, body.groupId)
      return yield* lookAgainAt(group, caller.name, correlationId)
    })
  )
]
