/** A world at hand for tests: a small market, time that moves when told, and answers without delay. */
import { Effect } from "effect"
import {
  AccountId,
  GroupName,
  type InstanceId,
  InstanceType,
  instant,
  microUsd,
  Region,
  TenantId,
  ZoneId
} from "../../../schemas/ids.ts"
import { prng } from "../../../schemas/chance.ts"
import { AdvisorBand, TypeSpec } from "../../../schemas/pool.ts"
import { CloudRefusal } from "../cloud-refusal.ts"
import { ec2Calls, managedByValue, ownTags } from "../ec2.ts"
import { inner as ec2Of } from "../ec2.sim.ts"
import { groupCalls } from "../group.ts"
import { inner as groupOf } from "../group.sim.ts"
import { inner as healthOf } from "../health.sim.ts"
import { Caller } from "../port.ts"
import { inner as pricesOf } from "../prices.sim.ts"
import { inner as stsOf } from "../sts.sim.ts"
import type { Behaviours } from "./faults.ts"
import type { Wire } from "./inner.ts"
import type { Market } from "./market.ts"
import type { FleetGroup } from "./plant.ts"
import { World, type WorldOptions } from "./world.ts"

export { prng }

const families = ["m5", "m6i", "m6a", "c5", "c6i", "r5", "r6i"]
const sizes = { large: 2, xlarge: 4, "2xlarge": 8, "4xlarge": 16 }
const specs = families.flatMap((family) =>
  Object.entries(sizes).map(([size, vcpu]) => {
    const instanceType = InstanceType.make(`${family}.${size}`)
    return new TypeSpec({
      instanceType,
      architecture: "x86_64",
      vcpu,
      memoryMib: vcpu * (family.startsWith("c") ? 2048 : family.startsWith("r") ? 8192 : 4096),
      hypervisor: "nitro",
      enaRequired: true,
      nvmeRequired: true,
      bootModes: ["legacy-bios", "uefi"],
      bareMetal: false,
      instanceStoreGb: 0
    })
  })
)
const zoneNumbers: Readonly<Record<string, readonly [string, ReadonlyArray<number>]>> = {
  "us-east-1": ["use1", [1, 2, 4, 5, 6]],
  "us-west-2": ["usw2", [1, 2, 3, 4]],
  "eu-west-1": ["euw1", [1, 2, 3]]
}

/**
 * Everything is sold everywhere: on-demand for four cents a vCPU, Spot for a third. r6i is not sold as Spot in the
 * first zone.
 */
export const testMarket: Market = {
  types: new Map(specs.map((spec) => [spec.instanceType, spec])),
  zones: (region) => {
    const [prefix, numbers] = zoneNumbers[region] ?? ["", []]
    return numbers.map((n) => ZoneId.make(`${prefix}-az${n}`))
  },
  onDemandMicroUsd: (_, type) => microUsd(0.04 * (specs.find((spec) => spec.instanceType === type)?.vcpu ?? 0)),
  advisor: (_, type) => ({
    band: AdvisorBand.make(type.endsWith("4xlarge") ? 4 : 0),
    savingsPct: 66,
    asOf: "2026-01-01"
  }),
  spotMicroUsd: (_, zone, type) =>
    type.startsWith("r6i") && zone.endsWith("az1")
      ? undefined
      : microUsd(0.013 * (specs.find((spec) => spec.instanceType === type)?.vcpu ?? 0))
}

export const home = {
  tenant: TenantId.make("acme"),
  account: AccountId.make("111122223333"),
  region: Region.make("us-east-1"),
  roleArn: "arn:aws:iam::111122223333:role/CloudOptimOperator",
  externalId: "cloudoptim-acme"
}
const writeActions = [...Object.values(ec2Calls), ...Object.values(groupCalls)].flatMap(({ writes }) => writes ?? [])

/** A group of `size` m5.large in three zones, with room for two more. */
export const aGroup = (size: number, change: Partial<FleetGroup> = {}): FleetGroup => ({
  account: home.account,
  region: home.region,
  group: GroupName.make("web"),
  minSize: 1,
  desired: size,
  maxSize: size + 2,
  zones: [1, 2, 4].map((n) => ZoneId.make(`use1-az${n}`)),
  instanceType: InstanceType.make("m5.large"),
  hasTemplate: true,
  launchHooks: 0,
  terminateHooks: 0,
  targetGroups: [],
  alarms: [],
  warmPool: false,
  operatorManaged: false,
  mixed: null,
  tags: { Name: "web" },
  leftAlone: null,
  ...change
})

