/** An edit of an account's policy: what it changes, whether that may be, and the order that makes it so. */
import { Effect } from "effect"
import type { AccountId } from "../../schemas/ids.ts"
import { Policy, productPolicy, SetPolicy, setPolicy } from "../../schemas/policy.ts"
import type { Caller } from "../caller.ts"
import { deskOf } from "../fleet/scope.ts"
import { order } from "../order.ts"
import { preconditionRequired, stale } from "../refused.ts"
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

/** The policy that holds, as its next edit begins with it. */
export const policyHeld = (moment: Moment, { caller, account }: Pick<Edit, "caller" | "account">): Policy =>
  deskOf(moment, caller.tenant, account)?.value.policy ?? productPolicy

/** Fails where the version that was read is not the one that holds, and tells what does. */
export const onVersion = (held: Policy, ifMatch: string | undefined) => {
  if (ifMatch === undefined) return preconditionRequired("Send If-Match with the version that you read.")
  const detail = `version ${held.version} holds by now: apply your change to it`
  return ifMatch === String(held.version) ? Effect.void : stale(detail, String(held.version), held)
}

/** Orders what the wishes change; where they change nothing, or only ask, there is no command to ask after. */
export const edited = (held: Policy, wishes: Wishes, edit: Edit) =>
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
    return { ...(yield* order(setPolicy, wish, correlationId)), changes, version: policy.version }
  })
