/** Who wished a policy or a stop, when and why: the desk's row has only what holds, its facts have the rest. */
import { Effect, Result, Schema } from "effect"
import { PolicySet, policySet, StopSet, stopSet } from "../../schemas/approval.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import type { AccountId, TenantId } from "../../schemas/ids.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"

const Line = Schema.Struct({ seq: Count, account: Schema.String, fact: Schema.fromJsonString(Schema.Unknown) })
const wishedSql = `SELECT seq, account, JSONExtractRaw(body, 'body') AS fact FROM events
  WHERE seq IN (
    SELECT max(seq) FROM events
    WHERE kind = 'evt' AND owner = 'approval-desk' AND has({names:Array(String)}, name)
      AND has({accounts:Array(String)}, account) AND seq <= {upTo:UInt64}
      AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}
    GROUP BY account, name
  ) LIMIT 20000`
const names = [policySet.name, stopSet.name]

export interface Wished {
  readonly policy?: PolicySet
  readonly stop?: StopSet
}

/** The newest of each account, as far as it is booked. */
export const wishesOf = (
  store: Store,
  tenant: TenantId,
  accounts: ReadonlyArray<AccountId>,
  upTo: number
): Effect.Effect<ReadonlyMap<string, Wished>, Refused> => {
  if (accounts.length === 0) return Effect.succeed(new Map())
  return Effect.map(asked(store, Line, wishedSql, { names, tenant, accounts, upTo }), (lines) => {
    const wished = new Map<string, Wished>()
    for (const { account, fact } of lines) {
      const policy = decodeAs(PolicySet, fact)
      const stop = decodeAs(StopSet, fact)
      wished.set(account, {
        ...wished.get(account),
        ...(Result.isSuccess(policy) ? { policy: policy.success } : {}),
        ...(Result.isSuccess(stop) ? { stop: stop.success } : {})
      })
    }
    return wished
  })
}
