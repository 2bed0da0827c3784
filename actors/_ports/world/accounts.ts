/** The door of every account: who may come in, in which role, and whether the session still holds. */
import type { Caller } from "../port.ts"
import type { Ground } from "./ground.ts"
import { violate } from "./invariants.ts"
import { refuse } from "./refused.ts"
import type { AccountRow, WriteRow } from "./state.ts"

/** AssumeRole: the account exists, is the tenant's, trusts us under this external id, and its session is good. */
export const enter = (w: Ground, caller: Caller): AccountRow => {
  const untrusted = (): never => {
    const assume = "sts:AssumeRole"
    return refuse(
      "AccessDenied",
      `is not authorized to perform ${assume} on ${caller.roleArn ?? caller.account}`,
      assume
    )
  }
  const account = w.rows.accounts.get(caller.account) ?? untrusted()
  if (account.tenant !== caller.tenant) {
    violate(w, 24, `${caller.by} called account ${caller.account} for tenant ${caller.tenant}`)
    return untrusted()
  }
  if (account.roleArn !== caller.roleArn || account.externalId !== caller.externalId) untrusted()
  if (account.refuses !== null) refuse(account.refuses, "The credentials or the role of the account are refused")
  if (!account.regions.includes(caller.region)) refuse("AuthFailure", `${caller.region} is not enabled`)
  return account
}

/**
 * The session policy of a write: only what its step declares, and only until the lease ends, by the cloud's clock.
 * With the fence off the late write goes through, and its record says so.
 */
export const admit = (w: Ground, caller: Caller, write: WriteRow): void => {
  const mode = caller.mode === "act" ? w.rows.accounts.get(caller.account)?.mode : caller.mode
  if (mode !== "act") {
    violate(w, 22, `${write.action} by ${caller.by} in mode ${mode} on ${caller.account}`)
    refuse("AccessDenied", `the role of mode ${mode} has no right to ${write.action}`)
  }
  if (!caller.may.includes(write.action)) {
    refuse("AccessDenied", `no session policy allows the ${write.action} action`)
  }
  if (caller.until !== null && caller.until > w.at) return
  write.late = true
  if (!w.behaviours.fenceOff) refuse("AccessDenied", `session ended at ${caller.until ?? "once"}`)
}

/** Who we are in the account. */
export const identity = (_w: Ground, caller: Caller) => ({
  account: caller.account,
  arn:
    caller.roleArn === null
      ? `arn:aws:iam::${caller.account}:user/ambient`
      : `${caller.roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/cloudoptim`
})

/** Would the role let us in under this external id? One that asks for none lets everybody in. */
export const admits = (w: Ground, externalId: string, caller: Caller): boolean => {
  if (caller.roleArn === null) return refuse("CloudOptim.NoRole", "own credentials know no external id")
  const asked = w.rows.accounts.get(caller.account)?.externalId ?? null
  return asked === null || asked === externalId
}
