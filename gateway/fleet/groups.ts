/** Groups as screens show them: what they are made of, what they cost, and why they are as they are. */
import type { GroupDetail, GroupView, InstanceView } from "../../schemas/api/fleet.ts"
import { isPresent, lastReadOf } from "../../schemas/composition.ts"
import type { BookRow } from "../../schemas/decision.ts"
import { type GroupSeen, type Member, sweepDone } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import type { Moment } from "../rows.ts"
import { instanceView } from "./instances.ts"
import type { Prices } from "./prices.ts"
import { standingOf } from "./standing.ts"
import { groupTokenOf } from "./tokens.ts"

/** When the group was last known to be as its row says, in milliseconds since 1970. */
export const readAtOf = (moment: Moment, group: GroupSeen): number =>
  lastReadOf(group, moment.remark(sweepDone, key(group.account, group.region))?.value)

const countsOf = (members: ReadonlyArray<Member>) => {
  const spot = members.filter(({ lifecycle }) => lifecycle === "spot").length
  return { spot, onDemand: members.length - spot }
}

/** One price that is not known makes the sum unknown: a sum of the rest would look like the whole. */
const sumOf = (prices: ReadonlyArray<number | null>): number | null =>
  prices.reduce<number | null>((sum, price) => (sum === null || price === null ? null : sum + price), 0)

/** Micro-dollars an hour of members that serve, as they are and as if all were on demand. */
const costOf = (group: GroupSeen, members: ReadonlyArray<Member>, prices: Prices) => {
  const machines = members.map(({ zone, instanceType, lifecycle }) => ({
    machine: { region: group.region, zone, instanceType, product: group.product },
    lifecycle
  }))
  const asIs = machines.map(({ machine, lifecycle }) =>
    lifecycle === "spot" ? prices.spot(machine) : prices.onDemand(machine)
  )
  return { hourlyCost: sumOf(asIs), hourlyOnDemand: sumOf(machines.map(({ machine }) => prices.onDemand(machine))) }
}

export const groupView = (moment: Moment, prices: Prices, row: BookRow<GroupSeen>): typeof GroupView.Encoded => {
  const { value: group, seq } = row
  const members = group.members.filter(isPresent)
  const standing = standingOf(moment, group)
  const { tenant, account, region, owner, environment, mode, minSize, desired, maxSize } = group
  return {
    id: groupTokenOf(group),
    tenant,
    account,
    region,
    group: group.group,
    owner,
    environment,
    mode,
    minSize,
    desired,
    maxSize,
    inService: members.filter(({ state }) => state === "InService").length,
    ...countsOf(members),
    zones: [...Map.groupBy(members, ({ zone }) => zone)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([zone, here]) => ({ zone, ...countsOf(here) })),
    because: standing.because,
    details: standing.details,
    proposedMonthlySavings: standing.monthlySavings,
    ...costOf(group, members, prices),
    inFlight: standing.inFlight,
    readAt: readAtOf(moment, group),
    seq
  }
}

export const groupDetail = (moment: Moment, prices: Prices, row: BookRow<GroupSeen>): typeof GroupDetail.Encoded => {
  const { product, subnets, template, suspended, obstacles, targetGroups, alarms, members } = row.value
  const shown: ReadonlyArray<typeof InstanceView.Encoded> = members.map((member) =>
    instanceView(moment, prices, { group: row.value, member })
  )
  return {
    ...groupView(moment, prices, row),
    product,
    subnets,
    template,
    suspended,
    obstacles,
    targetGroups,
    alarms,
    members: shown.toSorted((a, b) => (a.zone + a.instance < b.zone + b.instance ? -1 : 1))
  }
}
