/** Instances: launched, booting, running, dying, and still visible for a while. */
import type { InstanceId, InstanceType, ZoneId } from "../../../schemas/ids.ts"
import { instant } from "../../../schemas/ids.ts"
import { Instance, type Launch } from "../ec2.ts"
import type { Caller } from "../port.ts"
import type { Ground } from "./ground.ts"
import { onEffect, onLaunch, onTerminate } from "./invariants.ts"
import { pageSize } from "./market.ts"
import { refuse } from "./refused.ts"
import { type InstanceRow, keyIn, type Place, scopeOf } from "./state.ts"
import { resolve } from "./templates.ts"

export const isGone = (row: InstanceRow) => row.state === "shutting-down" || row.state === "terminated"

/** Seventeen hexadecimal digits, as AWS gives; an odd multiplier keeps different numbers different. */
const idOf = (n: number): InstanceId =>
  `i-0${((BigInt(n) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn).toString(16).padStart(16, "0")}` as InstanceId

export interface Order extends Place {
  readonly instanceType: InstanceType
  readonly subnet: string
  readonly zone: ZoneId
  readonly lifecycle: "on-demand" | "spot"
  readonly tags: Readonly<Record<string, string>>
  readonly saga: string | null
  readonly operatorManaged?: boolean
  readonly from?: NonNullable<InstanceRow["from"]>
  readonly clientToken?: string
}

/** Free addresses of a subnet: AWS keeps five of each for itself, which `addresses` leaves out already. */
export const freeAddresses = (w: Ground, place: Place, subnet: string): number => {
  const key = keyIn(place, subnet)
  return (w.rows.subnets.get(key)?.addresses ?? 0) - (w.counts.addresses.get(key) ?? 0)
}

/** Quota and addresses, then a new machine: the same for a Spot launch of ours and for a group's own launch. */
export const start = (w: Ground, order: Order): InstanceRow => {
  const vcpu =
    w.market.types.get(order.instanceType)?.vcpu ?? refuse("InvalidParameterValue", `no type ${order.instanceType}`)
  const account = w.rows.accounts.get(order.account) ?? refuse("AccessDenied", "no such account")
  const used = w.counts.vcpus.get(`${scopeOf(order)} ${order.lifecycle}`) ?? 0
  if (order.lifecycle === "spot" && used + vcpu > account.spotVcpuQuota) {
    refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
  }
  if (order.lifecycle === "on-demand" && used + vcpu > account.onDemandVcpuQuota) {
    refuse("VcpuLimitExceeded", `You have requested more vCPU capacity than your limit of ${account.onDemandVcpuQuota}`)
  }
  if (freeAddresses(w, order, order.subnet) < 1) refuse("InsufficientFreeAddressesInSubnet", `${order.subnet} is full`)
  const row = create(w, order, vcpu)
  w.plan("boot", row.id, w.at + w.span(w.behaviours.bootMs))
  w.mark(row)
  return row
}

const create = (w: Ground, order: Order, vcpu: number): InstanceRow => {
  const n = w.count("instance")
  return {
    ...placeOf(order),
    id: idOf(n),
    n,
    instanceType: order.instanceType,
    vcpu,
    zone: order.zone,
    subnet: order.subnet,
    lifecycle: order.lifecycle,
    product: "linux",
    state: "pending",
    stateReason: null,
    launchedAt: w.at,
    visibleAt: w.at + w.span(w.behaviours.lagMs),
    statusOkAt: null,
    sick: w.chance(w.behaviours.sickRate),
    tags: { ...order.tags },
    operatorManaged: order.operatorManaged ?? false,
    ...(order.from === undefined ? {} : { from: order.from }),
    ...(order.clientToken === undefined ? {} : { clientToken: order.clientToken }),
    terminationProtected: false,
    saga: order.saga,
    member: null
  }
}
export const placeOf = ({ account, region }: Place): Place => ({ account, region })

