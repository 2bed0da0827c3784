/**
 * The fleet of a simulated house: small groups in which every knob has to be turned sooner or later, and a few real
 * types.
 */
import { AccountId, GroupName, InstanceType, microUsd, Region, TenantId, ZoneId } from "../../schemas/ids.ts"
import { AdvisorBand, TypeSpec } from "../../schemas/pool.ts"
import type { Market } from "../../actors/_ports/world/market.ts"
import type { Fleet, FleetAccount, FleetGroup } from "../../actors/_ports/world/plant.ts"

/** Text that stands for a customer's secret: it lies in tags that we may read, and must be in nothing that we write. */
export const canary = "hunter2-canary-5f1e"

const families = ["m5", "m6i", "c5", "r5"]
const specs = families.map(
  (family) =>
    new TypeSpec({
      instanceType: InstanceType.make(`${family}.large`),
      architecture: "x86_64",
      vcpu: 2,
      memoryMib: 8192,
      hypervisor: "nitro",
      enaRequired: true,
      nvmeRequired: true,
      bootModes: ["legacy-bios", "uefi"],
      bareMetal: false,
      instanceStoreGb: 0
    })
)
const zonesOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  "us-east-1": ["use1-az1", "use1-az2", "use1-az4", "use1-az6"],
  "eu-west-1": ["euw1-az1", "euw1-az2", "euw1-az3"]
}

/** Four families of one size, sold everywhere: few pools, and enough of them for the five layers. */
export const market: Market = {
  types: new Map(specs.map((spec) => [spec.instanceType, spec])),
  zones: (region) => (zonesOf[region] ?? []).map((zone) => ZoneId.make(zone)),
  onDemandMicroUsd: (_, type) => microUsd(type.startsWith("r") ? 0.126 : 0.096),
  advisor: () => ({ band: AdvisorBand.make(0), savingsPct: 66, asOf: "2026-01-01" }),
  spotMicroUsd: (_, zone, type) => microUsd((type.startsWith("r") ? 0.04 : 0.03) + 0.001 * Number(zone.slice(-1)))
}

const account = (
  tenant: string,
  id: string,
  regions: ReadonlyArray<string>,
  mode: FleetAccount["mode"]
): FleetAccount => ({
  tenant: TenantId.make(tenant),
  account: AccountId.make(id),
  name: `${tenant} ${id.slice(0, 4)}`,
  regions: regions.map((one) => Region.make(one)),
  environment: "PROD",
  mode,
  roleArn: `arn:aws:iam::${id}:role/CloudOptimOperator`,
  externalId: `external-${tenant}-${id}`
})

const group = (
  at: FleetAccount,
  region: string,
  name: string,
  size: number,
  change: Partial<FleetGroup>
): FleetGroup => ({
  account: at.account,
  region: Region.make(region),
  group: GroupName.make(name),
  minSize: Math.max(1, Math.floor(size / 2)),
  desired: size,
  maxSize: size + 3,
  zones: (zonesOf[region] ?? []).map((zone) => ZoneId.make(zone)),
  instanceType: InstanceType.make("m5.large"),
  hasTemplate: true,
  launchHooks: 0,
  terminateHooks: 0,
  targetGroups: [],
  alarms: [],
  warmPool: false,
  operatorManaged: false,
  mixed: null,
  tags: { Name: name, "db-password": canary },
  leftAlone: null,
  ...change
})

const one = account("acme", "111122223333", ["us-east-1"], "act")
const two = account("globex", "333344445555", ["us-east-1", "eu-west-1"], "act")
const three = account("initech", "555566667777", ["us-east-1"], "observe")

/**
 * Two tenants whose accounts we may act in, and one whom we only watch. `full` and `tight` have no room for one more
 * member; in `tight` and `uneven` one more member of the fullest zone unbalances the zones.
 */
export const fleet: Fleet = {
  tenants: [one.tenant, two.tenant, three.tenant],
  accounts: [one, two, three],
  groups: [
    group(one, "us-east-1", "web", 10, { targetGroups: ["targetgroup/web"], alarms: ["web-5xx"] }),
    group(one, "us-east-1", "tight", 7, { maxSize: 7, launchHooks: 1, terminateHooks: 1 }),
    group(two, "us-east-1", "full", 8, { maxSize: 8, instanceType: InstanceType.make("r5.large"), terminateHooks: 1 }),
    group(two, "eu-west-1", "uneven", 7, {
      targetGroups: ["targetgroup/uneven"],
      instanceType: InstanceType.make("c5.large")
    }),
    group(three, "us-east-1", "watched", 4, {})
  ]
}
