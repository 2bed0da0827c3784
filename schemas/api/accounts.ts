/** How accounts come and go: what a role has to trust, whether its door works, and the end of a connection. */
import { Schema } from "effect"
import { AccountId } from "../ids.ts"
import { endpoint } from "./endpoint.ts"
import { postAccount } from "./fleet.ts"
import { Reason, Receipt } from "./page.ts"

const byAccount = Schema.Struct({ account: AccountId })
const owner = { access: "owner", scope: null, tag: "accounts" } as const

/** What the trust policy of a role has to say. */
export const AccountTrust = Schema.Struct({
  /** Made by us, one for each tenant: whoever knows it cannot use it but in this tenant. */
  externalId: Schema.String,
  /** ARN of who assumes the role; null where whoever runs this installation has not said. */
  principal: Schema.NullOr(Schema.String),
  /** The whole policy as JSON, to be pasted; null while the principal is not known. */
  trustPolicy: Schema.NullOr(Schema.String)
})

export const getTrust = endpoint({
  ...owner,
  rate: "read",
  name: "getAccountTrust",
  method: "GET",
  path: "/api/v1/accounts/trust",
  summary: "What a role has to trust before its account is connected: our principal, under your external id.",
  reply: AccountTrust
})
export const postOnboard = endpoint({
  ...postAccount,
  name: "onboardCustomer",
  path: "/api/v1/customer/onboard",
  summary: "The same as connecting an account.",
  aliasOf: "connectAccount"
})
export const deleteAccount = endpoint({
  ...owner,
  rate: "command",
  name: "disconnectAccount",
  method: "DELETE",
  path: "/api/v1/accounts/{account}",
  summary: "Disconnects an account: nobody reads it any more and nothing begins in it. Its history stays.",
  params: byAccount,
  body: Schema.Struct({ because: Reason }),
  reply: Receipt,
  status: 202,
  refusals: [409, 422]
})
export const postVerify = endpoint({
  name: "verifyAccount",
  method: "POST",
  path: "/api/v1/accounts/{account}/verify",
  tag: "accounts",
  summary:
    "Tries the role, that it refuses a wrong external id, and a read of each region; the account tells the answer.",
  access: "operator",
  scope: "operate",
  rate: "command",
  params: byAccount,
  reply: Receipt,
  status: 202,
  refusals: [409]
})
export const accountsEndpoints = [getTrust, postOnboard, deleteAccount, postVerify] as const
