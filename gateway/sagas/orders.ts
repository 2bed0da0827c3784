/** What people order about one swap: to turn back, or to go on where it is stuck; here is whether it still can. */
import { Effect } from "effect"
import type { Account } from "../../schemas/account.ts"
import { AbortSwap, abortSwap, RetrySwap, retrySwap } from "../../schemas/approval.ts"
import { Digest, GroupName, instant } from "../../schemas/ids.ts"
import { excludes, productPolicy } from "../../schemas/policy.ts"
import type { Caller } from "../caller.ts"
import { deskOf, ownAccount } from "../fleet/scope.ts"
import { order } from "../order.ts"
import { conflict } from "../refused.ts"
import { type Moment, momentAt } from "../rows.ts"
import { sagaNow } from "./detail.ts"
import type { Saga } from "./view.ts"

export interface Wish {
  readonly because: string
  readonly correlationId: string
}

const aboutOf = ({ tenant, name: by }: Caller, saga: Saga, because: string) => {
  const { account, region, id } = saga
  const [group, hash] = [GroupName.make(saga.group), Digest.make(saga.plan)]
  return { tenant, account, region, group, hash, swap: id, by, because }
}

/** Why it cannot be turned back any more, with what can be done; undefined where it can. */
const tooLate = ({ status, way, committed, id }: Saga) => {
  if (status === "stuck") return `${id} is stuck: mend what stopped it and let it go on, or reject its plan`
  if (status !== "running") return `${id} has ended: ${status}`
  if (way === "back") return `${id} is turning back already`
  return committed
    ? `${id} has passed its point of no return: the old instance is going, and it can only be finished`
    : undefined
}

/** The desk may find that it ended meanwhile; then the order changes nothing, as its command tells. */
export const abortOf = Effect.fn("abortSaga")(function* (caller: Caller, id: string, wish: Wish) {
  const saga = yield* sagaNow(caller.tenant, id)
  const late = tooLate(saga)
  if (late !== undefined) return yield* conflict(late)
  return yield* order(abortSwap, new AbortSwap(aboutOf(caller, saga, wish.because)), wish.correlationId)
})

/** Why it cannot go on now, with what can be done; undefined where it can. */
const heldBy = (moment: Moment, { tenant, mode }: Account, { id, status, account, at, group, old }: Saga) => {
  if (status !== "stuck") return `${id} is not stuck: ${status}`
  const desk = deskOf(moment, tenant, account)?.value
  const one = desk?.plans.flatMap(({ inFlight }) => inFlight).find(({ swap }) => swap === id)
  if (desk === undefined || one?.stuck !== true) return `the plan of ${id} was rejected: its group is planned anew`
  if (one.stuckAt !== at) return `the desk has not heard yet that ${id} is stuck: try again in a moment`
  if (excludes(desk.policy ?? productPolicy, group, [old])) return `${group} or ${old} is excluded by the policy`
  if (desk.stop !== "run") return `the account is stopped: let it go on first, with POST /api/v1/stop`
  return mode === "act" ? undefined : `the account is in mode ${mode}: nothing is begun in it`
}

/** As for an order to turn back, the desk has the last word on whether it still stands so. */
export const retryOf = Effect.fn("retrySaga")(function* (caller: Caller, id: string, wish: Wish) {
  const saga = yield* sagaNow(caller.tenant, id)
  const moment = yield* momentAt()
  const account = yield* ownAccount(moment, caller.tenant, saga.account)
  const held = heldBy(moment, account.value, saga)
  if (held !== undefined) return yield* conflict(held)
  return yield* order(
    retrySwap,
    new RetrySwap({ ...aboutOf(caller, saga, wish.because), stuckAt: instant(saga.at) }),
    wish.correlationId
  )
})
