/** Sts over the AWS SDK. */
import { Effect } from "effect"
import { AccountId } from "../../schemas/ids.ts"
import { readAs } from "./aws-refusal.live.ts"
import type { Aws } from "./aws.live.ts"
import type { Inner } from "./port.ts"
import type { stsCalls } from "./sts.ts"

export const inner = (aws: Aws["Service"]): Inner<typeof stsCalls> => ({
  identity: (_, caller) =>
    Effect.flatMap(aws.identity(caller), ({ account, arn }) =>
      readAs(
        "sts:GetCallerIdentity",
        AccountId,
        "the account"
      )(account).pipe(Effect.map((account) => ({ account, arn })))
    ),
  admits: ({ externalId }, caller) => aws.admits(caller, externalId)
})
