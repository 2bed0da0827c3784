/** An Auto Scaling group as a sweep saw it: settings and every member, whole, so that nobody plans on half of it. */
import { Effect, Schema } from "effect"
import {
  AccountId,
  Environment,
  GroupName,
  Instant,
  InstanceId,
  InstanceType,
  Lifecycle,
  Mode,
  Region,
  TenantId,
  ZoneId
} from "./ids.ts"
import { key } from "./key.ts"
import { event, tick } from "./message.ts"
import { Architecture, Product } from "./pool.ts"

/** Who manages the group's instances; anyone but `asg` is asked before we touch it, or left alone. */
export const Owner = Schema.Literals([
  "asg",
  "eks-managed-node-group",
  "karpenter",
  "eks-auto-mode",
  "beanstalk",
  "ecs",
  "emr",
  "batch",
  "cloudformation",
  "cloudoptim",
  "nobody"
])
export type Owner = typeof Owner.Type

/** Which group: enough to find it again anywhere. */
export class GroupRef extends Schema.Class<GroupRef>("GroupRef")({
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: GroupName
}) {}
type Ref = Pick<GroupRef, "account" | "region" | "group">
export const groupKeyParts = (ref: Ref): ReadonlyArray<string> => [ref.account, ref.region, ref.group]
/** The group's token, as in bucket keys. */
export const groupToken = (ref: Ref): string => key(...groupKeyParts(ref))

/** Names, none where nobody said any. */
const names = Schema.Array(Schema.String).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed([])),
  Schema.withConstructorDefault(Effect.succeed([]))
)

export class Member extends Schema.Class<Member>("Member")({
  instance: InstanceId,
  instanceType: InstanceType,
  zone: ZoneId,
  lifecycle: Lifecycle,
  /** AWS's word: Pending, InService, Standby, Terminating and their `:Wait` and `:Proceed`. */
  state: Schema.String,
  healthy: Schema.Boolean,
  protectedFromScaleIn: Schema.Boolean,
  weight: Schema.Int,
  /** Tagged by a saga of ours. */
  saga: Schema.NullOr(Schema.String),
  /** What would be lost with the machine, by name, as `an Elastic IP`: whoever has any of it is not moved. */
  bound: names
}) {}

export const Subnet = Schema.Struct({ subnet: Schema.String, zone: ZoneId })

/**
 * The launch template that new members get, pinned to a number: never `$Latest`, or the replacement is another machine.
 */
export const Template = Schema.Struct({
  id: Schema.String,
  version: Schema.Int,
  imageId: Schema.NullOr(Schema.String),
  instanceType: Schema.NullOr(InstanceType),
  architecture: Schema.NullOr(Architecture),
  /** The template itself asks for Spot, or for interfaces of its own, whose subnet would contradict ours. */
  asksForSpot: Schema.Boolean,
  /** What else it asks for that a Spot machine of another type does not have, by name; absent = nothing. */
  obstacles: Schema.optionalKey(Schema.Array(Schema.String))
})

export class GroupSeen extends Schema.TaggedClass<GroupSeen>()("GroupSeen", {
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: GroupName,
  environment: Environment,
  mode: Mode,
  owner: Owner,
  product: Product,
  minSize: Schema.Int,
  desired: Schema.Int,
  maxSize: Schema.Int,
  subnets: Schema.Array(Subnet),
  template: Schema.NullOr(Template),
  /**
   * A MixedInstancesPolicy would undo a swap unless its shares allow it (trap 8): its on-demand share above the base,
   * percent.
   */
  mixed: Schema.NullOr(
    Schema.Struct({ onDemandBase: Schema.Int, onDemandPercentAboveBase: Schema.Int, types: Schema.Array(InstanceType) })
  ),
  suspended: Schema.Array(Schema.String),
  /**
   * Names of settings that forbid a swap while they stand, as `warm pool` or `instance refresh in progress`; empty =
   * none.
   */
  obstacles: Schema.Array(Schema.String),
  launchHooks: Schema.Int,
  terminateHooks: Schema.Int,
  targetGroups: Schema.Array(Schema.String),
  /** CloudWatch alarms that guard a canary, by name (tag `cloudoptim:alarms`, comma-separated). */
  alarms: Schema.Array(Schema.String),
  members: Schema.Array(Member),
  /** Start of the sweep that read it. */
  readAt: Instant
}) {}
export const groupSeen = event("discovery", GroupSeen, { key: groupKeyParts })

/** The group is no longer there. */
export class GroupGone extends Schema.TaggedClass<GroupGone>()("GroupGone", {
  tenant: TenantId,
  account: AccountId,
  region: Region,
  group: GroupName,
  readAt: Instant
}) {}
export const groupGone = event("discovery", GroupGone, { key: groupKeyParts })

/** A sweep of one account and region ended: what it did not report anew is as it was at `startedAt`. */
export class SweepDone extends Schema.TaggedClass<SweepDone>()("SweepDone", {
  tenant: TenantId,
  account: AccountId,
  region: Region,
  startedAt: Instant,
  endedAt: Instant,
  groups: Schema.Int,
  instances: Schema.Int,
  calls: Schema.Int
}) {}
export const sweepDone = tick("discovery", SweepDone, { key: (e) => [e.account, e.region] })