/** A machine that has been running for long, as a fleet is planted. */
export const startOld = (w: Ground, order: Order, launchedAt: number): InstanceRow => {
  const vcpu = w.market.types.get(order.instanceType)?.vcpu
  if (vcpu === undefined) throw new Error(`the market has no type ${order.instanceType}`)
  const row: InstanceRow = {
    ...create(w, order, vcpu),
    state: "running",
    launchedAt,
    visibleAt: launchedAt,
    statusOkAt: launchedAt,
    sick: false
  }
  w.mark(row)
  return row
}

type LaunchRequest = typeof Launch.Type

/** RunInstances with one Spot instance. Its token is bound only by success, in its zone only (traps 16 and 69). */
export const launchSpot = (w: Ground, input: LaunchRequest, caller: Caller): { readonly instance: InstanceId } => {
  if (input.token.length === 0 || input.token.length > 64)
    refuse("InvalidParameterValue", "ClientToken: 1 to 64 characters")
  const key = keyIn(caller, `${input.zone}/${input.token}`)
  const request = JSON.stringify([
    input.template,
    input.version,
    input.instanceType,
    input.subnet,
    input.zone,
    sorted(input.tags)
  ])
  const bound = w.rows.tokens.get(key)
  if (bound !== undefined) {
    if (bound.request !== request)
      refuse("IdempotentParameterMismatch", "The request uses the same client token as another one")
    const known = w.rows.instances.get(bound.instance)
    if (known === undefined || isGone(known)) refuse("IdempotentInstanceTerminated", `${bound.instance} was terminated`)
    return { instance: bound.instance }
  }
  mayLaunch(w, input, caller)
  const { instanceType, subnet, zone, tags } = input
  const from = { id: input.template, version: String(input.version) }
  const spot = { ...placeOf(caller), instanceType, subnet, zone, lifecycle: "spot" as const, tags, saga: caller.saga }
  const row = start(w, { ...spot, from, clientToken: input.token })
  w.rows.tokens.put(key, { instance: row.id, request })
  onEffect(w, "launch", row.id)
  onLaunch(w, row)
  return { instance: row.id }
}
const sorted = (tags: Readonly<Record<string, string>>) => Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))

/** Everything that speaks against a Spot launch, each in its own code (trap 20). */
const mayLaunch = (w: Ground, input: LaunchRequest, caller: Caller): void => {
  const template = resolve(w, caller, input.template, String(input.version))
  const subnet =
    w.rows.subnets.get(keyIn(caller, input.subnet)) ?? refuse("InvalidSubnetID.NotFound", `no subnet ${input.subnet}`)
  if (subnet.zone !== input.zone)
    refuse("InvalidParameterValue", `${input.subnet} lies in ${subnet.zone}, not ${input.zone}`)
  const type =
    w.market.types.get(input.instanceType) ?? refuse("InvalidParameterValue", `no type ${input.instanceType}`)
  if (template.architecture !== null && template.architecture !== type.architecture) {
    refuse("InvalidParameterValue", `The architecture of ${input.instanceType} does not match that of the image`)
  }
  if (w.market.spotMicroUsd(caller.region, input.zone, input.instanceType) === undefined) {
    refuse("Unsupported", `${input.instanceType} is not supported in ${input.zone}`)
  }
  if (w.rows.accounts.get(caller.account)?.spotRole === false) {
    refuse("AuthFailure.ServiceLinkedRoleCreationNotPermitted", "No right to create the service-linked role for Spot")
  }
  const pool = w.rows.refusing.get(`${input.zone} ${input.instanceType}`)
  if (pool !== undefined) refuse(pool.code, `${input.instanceType} in ${input.zone} refuses`)
  if (w.chance(w.behaviours.noCapacityRate))
    refuse("InsufficientInstanceCapacity", "There is no Spot capacity available")
}

