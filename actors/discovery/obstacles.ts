/** Settings of a group under which no swap may be made, by name: each stands for as long as AWS shows it. */
import type { Member } from "../../schemas/group.ts"
import type { Details, ListedGroup, ListedInstance } from "./listed.ts"
import { isKubernetesNode } from "./owner.ts"

/**
 * Processes that a swap leans on: while one is suspended the group would neither register nor retire a member, or never
 * replace a Spot one that AWS has taken. Source: EC2 Auto Scaling, "Suspend-resume processes".
 */
const neededProcesses = ["Launch", "Terminate", "AddToLoadBalancer", "HealthCheck", "ReplaceUnhealthy"]

/**
 * On-demand members that a mixed instances policy wants kept. The group launches to this share by itself, so a swap
 * below it would be undone. Source: EC2 Auto Scaling, "OnDemandBaseCapacity" and "OnDemandPercentageAboveBaseCapacity".
 */
const onDemandKept = ({ mixed, desired }: ListedGroup): number => {
  if (mixed === null) return 0
  const base = Math.min(desired, mixed.onDemandBase)
  return base + Math.ceil(((desired - base) * mixed.onDemandPercentAboveBase) / 100)
}

const settings = (group: ListedGroup, members: ReadonlyArray<Member>): ReadonlyArray<readonly [boolean, string]> => {
  const kept = onDemandKept(group)
  const steady = members.filter((member) => member.lifecycle === "on-demand").length
  return [
    [group.status !== null, /delet/i.test(group.status ?? "") ? "deletion in progress" : `status ${group.status}`],
    [group.warmPool, "warm pool"],
    [group.capacityRebalance, "capacity rebalance"],
    [group.maxInstanceLifetimeSeconds !== null, "max instance lifetime"],
    [group.classicBalancers > 0, "classic balancers"],
    [group.mixed?.weighted === true || members.some((member) => member.weight !== 1), "weighted"],
    [group.mixed !== null && steady <= kept, `mixed policy keeps ${kept} on-demand`],
    ...neededProcesses.map((name) => [group.suspended.includes(name), `process ${name} suspended`] as const)
  ]
}

/** What a sweep could not see. A stand-in for AWS need not know every call: there, and only there, that is forgiven. */
const blindSpots = (details: Details, isStandIn: boolean): ReadonlyArray<string> => {
  const { template, zones, hooks, refreshing } = details
  const blind = [...zones].flatMap(([subnet, zone]) =>
    zone._tag === "Unseen" ? [`cannot see subnet ${subnet}: ${zone.code}`] : []
  )
  if (template?._tag === "Unseen") blind.push(`cannot see launch template: ${template.code}`)
  if (hooks._tag === "Unseen" && !isStandIn) blind.push(`cannot see lifecycle hooks: ${hooks.code}`)
  if (refreshing._tag === "Unseen" && !isStandIn) blind.push(`cannot see instance refreshes: ${refreshing.code}`)
  return blind
}

export interface Looked {
  readonly group: ListedGroup
  readonly members: ReadonlyArray<Member>
  readonly instances: ReadonlyArray<ListedInstance>
  readonly details: Details
  readonly isStandIn: boolean
}

/** Everything that stands in a swap's way, sorted. */
export const obstaclesOf = ({ group, members, instances, details, isStandIn }: Looked): ReadonlyArray<string> => {
  const found = settings(group, members).flatMap(([stands, name]) => (stands ? [name] : []))
  found.push(...group.obstacles)
  const { template } = details
  if (template?._tag === "Seen")
    found.push(...(template.value.obstacles ?? []).map((name) => `template asks for ${name}`))
  if (details.refreshing._tag === "Seen" && details.refreshing.value) found.push("instance refresh in progress")
  const listed = new Set(instances.map((one) => one.instance))
  for (const { instance } of members) if (!listed.has(instance)) found.push(`cannot see instance ${instance}`)
  if (new Set(instances.map((one) => one.product)).size > 1) found.push("members of several products")
  if ([group.tags, ...instances.map((one) => one.tags)].some(isKubernetesNode)) found.push("kubernetes nodes")
  return [...found, ...blindSpots(details, isStandIn)].sort()
}
