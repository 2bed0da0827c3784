/** Two described fleets: one for a demonstration of everything, one small enough for many simulated runs. */
import { AccountId, GroupName, type InstanceType, Region, TenantId, type ZoneId } from "../../../schemas/ids.ts"
import type { Market } from "./market.ts"
import type { Fleet, FleetAccount, FleetGroup } from "./plant.ts"

const account = (
  tenant: string,
  id: string,
  name: string,
  regions: ReadonlyArray<string>,
  lab: boolean
): FleetAccount => ({
  tenant: TenantId.make(tenant),
  account: AccountId.make(id),
  name,
  regions: regions.map((each) => Region.make(each)),
  environment: lab ? "LAB" : "PROD",
  mode: "act",
  roleArn: `arn:aws:iam::${id}:role/CloudOptimOperator`,
  externalId: `cloudoptim-${tenant}`
})

/** One line of a fleet's table. */
interface Line {
  readonly at: FleetAccount
  readonly region: string
  readonly group: string
  readonly size: number
  /** Wanted types, the first that the region sells is taken. */
  readonly types: ReadonlyArray<string>
  readonly max?: number
  readonly zones?: number
  readonly behind?: boolean
  readonly hooks?: readonly [launching: number, terminating: number]
  readonly alarm?: boolean
  readonly change?: Partial<FleetGroup>
}

/** The region's zones that sell the type, beginning at one that the seed chooses. */
const zonesFor = (market: Market, region: Region, type: InstanceType, seed: number): ReadonlyArray<ZoneId> => {
  const zones = market.zones(region).filter((zone) => market.spotMicroUsd(region, zone, type) !== undefined)
  const turn = Math.abs(seed) % Math.max(1, zones.length)
  return [...zones.slice(turn), ...zones.slice(0, turn)]
}

const groupOf = (market: Market, seed: number, line: Line, i: number): FleetGroup => {
  const region = Region.make(line.region)
  const isSold = (type: string): type is InstanceType =>
    market.types.has(type as InstanceType) && market.onDemandMicroUsd(region, type as InstanceType) !== undefined
  const instanceType = line.types.find(isSold)
  if (instanceType === undefined) throw new Error(`${line.region} sells none of ${line.types.join()}`)
  const zones = zonesFor(market, region, instanceType, seed + i).slice(0, line.zones)
  if (zones.length < 3)
    throw new Error(`${instanceType} is sold in ${zones.length} zones of ${region}, three are needed`)
  const { size } = line
  return {
    account: line.at.account,
    region,
    group: GroupName.make(line.group),
    minSize: Math.max(1, Math.floor(size / 2)),
    desired: size,
    maxSize: line.max ?? size + Math.max(2, Math.floor(size / 5)),
    zones: zones.toSorted(),
    instanceType,
    hasTemplate: true,
    launchHooks: line.hooks?.[0] ?? 0,
    terminateHooks: line.hooks?.[1] ?? 0,
    targetGroups: line.behind === true ? [`targetgroup/${line.group}`] : [],
    alarms: line.alarm === true ? [`${line.group}-5xx`] : [],
    warmPool: false,
    operatorManaged: false,
    mixed: null,
    tags: { Name: line.group, environment: line.at.environment.toLowerCase() },
    leftAlone: null,
    ...line.change
  }
}

const fleet = (
  market: Market,
  seed: number,
  accounts: ReadonlyArray<FleetAccount>,
  lines: ReadonlyArray<Line>
): Fleet => ({
  tenants: [...new Set(accounts.map(({ tenant }) => tenant))],
  accounts,
  groups: lines.map((line, i) => groupOf(market, seed, line, i))
})

/**
 * Two tenants, four accounts, twelve groups of 3 to 60 on-demand members in three regions, and four groups that must be
 * left alone. The seed decides in which zone the members are dealt first.
 */
export const demoFleet = (market: Market, seed: number): Fleet => {
  const shop = account("acme", "111122223333", "acme shop", ["us-east-1", "us-west-2"], false)
  const data = account("acme", "222233334444", "acme data", ["us-east-1", "eu-west-1"], false)
  const play = account("globex", "333344445555", "globex play", ["eu-west-1", "us-east-1"], false)
  const lab = account("globex", "444455556666", "globex lab", ["us-west-2", "us-east-1"], true)
  return fleet(
    market,
    seed,
    [shop, data, play, lab],
    [...swappable(shop, data, play, lab), ...untouchable(shop, data, play, lab)]
  )
}

