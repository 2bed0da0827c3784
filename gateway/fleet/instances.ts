/** Instances as screens show them: members of groups, each with the state of its pool and what it costs. */
import { Effect } from "effect"
import type { InstanceView } from "../../schemas/api/fleet.ts"
import { pools } from "../../schemas/catalogue.ts"
import { lastReadOf } from "../../schemas/composition.ts"
import { type GroupSeen, type Member, sweepDone } from "../../schemas/group.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { excludes, productPolicy } from "../../schemas/policy.ts"
import { isOpenAt, scoreAt } from "../../schemas/pool.ts"
import { notFound, type Refused } from "../refused.ts"
import type { Moment } from "../rows.ts"
import type { Prices } from "./prices.ts"
import { deskOf, groupsOf } from "./scope.ts"
import { groupTokenOf, poolTokenOf } from "./tokens.ts"

/** A member with the group that it belongs to. */
export interface Placed {
  readonly group: GroupSeen
  readonly member: Member
}

/** Members of all these groups that contain each of the words. */
export const placesIn = (groups: ReadonlyArray<GroupSeen>, wanted: ReadonlyArray<string>): ReadonlyArray<Placed> =>
  groups.flatMap((group) => {
    const places = group.members.map((member) => ({ group, member }))
    if (wanted.length === 0) return places
    const texts = wordsOf(group)
    return places.filter((_, i) => wanted.every((word) => texts[i]?.includes(word) ?? false))
  })

/** The member that one of the tenant's groups has by this id, with its group. */
export const placeOf = (moment: Moment, tenant: TenantId, id: string): Effect.Effect<Placed, Refused> => {
  for (const [, { value: group }] of groupsOf(moment, tenant)) {
    const member = group.members.find(({ instance }) => instance === id)
    if (member !== undefined) return Effect.succeed({ group, member })
  }
  return notFound(`no instance ${id} is a member of your groups`)
}

const words = new WeakMap<GroupSeen, ReadonlyArray<string>>()

/**
 * What a search looks at, of each member of a group: names, places, types and states, once for as long as the group's
 * row stands. Prices and scores are not searched for.
 */
export const wordsOf = (group: GroupSeen): ReadonlyArray<string> => {
  const known = words.get(group)
  if (known !== undefined) return known
  const shared = [group.account, group.region, group.group, groupTokenOf(group), group.product]
  const made = group.members.map((member) => {
    const { instance, zone, instanceType, lifecycle, state, saga, bound } = member
    const own = [instance, zone, instanceType, lifecycle, state, saga ?? "", ...bound]
    return [...shared, ...own, poolTokenOf(zone, instanceType, group.product)].join("\n").toLowerCase()
  })
  words.set(group, made)
  return made
}

export const instanceView = (
  moment: Moment,
  prices: Prices,
  { group, member }: Placed
): typeof InstanceView.Encoded => {
  const { account, region, product } = group
  const { instance, zone, instanceType, lifecycle, state, healthy, protectedFromScaleIn, saga, bound } = member
  const machine = { region, zone, instanceType, product }
  const pool = poolTokenOf(zone, instanceType, product)
  const risk = moment.get(pools, pool)?.value
  const hourlyOnDemand = prices.onDemand(machine)
  return {
    instance,
    account,
    region,
    group: group.group,
    groupId: groupTokenOf(group),
    zone,
    instanceType,
    product,
    lifecycle,
    state,
    healthy,
    protectedFromScaleIn,
    excluded: excludes(deskOf(moment, group.tenant, account)?.value.policy ?? productPolicy, group.group, [instance]),
    saga,
    bound,
    pool,
    gate: risk === undefined ? null : isOpenAt(risk, moment.at) ? "open" : "poisoned",
    // a score over an hour old is none
    safetyScore: risk === undefined ? null : scoreAt(risk, moment.at),
    hourly: lifecycle === "spot" ? prices.spot(machine) : hourlyOnDemand,
    hourlyOnDemand,
    readAt: lastReadOf(group, moment.remark(sweepDone, key(account, region))?.value)
  }
}
