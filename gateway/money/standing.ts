/** What a tenant has at a moment, as the front page counts it: machines, plans, and what of it is at risk. */
import { poolToken, isOpenAt } from "../../schemas/pool.ts"
import type { OpenPlan } from "../../schemas/approval.ts"
import type { Account } from "../../schemas/account.ts"
import { pools, prices } from "../../schemas/catalogue.ts"
import { isPresent } from "../../schemas/composition.ts"
import type { GroupSeen, Member } from "../../schemas/group.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { productFloors } from "../../schemas/safe-plan.ts"
import { pricesAt } from "../fleet/prices.ts"
import { accountsOf, deskOf, groupsOf, isWanted, readAccountsOf, type Wanted } from "../fleet/scope.ts"
import type { Moment } from "../rows.ts"

/** A member that counts as capacity, with its group and the token of the pool that it stands in. */
export interface Standing {
  readonly group: GroupSeen
  readonly member: Member
  readonly pool: string
}

/** The tenant's accounts that are asked for and that are read: a disconnected one asks for nobody's attention. */
export const accountsAt = (moment: Moment, tenant: TenantId, wanted: Wanted): ReadonlyArray<Account> =>
  readAccountsOf(moment, tenant)
    .map(([, { value }]) => value)
    .filter(({ account }) => isWanted(wanted, { account }))

export const groupsAt = (moment: Moment, tenant: TenantId, wanted: Wanted): ReadonlyArray<GroupSeen> =>
  groupsOf(moment, tenant)
    .map(([, { value }]) => value)
    .filter((group) => isWanted(wanted, group))

export const standingIn = (groups: ReadonlyArray<GroupSeen>): ReadonlyArray<Standing> =>
  groups.flatMap((group) =>
    group.members.filter(isPresent).map((member) => {
      const { zone, instanceType } = member
      return { group, member, pool: poolToken({ zone, instanceType, product: group.product }) }
    })
  )

/** Plans on the desks of the tenant's accounts: one that got stuck outlasts a disconnection. */
export const plansAt = (moment: Moment, tenant: TenantId, wanted: Wanted): ReadonlyArray<OpenPlan> =>
  accountsOf(moment, tenant)
    .flatMap(([, { value }]) => deskOf(moment, tenant, value.account)?.value.plans ?? [])
    .filter(({ ref }) => isWanted(wanted, ref))

/** Quarantined, or known to score too low. What nobody has scored is not known to be either. */
export const isUncovered = (moment: Moment, pool: string): boolean => {
  const risk = moment.get(pools, pool)?.value
  if (risk === undefined) return false
  return !isOpenAt(risk, moment.at) || (risk.score !== null && risk.score < productFloors.scoreMin)
}

/** Micro-dollars an hour, at Spot prices, of what stands in such pools. */
export const uncoveredOf = (moment: Moment, standing: ReadonlyArray<Standing>): number => {
  const priced = pricesAt(moment)
  return standing
    .filter(({ member, pool }) => member.lifecycle === "spot" && isUncovered(moment, pool))
    .reduce((sum, { group, member }) => {
      const { zone, instanceType } = member
      return sum + (priced.spot({ region: group.region, product: group.product, zone, instanceType }) ?? 0)
    }, 0)
}

/** Share of vCPU, or of members where the size of any of their types is not known; null where nothing stands. */
export const onDemandShareOf = (moment: Moment, standing: ReadonlyArray<Standing>): number | null => {
  if (standing.length === 0) return null
  const sizes = new Map(moment.all(prices).map(([, { value }]) => [value.spec.instanceType as string, value.spec.vcpu]))
  const areKnown = standing.every(({ member }) => sizes.has(member.instanceType))
  const weigh = ({ member }: Standing) => (areKnown ? (sizes.get(member.instanceType) ?? 0) : 1)
  const sum = (of: ReadonlyArray<Standing>) => of.reduce((total, one) => total + weigh(one), 0)
  return sum(standing.filter(({ member }) => member.lifecycle === "on-demand")) / sum(standing)
}
