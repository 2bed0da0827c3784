/** Turning one swap back: who may is the endpoint's; here is whether there is still a way, and the order. */
import { Effect } from "effect"
import { AbortSwap, abortSwap } from "../../schemas/approval.ts"
import { Digest, GroupName } from "../../schemas/ids.ts"
import type { Caller } from "../caller.ts"
import { order } from "../order.ts"
import { conflict } from "../refused.ts"
import { sagaNow } from "./detail.ts"

/** Why it cannot be turned back any more, with what can be done; undefined where it can. */
const tooLate = ({ status, way, committed, id }: { status: string; way: string; committed: boolean; id: string }) => {
  if (status === "stuck") return `${id} is stuck: put its group right, and reject its plan to set the group free`
  if (status !== "running") return `${id} has ended: ${status}`
  if (way === "back") return `${id} is turning back already`
  return committed
    ? `${id} has passed its point of no return: the old instance is going, and it can only be finished`
    : undefined
}

/** The desk may find that it ended meanwhile; then the order changes nothing, as its command tells. */
export const abortOf = Effect.fn("abortSaga")(function* (
  { tenant, name: by }: Caller,
  id: string,
  because: string,
  correlationId: string
) {
  const saga = yield* sagaNow(tenant, id)
  const late = tooLate(saga)
  if (late !== undefined) return yield* conflict(late)
  const { account, region } = saga
  const [group, hash] = [GroupName.make(saga.group), Digest.make(saga.plan)]
  const wish = new AbortSwap({ tenant, account, region, group, hash, swap: id, by, because })
  return yield* order(abortSwap, wish, correlationId)
})
