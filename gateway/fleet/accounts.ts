/** Accounts as screens show them: whether they answer, what may be done in them, and when each region was swept. */
import type { Account } from "../../schemas/account.ts"
import type { AccountView, Sweep } from "../../schemas/api/fleet.ts"
import { isPresent } from "../../schemas/composition.ts"
import { verifications } from "../../schemas/catalogue.ts"
import type { BookRow } from "../../schemas/decision.ts"
import { type GroupSeen, sweepDone } from "../../schemas/group.ts"
import type { AccountId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import type { Moment } from "../rows.ts"
import { deskOf } from "./scope.ts"

const sweepsOf = (moment: Moment, { tenant, account, regions }: Account): ReadonlyArray<typeof Sweep.Encoded> =>
  regions.flatMap((region) => {
    const sweep = moment.remark(sweepDone, key(account, region))?.value
    if (sweep === undefined || sweep.tenant !== tenant) return []
    const { startedAt, endedAt, groups, instances, calls } = sweep
    return [{ region, startedAt, endedAt, groups, instances, calls }]
  })

const verifiedOf = (moment: Moment, { tenant, account }: Account): (typeof AccountView.Encoded)["verified"] => {
  const row = moment.get(verifications, key("verified", account))
  if (row === undefined || row.value.tenant !== tenant) return null
  const { at, by, checks } = row.value
  return { at, seq: row.seq, by, checks }
}

/** The tenant's groups by account. */
export type ByAccount = ReadonlyMap<AccountId, ReadonlyArray<GroupSeen>>
export const byAccount = (groups: ReadonlyArray<readonly [string, BookRow<GroupSeen>]>): ByAccount =>
  Map.groupBy(
    groups.map(([, { value }]) => value),
    ({ account }) => account
  )

export const accountView = (moment: Moment, account: Account, groups: ByAccount): typeof AccountView.Encoded => {
  const { tenant, name, regions, environment, mode, roleArn, externalId, status, reason, since } = account
  const desk = deskOf(moment, tenant, account.account)?.value
  const here = groups.get(account.account) ?? []
  const members = here.flatMap((group) => group.members.filter(isPresent))
  return {
    account: account.account,
    tenant,
    name,
    regions,
    environment,
    mode,
    roleArn,
    externalIdEndsWith: externalId?.slice(-4) ?? null,
    status,
    reason,
    since,
    verified: verifiedOf(moment, account),
    sweeps: sweepsOf(moment, account),
    stop: desk?.stop ?? "run",
    policyVersion: desk?.policy?.version ?? 0,
    groups: here.length,
    instances: members.length,
    spot: members.filter(({ lifecycle }) => lifecycle === "spot").length
  }
}
