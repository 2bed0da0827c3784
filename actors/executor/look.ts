/** The look before a swap: does the world still allow it, and what exactly will be done. Reads only. */
import { Clock, Effect, Schema } from "effect"
import { turnBack } from "../../bus/saga.ts"
import { InstanceId, InstanceType, ZoneId } from "../../schemas/ids.ts"
import { isOpenAt, type Pool, type PoolRisk } from "../../schemas/pool.ts"
import { Part, productFloors, tighten, violationsOf } from "../../schemas/safe-plan.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import { Ec2, type Instance } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Gatekeeper } from "./gatekeeper.ts"
import { servesAsTarget, tagsDigest, templateForbids } from "./machine.ts"

/** What the look found and froze: nobody plans again after this. */
export class Frozen extends Schema.Class<Frozen>("Frozen")({
  template: Schema.String,
  version: Schema.Int,
  subnet: Schema.String,
  zone: ZoneId,
  instanceType: InstanceType,
  /** Revision of the pool's risk that the gate saw. */
  revision: Schema.Int,
  /** MaxSize as it was and as it must be for one more member; null where there is room. */
  maxSize: Schema.NullOr(Schema.Struct({ was: Schema.Int, raised: Schema.Int })),
  /** AZRebalance would answer the extra member by killing another (trap 4): it is suspended meanwhile. */
  holdRebalance: Schema.Boolean,
  /** Members at the start: whoever is not among them came meanwhile. */
  members: Schema.Array(InstanceId),
  targetGroups: Schema.Array(Schema.String),
  /** Digest of the tags that the launch carries; null: none. */
  tags: Schema.NullOr(Schema.String).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(null)),
    Schema.withConstructorDefault(Effect.succeed(null))
  )
}) {}

/** States in which a member counts as being there. */
export const isThere = (state: string) => state === "InService" || state.startsWith("Pending")

/** The group by name; undefined once its owner has deleted it: then nothing of it is to be restored either. */
export const readGroupIfThere = (order: Pick<SwapOrdered, "group">) =>
  Effect.map(
    Groups.use((port) => port.groups({ names: [order.group], page: null })),
    ({ groups }) => groups.find((one) => one.group === order.group)
  )

/** The group by name; its absence turns a swap back. */
export const readGroup = (order: Pick<SwapOrdered, "group">) =>
  Effect.flatMap(readGroupIfThere(order), (group) =>
    group === undefined
      ? Effect.fail(turnBack("GroupGone", `group ${order.group} is not there`))
      : Effect.succeed(group)
  )

/** While one is suspended, the group would neither take a member in nor end one, nor replace one that AWS takes. */
const neededProcesses = ["Launch", "Terminate", "AddToLoadBalancer", "HealthCheck", "ReplaceUnhealthy"]

const obstacleOf = (group: Group, order: SwapOrdered): string | undefined => {
  const old = group.members.find(({ instance }) => instance === order.move.old)
  if (group.status !== null) return `the group is in state ${group.status}`
  if (group.warmPool) return "the group has a warm pool"
  if (group.mixed !== null) return "a mixed instances policy would undo the swap"
  if (group.capacityRebalance) return "capacity rebalancing replaces members by itself"
  if (group.template === null) return "the group has no launch template"
  if (group.classicBalancers > 0) return "the group is behind a classic load balancer, whose health we do not read"
  if (group.maxInstanceLifetimeSeconds !== null) return "members are replaced by their age"
  if (group.obstacles.length > 0) return `the group has: ${group.obstacles.join(", ")}`
  const suspended = group.suspended.find((process) => neededProcesses.includes(process))
  if (suspended !== undefined) return `${suspended} is suspended`
  if (old === undefined) return `${order.move.old} is no member`
  if (old.state !== "InService" || !old.healthy) return `${order.move.old} is ${old.state}, not a healthy InService`
  if (old.protectedFromScaleIn) return `${order.move.old} is protected from scale-in`
  if (old.weight !== 1) return "the group's members are weighted"
  return old.zone === order.move.pool.zone ? undefined : `${order.move.old} is not in ${order.move.pool.zone}`
}

/** All members as EC2 knows them; a page holds 1,000. */
const readMembers = (group: Group) =>
  Effect.map(
    Ec2.use((port) => port.instances({ ids: group.members.map(({ instance }) => instance), saga: null, page: null })),
    ({ instances }) => new Map(instances.map((one) => [one.instance, one] as const))
  )

/** The composition after this one swap, judged as the plan was: the world may have moved since. */
const judgeAfter = (order: SwapOrdered, group: Group, known: ReadonlyMap<InstanceId, Instance>, pool: PoolRisk) =>
  Effect.gen(function* () {
    const gate = yield* Gatekeeper
    const parts: Array<Part> = []
    for (const member of group.members.filter(({ state }) => isThere(state))) {
      const swapped = member.instance === order.move.old
      const instanceType = swapped ? order.move.pool.instanceType : member.instanceType
      const lifecycle = swapped ? "spot" : known.get(member.instance)?.lifecycle
      if (lifecycle === undefined) return yield* turnBack("Unseen", `EC2 does not show member ${member.instance}`)
      const at = { ...order.move.pool, zone: member.zone, instanceType }
      const risk = swapped ? pool : (yield* gate.read(at))?.risk
      const spec = risk?.priced?.spec
      const vcpu = spec?.vcpu ?? (instanceType === order.move.oldType ? order.move.oldVcpu : undefined)
      if (vcpu === undefined) return yield* turnBack("UnknownType", `nobody knows how large ${instanceType} is`)
      const score = lifecycle === "spot" ? (risk?.score ?? null) : null
      parts.push(new Part({ zone: member.zone, instanceType, lifecycle, vcpu, count: 1, score }))
    }
    const wrong = violationsOf(parts, tighten(order.floors, productFloors), order.preset)
    if (wrong.length > 0) return yield* turnBack("Unsafe", wrong.map(({ details }) => details).join("; "))
  })

