/** A cloud under test, and the desk from which the contract asks it: through the guard that the actors use. */
import { Effect } from "effect"
import type { Inners } from "../../actors/_ports/cloud.ts"
import type { CloudRefusal } from "../../actors/_ports/cloud-refusal.ts"
import { ec2Calls, managedByValue, ownTags } from "../../actors/_ports/ec2.ts"
import { groupCalls } from "../../actors/_ports/group.ts"
import { healthCalls } from "../../actors/_ports/health.ts"
import { Audit, Caller, guarded, type Shape, Whose } from "../../actors/_ports/port.ts"
import { pricesCalls } from "../../actors/_ports/prices.ts"
import { stsCalls } from "../../actors/_ports/sts.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import { type GroupName, type InstanceId, InstanceType, instant, type ZoneId } from "../../schemas/ids.ts"
import type { Seeded } from "./moto-fleet.ts"

/** A cloud under test, with the hands of its owners and of fate. */
export interface Cloud {
  readonly inners: Inners
  /** Who calls, without saga, lease and rights. */
  readonly home: Pick<Caller, "tenant" | "account" | "region" | "roleArn" | "externalId">
  /** The cloud's own clock, ms since 1970. */
  readonly now: () => number
  /** Lets the cloud finish what it began: boots, deaths, health checks. */
  readonly settle: () => Promise<void>
  /** On-demand members of m5.large over three zones, with room for two more. */
  readonly seedGroup: (name: string, size: number) => Promise<Seeded>
  readonly seedEmpty: (prefix: string, count: number) => Promise<void>
  readonly publishTemplate: (template: string) => Promise<number>
  readonly refusePool: (zone: ZoneId, type: InstanceType, code: string | null) => void
  /** New instances stay unknown to reads for so long; 0 = none. */
  readonly hideLaunches: (ms: number) => void
  /** Every call of the account is refused with this code; null = none. */
  readonly refuseAccount: (code: string | null) => void
  /** Writes that reached the cloud: the action without its service, and `executed` or a code. */
  readonly writes: () => ReadonlyArray<{ readonly action: string; readonly outcome: string }>
  readonly stop: () => Promise<void>
}

export interface Ports {
  readonly ec2: Shape<typeof ec2Calls>
  readonly groups: Shape<typeof groupCalls>
  readonly health: Shape<typeof healthCalls>
  readonly sts: Shape<typeof stsCalls>
  readonly prices: Shape<typeof pricesCalls>
}
type CallerChange = Partial<ConstructorParameters<typeof Caller>[0]>

const actions = [...Object.values(ec2Calls), ...Object.values(groupCalls)].flatMap(({ writes }) => writes ?? [])
export const type = (name: string) => InstanceType.make(name)
const leaseMs = 60_000

/** The same calls through the same guard that the actors use; every answer is what they would see. */
export class Desk {
  readonly cloud: Cloud
  readonly audited: Array<string> = []
  private readonly ports: Ports

  constructor(cloud: Cloud) {
    this.cloud = cloud
    const audit = Audit.of({
      begun: (_, action) => Effect.sync(() => `${this.audited.push(action)}`),
      ended: () => Effect.void
    })
    const { ec2, groups, health, sts, prices } = cloud.inners
    this.ports = {
      ec2: guarded(ec2Calls, ec2, audit),
      groups: guarded(groupCalls, groups, audit),
      health: guarded(healthCalls, health, audit),
      sts: guarded(stsCalls, sts, audit),
      prices: guarded(pricesCalls, prices, audit)
    }
  }

  private result<A>(use: (ports: Ports) => Effect.Effect<A, CloudRefusal | LeaseLost, Whose>, change: CallerChange) {
    const until = change.until ?? instant(this.cloud.now() + leaseMs)
    const caller = new Caller({
      ...this.cloud.home,
      mode: "act",
      by: "executor-00:1",
      saga: "swap-1",
      step: "launch",
      epoch: 1,
      may: actions,
      until,
      ...change
    })
    const whose = Whose.of({ caller, lease: Effect.succeed(until) })
    return Effect.runPromise(use(this.ports).pipe(Effect.provideService(Whose, whose), Effect.result))
  }

  async get<A>(use: (ports: Ports) => Effect.Effect<A, CloudRefusal | LeaseLost, Whose>, change: CallerChange = {}) {
    const result = await this.result(use, change)
    if (result._tag === "Failure") throw new Error(result.failure.message)
    return result.success
  }

  async refusal(
    use: (ports: Ports) => Effect.Effect<unknown, CloudRefusal | LeaseLost, Whose>,
    change: CallerChange = {}
  ) {
    const result = await this.result(use, change)
    if (result._tag === "Success") throw new Error(`expected a refusal, got ${JSON.stringify(result.success)}`)
    if (result.failure._tag !== "CloudRefusal") throw result.failure
    return result.failure
  }
  async code(
    use: (ports: Ports) => Effect.Effect<unknown, CloudRefusal | LeaseLost, Whose>,
    change: CallerChange = {}
  ) {
    return (await this.refusal(use, change)).code
  }

  launch(seeded: Seeded, token: string, change: Partial<typeof ec2Calls.launchSpot.asks.Type> = {}) {
    const [place] = seeded.subnets
    if (place === undefined) throw new Error("the group has no subnet")
    const tags = { [ownTags.managedBy]: managedByValue, [ownTags.saga]: "swap-1", [ownTags.step]: "launch" }
    const order = {
      token,
      template: seeded.template,
      version: 1,
      instanceType: type("m6i.large"),
      ...place,
      tags,
      ...change
    }
    return (ports: Ports) => ports.ec2.launchSpot(order)
  }
  async instance(id: InstanceId) {
    const { instances } = await this.get((ports) => ports.ec2.instances({ ids: [id], saga: null, page: null }))
    return instances[0]
  }
  async group(name: GroupName) {
    const { groups } = await this.get((ports) => ports.groups.groups({ names: [name], page: null }))
    const [group] = groups
    if (group === undefined) throw new Error(`no group ${name}`)
    return group
  }
  executed(action: string) {
    return this.cloud.writes().filter((write) => write.action === action && write.outcome === "executed").length
  }
}