/** An instance as the caller can see it now: its own account's, and only once reads have caught up (trap 17). */
const visible = (w: Ground, id: InstanceId, caller: Place): InstanceRow | undefined => {
  const row = w.rows.instances.get(id)
  if (row === undefined || row.account !== caller.account || row.region !== caller.region) return undefined
  return row.visibleAt <= w.at ? row : undefined
}
export const found = (w: Ground, id: InstanceId, caller: Place): InstanceRow =>
  visible(w, id, caller) ?? refuse("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`)

const view = (w: Ground, row: InstanceRow): Instance => {
  const known = w.seenInstances.get(row.id)
  if (known !== undefined) return known
  const { id, instanceType, zone, lifecycle, product, state, stateReason, tags, operatorManaged } = row
  const launchedAt = instant(row.launchedAt)
  const made = new Instance({
    instance: id,
    instanceType,
    zone,
    lifecycle,
    product,
    state,
    stateReason,
    launchedAt,
    tags: { ...tags },
    operatorManaged,
    bound: [...(row.bound ?? [])],
    clientToken: row.clientToken ?? null,
    subnet: row.subnet
  })
  w.seenInstances.set(row.id, made)
  return made
}

interface Asked {
  readonly ids: ReadonlyArray<InstanceId>
  readonly saga: string | null
  readonly page: string | null
}
/**
 * DescribeInstances. A page begins after the launch number that the last one ended with, so nothing is skipped or
 * doubled.
 */
export const instances = (w: Ground, { ids, saga, page }: Asked, caller: Caller) => {
  const isAsked = (row: InstanceRow | undefined): row is InstanceRow =>
    row !== undefined && row.visibleAt <= w.at && (saga === null || row.tags["cloudoptim:saga"] === saga)
  if (ids.length > 0) {
    const rows = [...new Set(ids)].map((id) => visible(w, id, caller)).filter(isAsked)
    return { instances: rows.map((row) => view(w, row)), next: null }
  }
  const after = page === null ? 0 : Number(page)
  if (!Number.isInteger(after)) refuse("InvalidNextToken", "the page token is not one of ours")
  const rows: Array<InstanceRow> = []
  for (const row of w.counts.listed.get(scopeOf(caller))?.values() ?? []) {
    if (row.n <= after || !isAsked(row)) continue
    if (rows.length === pageSize) return { instances: rows.map((each) => view(w, each)), next: String(rows.at(-1)?.n) }
    rows.push(row)
  }
  return { instances: rows.map((row) => view(w, row)), next: null }
}

export const statusOk = (w: Ground, id: InstanceId, caller: Caller): boolean => {
  const { state, statusOkAt } = found(w, id, caller)
  return state === "running" && statusOkAt !== null && statusOkAt <= w.at
}

/** TerminateInstances by us; what is dying or dead already stays so (traps 22 and 68). */
export const terminate = (w: Ground, id: InstanceId, caller: Caller): InstanceRow => {
  const row = found(w, id, caller)
  if (isGone(row)) return row
  if (row.operatorManaged) refuse("OperationNotPermitted", `${id} is managed by a service and may not be terminated`)
  if (row.terminationProtected)
    refuse("OperationNotPermitted", `${id} may not be terminated: disableApiTermination is set`)
  onEffect(w, `terminate ${id}`, "")
  onTerminate(w, row)
  shutDown(w, row, "Client.UserInitiatedShutdown")
  return row
}

export const shutDown = (w: Ground, row: InstanceRow, reason: string): void => {
  if (isGone(row)) return
  row.state = "shutting-down"
  row.stateReason = reason
  w.agenda.cancel("boot", row.id)
  w.plan("dead", row.id, w.at + w.span(w.behaviours.shutdownMs))
  w.mark(row)
}

/** Booted: the first heartbeat of everything that follows. */
export const booted = (w: Ground, row: InstanceRow): void => {
  if (row.lifecycle === "spot" && w.chance(w.behaviours.deadAtBootRate)) return shutDown(w, row, "Server.InternalError")
  row.state = "running"
  if (!row.sick) row.statusOkAt = w.at + w.span(w.behaviours.statusMs)
  w.mark(row)
}

export const dead = (w: Ground, row: InstanceRow): void => {
  row.state = "terminated"
  w.plan("forget", row.id, w.at + w.behaviours.terminatedVisibleMs / w.speed)
  w.mark(row)
}

export const forget = (w: Ground, row: InstanceRow): void => {
  w.counts.forget(row)
  w.seenInstances.delete(row.id)
  w.rows.instances.drop(row.id)
}