const subnetFor = (order: SwapOrdered, group: Group) =>
  Effect.gen(function* () {
    const subnets = yield* Ec2.use((port) => port.subnets({ subnets: group.subnets }))
    const here = subnets
      .filter(({ zone }) => zone === order.move.pool.zone)
      .sort((a, b) => b.freeAddresses - a.freeAddresses)
    const best = here[0]
    if (best === undefined) return yield* turnBack("NoSubnet", `the group has no subnet in ${order.move.pool.zone}`)
    if (best.freeAddresses < 1) return yield* turnBack("InsufficientFreeAddressesInSubnet", `${best.subnet} is full`)
    return best.subnet
  })

/** Would one more in this zone leave the zones two or more apart? */
export const unbalances = (group: Group, zone: ZoneId, zones: ReadonlyArray<ZoneId>): boolean => {
  const counts = new Map(zones.map((one) => [one, 0]))
  for (const member of group.members)
    if (isThere(member.state)) counts.set(member.zone, (counts.get(member.zone) ?? 0) + 1)
  counts.set(zone, (counts.get(zone) ?? 0) + 1)
  return Math.max(...counts.values()) - Math.min(...counts.values()) >= 2
}

/** The version that the old one runs: a newer one that nobody has rolled out yet is another machine (trap 11). */
const templateOf = (group: Group, order: SwapOrdered) =>
  group.members.find(({ instance }) => instance === order.move.old)?.template ??
  group.template ?? { id: "", version: "" }

/** The pool as the gate has it; turns back where nobody has scored it, and where it is in quarantine. */
export const openGate = (pool: Pool, now: number) =>
  Effect.gen(function* () {
    const seen = yield* Gatekeeper.use((gate) => gate.read(pool))
    const { score = null, priced = null } = seen?.risk ?? {}
    if (seen === undefined || score === null || priced === null) {
      return yield* turnBack("Unscored", `pool ${pool.instanceType} in ${pool.zone} has no score`)
    }
    if (!isOpenAt(seen.risk, now))
      return yield* turnBack("Poisoned", `pool ${pool.instanceType} in ${pool.zone} is in quarantine`)
    return { ...seen, priced }
  })

const gateOf = (order: SwapOrdered, now: number) =>
  Effect.gen(function* () {
    const seen = yield* openGate(order.move.pool, now)
    const { spec } = seen.priced
    if (spec.vcpu < order.move.oldVcpu) return yield* turnBack("Incompatible", `${spec.instanceType} has fewer vCPU`)
    return { ...seen, spec }
  })

/** Everything that must hold before the first write; what it gives is the swap's frozen plan. */
export const look = (order: SwapOrdered) =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    if (now > order.notAfter) return yield* turnBack("Expired", "the order came after its time")
    const group = yield* readGroup(order)
    const obstacle = obstacleOf(group, order)
    if (obstacle !== undefined || group.template === null)
      return yield* turnBack("Obstacle", obstacle ?? "no launch template")
    if (yield* Groups.use((port) => port.refreshing({ group: order.group })))
      return yield* turnBack("Obstacle", "an instance refresh is replacing the group's members")
    const known = yield* readMembers(group)
    const old = known.get(order.move.old)
    if (old?.lifecycle !== "on-demand" || old.operatorManaged)
      return yield* turnBack("NotMovable", `${order.move.old} is not on-demand, or not ours to move`)
    if (old.bound.length > 0) return yield* turnBack("NotMovable", `${order.move.old} has ${old.bound.join(", ")}`)
    if (yield* Ec2.use((port) => port.terminationProtected({ instance: order.move.old }))) {
      return yield* turnBack("Obstacle", `${order.move.old} has termination protection`)
    }
    const gate = yield* gateOf(order, now)
    yield* judgeAfter(order, group, known, gate.risk)
    yield* servesAsTarget(order, group)
    const template = yield* Ec2.use((port) => port.template(templateOf(group, order)))
    const forbids = templateForbids(template, gate.spec, group)
    if (forbids !== undefined) return yield* forbids
    const subnet = yield* subnetFor(order, group)
    const zones = yield* Effect.map(
      Ec2.use((port) => port.subnets({ subnets: group.subnets })),
      (all) => all.map(({ zone }) => zone)
    )
    const raise = group.desired + 1 > group.maxSize
    const holdRebalance = !group.suspended.includes("AZRebalance") && unbalances(group, order.move.pool.zone, zones)
    if ((raise || holdRebalance) && !order.alone) {
      return yield* turnBack("NotAlone", "a knob of the group must be turned, and other swaps of it are in flight")
    }
    return new Frozen({
      template: template.id,
      version: template.version,
      subnet,
      zone: order.move.pool.zone,
      instanceType: order.move.pool.instanceType,
      revision: gate.revision,
      maxSize: raise ? { was: group.maxSize, raised: group.desired + 1 } : null,
      holdRebalance,
      members: group.members.map(({ instance }) => instance),
      targetGroups: group.targetGroups,
      tags: tagsDigest(group)
    })
  })
