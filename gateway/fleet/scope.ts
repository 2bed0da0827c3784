/** Which rows of a moment a caller may see, and of these, which he asks for. */
import { Effect } from "effect"
import type { Account } from "../../schemas/account.ts"
import type { Desk } from "../../schemas/approval.ts"
import { accounts, desks, groups } from "../../schemas/catalogue.ts"
import type { BookRow } from "../../schemas/decision.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import type { AccountId, Region, TenantId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { notFound, type Refused } from "../refused.ts"
import type { Moment } from "../rows.ts"

export interface Wanted {
  readonly account?: AccountId
  readonly region?: Region
}

/** Is it of the asked account and region? Whatever has no region is of all. */
export const isWanted = (
  { account, region }: Wanted,
  of: { readonly account: AccountId; readonly region?: Region }
): boolean =>
  (account === undefined || of.account === account) &&
  (region === undefined || of.region === undefined || of.region === region)

export type About<A> = readonly [about: string, row: BookRow<A>]

/**
 * The tenant's accounts. An account has one tenant: rows of others that name this tenant for an account that is not his
 * are nobody's business here.
 */
export const accountsOf = (moment: Moment, tenant: TenantId): ReadonlyArray<About<Account>> =>
  moment.all(accounts).filter(([, { value }]) => value.tenant === tenant)

const accountOf = (moment: Moment, tenant: TenantId, account: AccountId): BookRow<Account> | undefined => {
  const row = moment.get(accounts, key(account))
  return row?.value.tenant === tenant ? row : undefined
}

/** The row of the tenant's account; what is not his is answered like what is not there. */
export const ownAccount = (
  moment: Moment,
  tenant: TenantId,
  id: AccountId
): Effect.Effect<BookRow<Account>, Refused> => {
  const row = accountOf(moment, tenant, id)
  return row === undefined ? notFound(`no account ${id} is connected`) : Effect.succeed(row)
}

/** Those of the tenant's accounts that are read: what is known of a disconnected one's fleet only grows older. */
export const readAccountsOf = (moment: Moment, tenant: TenantId): ReadonlyArray<About<Account>> =>
  accountsOf(moment, tenant).filter(([, { value }]) => value.status !== "disconnected")

/** The tenant's groups, in accounts that are his and that are read. */
export const groupsOf = (moment: Moment, tenant: TenantId): ReadonlyArray<About<GroupSeen>> => {
  const own = new Set(readAccountsOf(moment, tenant).map(([, { value }]) => value.account))
  return moment.all(groups).filter(([, { value }]) => value.tenant === tenant && own.has(value.account))
}

export const groupOf = (moment: Moment, tenant: TenantId, id: string): BookRow<GroupSeen> | undefined => {
  const row = moment.get(groups, id)
  if (row?.value.tenant !== tenant) return undefined
  const account = accountOf(moment, tenant, row.value.account)?.value
  return account === undefined || account.status === "disconnected" ? undefined : row
}

/** The row of the tenant's group, by its token; what is not his is answered like what is not there. */
export const ownGroup = (moment: Moment, tenant: TenantId, id: string): Effect.Effect<BookRow<GroupSeen>, Refused> => {
  const row = groupOf(moment, tenant, id)
  return row === undefined ? notFound(`no group ${id} was seen in your accounts`) : Effect.succeed(row)
}

export const deskOf = (moment: Moment, tenant: TenantId, account: AccountId): BookRow<Desk> | undefined => {
  const row = moment.get(desks, key(account))
  return row?.value.tenant === tenant ? row : undefined
}