/**
 * Dealt so that no account has many more members than another, as the brake counts per account, and the large groups so
 * that each of their zones has as many as the next: where one has more, swaps in it go one at a time.
 */
const swappable = (...[shop, data, play, lab]: Accounts): ReadonlyArray<Line> => [
  { at: shop, region: "us-east-1", group: "shop-web", size: 60, types: ["m5.large"], behind: true, alarm: true },
  { at: shop, region: "us-west-2", group: "shop mail / eu*", size: 3, types: ["m5.large"] },
  { at: data, region: "us-east-1", group: "data-search", size: 30, types: ["r5.large"], hooks: [0, 1] },
  { at: data, region: "eu-west-1", group: "data-ingest", size: 20, types: ["c5.large"], alarm: true },
  { at: data, region: "eu-west-1", group: "data-full", size: 10, max: 10, types: ["r5.xlarge", "r5.large"] },
  { at: play, region: "eu-west-1", group: "play-lobby", size: 16, types: ["m6i.xlarge", "m5.xlarge"], behind: true },
  {
    at: play,
    region: "us-east-1",
    group: "play-match",
    size: 12,
    types: ["c5.2xlarge", "c5.xlarge"],
    hooks: [1, 1],
    behind: true
  },
  { at: play, region: "eu-west-1", group: "play-auth", size: 8, types: ["m5.2xlarge", "m5.large"] },
  {
    at: play,
    region: "eu-west-1",
    group: "play-cart",
    size: 30,
    types: ["m6i.large", "m5.large"],
    behind: true,
    hooks: [1, 0]
  },
  { at: lab, region: "us-east-1", group: "lab-api", size: 45, types: ["c5.xlarge", "c5.large"], hooks: [1, 1] },
  { at: lab, region: "us-west-2", group: "lab-workers", size: 12, types: ["m5.xlarge", "m5.large"], zones: 3 },
  { at: lab, region: "us-east-1", group: "lab-edge", size: 4, types: ["c5.large"], behind: true }
]
type Accounts = [shop: FleetAccount, data: FleetAccount, play: FleetAccount, lab: FleetAccount]

/** Each for a reason of its own. A 4xlarge of x86_64 finds no pool in us-east-1 that is hardly ever interrupted. */
const untouchable = (...[shop, data, play, lab]: Accounts): ReadonlyArray<Line> => [
  {
    at: shop,
    region: "us-east-1",
    group: "eks-nodes-7ac1",
    size: 6,
    types: ["m5.xlarge", "m5.large"],
    change: {
      tags: { "eks:nodegroup-name": "nodes", "eks:cluster-name": "shop", "kubernetes.io/cluster/shop": "owned" },
      leftAlone: "an EKS managed node group"
    }
  },
  {
    at: data,
    region: "eu-west-1",
    group: "data-warm",
    size: 6,
    types: ["c5.xlarge", "c5.large"],
    change: { warmPool: true, leftAlone: "a warm pool" }
  },
  {
    at: play,
    region: "eu-west-1",
    group: "play-legacy",
    size: 4,
    types: ["m5.large"],
    change: { hasTemplate: false, leftAlone: "no launch template" }
  },
  {
    at: lab,
    region: "us-east-1",
    group: "lab-render",
    size: 6,
    types: ["m5.4xlarge"],
    change: { leftAlone: "every Spot pool of its size is poor" }
  }
]

/** Two tenants, two accounts, four groups of 6 to 20. */
export const smallFleet = (market: Market, seed: number): Fleet => {
  const one = account("acme", "111122223333", "acme", ["us-east-1"], false)
  const two = account("globex", "333344445555", "globex", ["us-east-1", "eu-west-1"], false)
  return fleet(
    market,
    seed,
    [one, two],
    [
      { at: one, region: "us-east-1", group: "web", size: 20, types: ["m5.large"], behind: true, alarm: true },
      { at: one, region: "us-east-1", group: "api", size: 8, max: 8, types: ["c5.large"], hooks: [1, 1] },
      { at: two, region: "us-east-1", group: "jobs", size: 10, types: ["r5.large"], hooks: [0, 1] },
      { at: two, region: "eu-west-1", group: "edge", size: 6, types: ["m6i.large", "m5.large"], behind: true }
    ]
  )
}
