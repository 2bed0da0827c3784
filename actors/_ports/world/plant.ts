/**
 * Puts a described fleet into the world: accounts, networks, templates, groups with members that have long been
 * running.
 */
import type {
  AccountId,
  Environment,
  GroupName,
  InstanceType,
  Mode,
  Region,
  TenantId,
  ZoneId
} from "../../../schemas/ids.ts"
import { groupTag } from "../ec2.ts"
import { startOld } from "./ec2.ts"
import type { Ground } from "./ground.ts"
import { weightOf } from "./members.ts"
import { type GroupRow, keyIn, type Place } from "./state.ts"

/** An account as the accounts file has it. */
export interface FleetAccount {
  readonly tenant: TenantId
  readonly account: AccountId
  readonly name: string
  readonly regions: ReadonlyArray<Region>
  readonly environment: typeof Environment.Type
  readonly mode: typeof Mode.Type
  readonly roleArn: string
  readonly externalId: string
}

export interface FleetGroup extends Place {
  readonly group: GroupName
  readonly minSize: number
  readonly desired: number
  readonly maxSize: number
  /** Members are dealt to them in turn. */
  readonly zones: ReadonlyArray<ZoneId>
  readonly instanceType: InstanceType
  /** False: a launch configuration, which nobody can copy from. */
  readonly hasTemplate: boolean
  readonly launchHooks: number
  readonly terminateHooks: number
  readonly targetGroups: ReadonlyArray<string>
  readonly alarms: ReadonlyArray<string>
  readonly warmPool: boolean
  /** Its instances belong to a service of AWS, which alone may end them (trap 26). */
  readonly operatorManaged: boolean
  readonly mixed: GroupRow["mixed"]
  readonly tags: Readonly<Record<string, string>>
  /** Why nobody but its owner may touch it; null where it is fair game. */
  readonly leftAlone: string | null
}

export interface Fleet {
  readonly tenants: ReadonlyArray<TenantId>
  readonly accounts: ReadonlyArray<FleetAccount>
  readonly groups: ReadonlyArray<FleetGroup>
}

/** A /24 has 251 usable addresses, shared by all groups of the account in that zone. */
const subnetAddresses = 251
/** Far above any demonstration fleet: a host lowers it to see the quota's refusals. */
const vcpuQuota = 5_000

export const plant = (w: Ground, fleet: Fleet): void => {
  for (const account of fleet.accounts) plantAccount(w, account)
  for (const group of fleet.groups) plantGroup(w, group)
}

const plantAccount = (w: Ground, account: FleetAccount): void => {
  w.rows.accounts.put(account.account, {
    ...account,
    refuses: null,
    spotRole: true,
    spotVcpuQuota: vcpuQuota,
    onDemandVcpuQuota: vcpuQuota
  })
  for (const region of account.regions) {
    for (const zone of w.market.zones(region)) {
      const subnet = subnetOf(account.account, zone)
      const row = { account: account.account, region, subnet, zone, addresses: subnetAddresses }
      w.rows.subnets.put(keyIn(row, subnet), row)
    }
  }
}
const subnetOf = (account: AccountId, zone: ZoneId) => `subnet-${account.slice(-4)}-${zone}`

const plantGroup = (w: Ground, fleet: FleetGroup): void => {
  const { account, region, group } = fleet
  const place = { account, region }
  const template = fleet.hasTemplate
    ? { id: `lt-${group.replaceAll(/[^A-Za-z0-9]+/g, "-")}`, version: "$Latest" }
    : null
  if (template !== null) plantTemplate(w, place, template.id, fleet.instanceType)
  for (const name of fleet.targetGroups) w.rows.targetGroups.put(keyIn(place, name), { targetGroup: name })
  for (const name of fleet.alarms) w.rows.alarms.put(keyIn(place, name), { state: "OK" })
  const alarms = fleet.alarms.length === 0 ? {} : { "cloudoptim:alarms": fleet.alarms.join(",") }
  const { minSize, desired, maxSize, launchHooks, terminateHooks, targetGroups, warmPool, mixed } = fleet
  const row: GroupRow = {
    ...place,
    ...untouched,
    key: keyIn(place, group),
    group,
    minSize,
    desired,
    maxSize,
    template,
    mixed,
    launchHooks,
    terminateHooks,
    targetGroups,
    warmPool,
    tags: { ...fleet.tags, ...alarms },
    subnets: fleet.zones.map((zone) => subnetOf(account, zone)),
    base: { minSize, desired, maxSize, suspended: [] }
  }
  w.markGroup(row)
  plantMembers(w, fleet, row)
}

/** How every group begins. */
const untouched = {
  suspended: [],
  classicBalancers: 0,
  capacityRebalance: false,
  maxInstanceLifetimeSeconds: null,
  newMembersProtected: false,
  refreshing: false,
  status: null,
  excused: 0,
  lossAt: null,
  unevenSince: null
}

const plantTemplate = (w: Ground, place: Place, id: string, instanceType: InstanceType): void => {
  const architecture = w.market.types.get(instanceType)?.architecture ?? null
  const version = { version: 1, imageId: "ami-0c0ffee0c0ffee000", instanceType, architecture, asksForSpot: false }
  w.rows.templates.put(keyIn(place, id), { ...place, id, defaultVersion: 1, versions: [version] })
}

/** Between a day and ten days old. */
const agesMs = [86_400_000, 864_000_000] as const

const plantMembers = (w: Ground, fleet: FleetGroup, group: GroupRow): void => {
  const types = fleet.mixed?.types ?? [fleet.instanceType]
  let left = fleet.desired
  for (let i = 0; left > 0; i++) {
    const zone = fleet.zones[i % fleet.zones.length]
    const instanceType = types[i % types.length] ?? fleet.instanceType
    if (zone === undefined) throw new Error(`${fleet.group} has no zone`)
    const order = {
      account: fleet.account,
      region: fleet.region,
      instanceType,
      subnet: subnetOf(fleet.account, zone),
      zone,
      lifecycle: "on-demand" as const,
      tags: { ...fleet.tags, [groupTag]: group.group },
      saga: null,
      operatorManaged: fleet.operatorManaged,
      ...(group.template === null ? {} : { from: { id: group.template.id, version: "1" } })
    }
    const age = agesMs[0] + w.draw() * (agesMs[1] - agesMs[0])
    const row = startOld(w, order, Math.max(0, Math.floor(w.at - age)))
    const weight = weightOf(group, row)
    const targets = Object.fromEntries(group.targetGroups.map((name) => [name, "healthy" as const]))
    row.member = { group: group.key, state: "InService", healthy: true, protectedFromScaleIn: false, weight, targets }
    w.mark(row)
    left -= weight
  }
}