/** Answers at once, and never loses one. */
export const instantly: Wire = { call: (far) => Effect.sync(far) }

export interface StageOptions {
  readonly seed?: number
  readonly group?: FleetGroup | null
  readonly behaviours?: Partial<Behaviours>
  readonly keep?: (line: string) => void
  readonly wake?: (at: number) => void
  readonly market?: Market
  readonly lines?: ReadonlyArray<string>
  readonly speed?: number
}

export class Stage {
  now = Date.UTC(2026, 0, 1)
  readonly world: World
  readonly ec2
  readonly groups
  readonly health
  readonly sts
  readonly prices

  constructor({
    seed = 1,
    group = aGroup(6),
    behaviours,
    keep,
    wake,
    market = testMarket,
    lines,
    speed = 1
  }: StageOptions = {}) {
    const options: WorldOptions = {
      now: () => this.now,
      random: prng(seed),
      speed,
      market,
      behaviours: { throttling: false, ...behaviours },
      ...(keep === undefined ? {} : { keep }),
      ...(wake === undefined ? {} : { wake })
    }
    this.world = lines === undefined ? new World(options) : World.restore(lines, options)
    this.ec2 = ec2Of(this.world, instantly)
    this.groups = groupOf(this.world, instantly)
    this.health = healthOf(this.world, instantly)
    this.sts = stsOf(this.world, instantly)
    this.prices = pricesOf(this.world, instantly)
    if (group !== null) this.world.plant(fleetOf([group]))
  }

  /** Lets time pass, event by event, as a host would. */
  pass(ms: number): void {
    const end = this.now + ms
    for (let due = this.world.nextDue(); due !== undefined && due <= end; due = this.world.nextDue()) {
      this.now = Math.max(this.now, due)
      this.world.advance()
    }
    this.now = end
    this.world.advance()
  }

  /** The group as anybody reads it. */
  web(name = "web") {
    const { groups } = Effect.runSync(this.groups.groups({ names: [GroupName.make(name)], page: null }, aCaller(this)))
    const [group] = groups
    if (group === undefined) throw new Error(`no group ${name}`)
    return group
  }
  instance(id: InstanceId) {
    return Effect.runSync(this.ec2.instances({ ids: [id], saga: null, page: null }, aCaller(this))).instances[0]
  }
}

export const fleetOf = (groups: ReadonlyArray<FleetGroup>) => ({
  tenants: [home.tenant],
  accounts: [
    {
      tenant: home.tenant,
      account: home.account,
      name: "acme",
      regions: [home.region],
      environment: "PROD" as const,
      mode: "act" as const,
      roleArn: home.roleArn,
      externalId: home.externalId
    }
  ],
  groups
})

/** A saga's step with a lease of a minute. */
export const aCaller = (
  stage: { readonly now: number },
  change: Partial<ConstructorParameters<typeof Caller>[0]> = {}
) =>
  new Caller({
    ...home,
    mode: "act",
    by: "executor-00:1",
    saga: "s1",
    step: "launch",
    epoch: 1,
    may: writeActions,
    until: instant(stage.now + 60_000),
    ...change
  })

/** A launch as a swap orders it. */
export const aLaunch = (change: Partial<typeof import("../ec2.ts").Launch.Type> = {}) => ({
  token: "token-1",
  template: "lt-web",
  version: 1,
  instanceType: InstanceType.make("m6i.large"),
  subnet: "subnet-3333-use1-az1",
  zone: ZoneId.make("use1-az1"),
  tags: { [ownTags.managedBy]: managedByValue, [ownTags.saga]: "s1", [ownTags.step]: "launch" },
  ...change
})

/** The answer, or the code of the refusal. */
export const codeOf = <A>(call: Effect.Effect<A, CloudRefusal>): A | string => {
  const result = Effect.runSync(Effect.result(call))
  return result._tag === "Failure" ? result.failure.code : result.success
}
