/** Whose calls a sense makes: an account's, in one region, and never one that changes something. */
import { Effect } from "effect"
import type { Account } from "../../schemas/account.ts"
import type { Region } from "../../schemas/ids.ts"
import { LeaseLost } from "../../schemas/saga.ts"
import { Caller, type Whose } from "./port.ts"

/** The caller of a sense's reads. It has no lease: a write would find none, besides being undeclared. */
export const senseOf = (by: string, account: Account, region: Region): Whose["Service"] => ({
  caller: new Caller({
    tenant: account.tenant,
    account: account.account,
    region,
    mode: account.mode,
    roleArn: account.roleArn,
    externalId: account.externalId,
    by,
    saga: null,
    step: null,
    epoch: 0,
    may: [],
    until: null
  }),
  lease: Effect.fail(new LeaseLost({ saga: "none", by }))
})
