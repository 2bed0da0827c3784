/** One row of DescribeInstances in our words. What we cannot name for certain is never touched. */
import type { Instance as Raw } from "@aws-sdk/client-ec2"
import { Effect } from "effect"
import type { Lifecycle } from "../../schemas/ids.ts"
import type { Product } from "../../schemas/pool.ts"
import { readAs } from "./aws-refusal.live.ts"
import type { ZoneOf } from "./aws-zones.live.ts"
import type { CloudRefusal } from "./cloud-refusal.ts"
import { Instance } from "./ec2.ts"

/** By how AWS names the platform in prices and details. Source: EC2, "AMI billing information fields". */
const products: ReadonlyArray<readonly [RegExp, typeof Product.Type]> = [
  [/^Linux\/UNIX( \(Amazon VPC\))?$/, "linux"],
  [/^Windows( \(Amazon VPC\))?$/, "windows"],
  [/^Red Hat Enterprise Linux( \(Amazon VPC\))?$/, "rhel"],
  [/^SUSE Linux( \(Amazon VPC\))?$/, "suse"]
]
/** Null: sold under another price list (a database with it, high availability), which we do not have. */
export const productOf = (described: string | undefined): typeof Product.Type | null =>
  products.find(([pattern]) => pattern.test(described ?? ""))?.[1] ?? null

/** Where an endpoint gives no details of the platform, the platform itself says Windows or nothing. */
const soldAs = (raw: Raw) =>
  isDetailed(raw)
    ? productOf(raw.PlatformDetails)
    : productOf(raw.Platform?.toLowerCase() === "windows" ? "Windows" : "Linux/UNIX")

/** Absent = on-demand; `scheduled`, `capacity-block` and what may come are bought in a way that a swap would waste. */
const bought = (
  lifecycle: string | undefined
): { readonly lifecycle: typeof Lifecycle.Type; readonly isOurs: boolean } => {
  if (lifecycle === undefined || lifecycle === "") return { lifecycle: "on-demand", isOurs: true }
  return lifecycle === "spot" ? { lifecycle, isOurs: true } : { lifecycle: "on-demand", isOurs: false }
}

/**
 * What stays behind, is paid for further, or is not copied from the template when the machine is replaced (traps 23, 24
 * and 41). Sources: EC2 API, Instance and the types it names; an address lent by AWS itself has the owner `amazon`, but
 * not where an endpoint leaves out details.
 */
const boundTo = (raw: Raw): ReadonlyArray<string> => {
  const cards = raw.NetworkInterfaces ?? []
  const isApart = ({ Attachment: at }: (typeof cards)[number]) =>
    (at?.DeviceIndex ?? 0) > 0 || (at?.NetworkCardIndex ?? 0) > 0
  const isLent = ({ Association: ip }: (typeof cards)[number]) => (ip?.IpOwnerId ?? "amazon") === "amazon"
  const { Tenancy, HostId } = raw.Placement ?? {}
  const found: ReadonlyArray<readonly [boolean, string]> = [
    [isDetailed(raw) && !cards.every(isLent), "an Elastic IP"],
    [cards.some(isApart), "a network interface of its own"],
    [cards.some((card) => (card.PrivateIpAddresses ?? []).length > 1), "further private addresses"],
    [raw.SourceDestCheck === false, "traffic that it forwards"],
    [(raw.BlockDeviceMappings ?? []).some(outlives), "a volume that outlives it"],
    [(raw.CapacityReservationId ?? "") !== "", "a capacity reservation"],
    [(Tenancy ?? "default") !== "default" || (HostId ?? "") !== "", "hardware of its own"],
    [(raw.Licenses ?? []).length > 0, "a licence"],
    [raw.HibernationOptions?.Configured === true, "hibernation"],
    [(raw.OutpostArn ?? "") !== "", "an Outpost"]
  ]
  return found.flatMap(([isSo, name]) => (isSo ? [name] : []))
}
const isDetailed = ({ PlatformDetails }: Raw) => (PlatformDetails ?? "") !== ""
const outlives = ({ Ebs: volume }: NonNullable<Raw["BlockDeviceMappings"]>[number]) =>
  volume?.DeleteOnTermination === false

const leaving = new Set(["shutting-down", "terminated", "stopping", "stopped"])

/**
 * Fails, naming the instance, where its id, type, zone, state or launch time cannot be read: a gap looks like death.
 * An instance bought or sold in a way that we do not know is reported as if a service of AWS owned it.
 */
export const readInstance = (action: string, raw: Raw, zoneOf: ZoneOf): Effect.Effect<Instance, CloudRefusal> => {
  const { lifecycle, isOurs } = bought(raw.InstanceLifecycle)
  const product = soldAs(raw)
  const state = raw.State?.Name
  return readAs(
    action,
    Instance,
    `instance ${raw.InstanceId ?? "without an id"}`
  )({
    instance: raw.InstanceId,
    instanceType: raw.InstanceType,
    zone: zoneOf(raw.Placement),
    lifecycle,
    product: product ?? "linux",
    state,
    stateReason: state !== undefined && leaving.has(state) ? raw.StateReason?.Code || null : null,
    launchedAt: raw.LaunchTime?.getTime(),
    tags: Object.fromEntries(
      (raw.Tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]]))
    ),
    operatorManaged: raw.Operator?.Managed === true || !isOurs || product === null,
    bound: boundTo(raw),
    // an empty element is parsed as an empty string, not as absent (trap 65)
    clientToken: raw.ClientToken || null,
    subnet: raw.SubnetId || null
  })
}
