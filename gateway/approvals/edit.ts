/** An edit of an account's policy: what it changes, whether that may be, and the order that makes it so. */
import { Clock, Effect, Result } from "effect"
import { Bus } from "../../bus/bus.ts"
import { unseal } from "../../schemas/envelope.ts"
import type { AccountId } from "../../schemas/ids.ts"
import { Policy, productPolicy, SetPolicy, setPolicy } from "../../schemas/policy.ts"
import type { Caller } from "../caller.ts"
import { deskOf } from "../fleet/scope.ts"
import { order } from "../order.ts"
import { preconditionRequired, stale, unavailable } from "../refused.ts"
import type { Moment } from "../rows.ts"
import { changesBetween, faultsIn, refuseFaults } from "./wishes.ts"

type Wishes = Omit<Policy, "version">

/** Who edits which account's policy, on which of its versions, and why. */
export interface Edit {
  readonly caller: Caller
  readonly account: AccountId
  readonly correlationId: string
  readonly because: string
  /** Only asks what would change. */
  readonly isDry: boolean
}

/** The policy that an edit begins with, and the sequence of the newest wish for it: the edit is the next one. */
export interface Standing {
  readonly held: Policy
  readonly after: number
}

/** How long a wish may be on its way to the desk, in milliseconds; one that is older and does not hold never will. */
const underWayMs = 30_000

/** What holds by the desk's row, or by a newer wish that is on its way to the desk: two editors lose nothing so. */
export const policyStanding = (moment: Moment, { caller, account }: Pick<Edit, "caller" | "account">) =>
  Effect.gen(function* () {
    const { tenant } = caller
    const held = deskOf(moment, tenant, account)?.value.policy ?? productPolicy
    const subject = setPolicy.subject(new SetPolicy({ tenant, account, policy: held, by: "" }))
    const down = () => unavailable("nobody can say which policy was wished last: the log does not answer, try again")
    const last = yield* Effect.mapError(
      Bus.use((bus) => bus.recall(subject)),
      down
    )
    if (last === undefined) return { held, after: 0 } satisfies Standing
    const wish = unseal(setPolicy, last.data)
    const isUnderWay = (yield* Clock.currentTimeMillis) - last.at < underWayMs
    const isNewer =
      isUnderWay &&
      Result.isSuccess(wish) &&
      wish.success.tenant === tenant &&
      wish.success.policy.version > held.version
    return { held: isNewer ? wish.success.policy : held, after: last.seq } satisfies Standing
  })

/** Fails where the version that was read is not the one that holds, and tells what does. */
export const onVersion = ({ held }: Standing, ifMatch: string | undefined) => {
  if (ifMatch === undefined) return preconditionRequired("Send If-Match with the version that you read.")
  const detail = `version ${held.version} holds by now: apply your change to it`
  return ifMatch === String(held.version) ? Effect.void : stale(detail, String(held.version), held)
}

/**
 * Orders what the wishes change, on condition that nobody wished anything meanwhile (409); where they change nothing,
 * or only ask, there is no command to ask after.
 */
export const edited = ({ held, after }: Standing, wishes: Wishes, edit: Edit) =>
  Effect.gen(function* () {
    const { account, caller, correlationId, because, isDry } = edit
    const faults = faultsIn(wishes)
    if (faults.length > 0) return yield* refuseFaults(faults)
    const policy = new Policy({ ...wishes, version: held.version + 1 })
    const changes = changesBetween(held, policy)
    const location = `/api/v1/policies/${account}`
    if (isDry || changes.length === 0)
      return { command: "", seq: 0, location, correlationId, changes, version: held.version }
    const wish = new SetPolicy({ tenant: caller.tenant, account, policy, by: caller.name, because })
    return { ...(yield* order(setPolicy, wish, correlationId, after)), changes, version: policy.version }
  })
