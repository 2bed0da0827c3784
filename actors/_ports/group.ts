/** What we ask of EC2 Auto Scaling. */
import { Context, Effect, Schema } from "effect"
import { GroupName, InstanceId, InstanceType, Instant, ZoneId } from "../../schemas/ids.ts"
import { Page } from "./ec2.ts"
import { reads, type Shape, writes } from "./port.ts"

export const GroupMember = Schema.Struct({
  instance: InstanceId,
  instanceType: InstanceType,
  zone: ZoneId,
  /** AWS's word: Pending, Pending:Wait, InService, Standby, Terminating, Terminating:Wait, Detached ... */
  state: Schema.String,
  healthy: Schema.Boolean,
  protectedFromScaleIn: Schema.Boolean,
  /** Units of desired capacity; 1 where the group is not weighted. */
  weight: Schema.Int,
  /** What it was launched from, where AWS tells: the group may name a newer version by now. */
  template: Schema.optionalKey(Schema.Struct({ id: Schema.String, version: Schema.String }))
})

const Tags = Schema.Record(Schema.String, Schema.String)

export class Group extends Schema.Class<Group>("AutoScalingGroup")({
  group: GroupName,
  minSize: Schema.Int,
  desired: Schema.Int,
  maxSize: Schema.Int,
  subnets: Schema.Array(Schema.String),
  /** As the group names it: the version may be `$Latest` or `$Default`. Null: a launch configuration, or nothing. */
  template: Schema.NullOr(Schema.Struct({ id: Schema.String, version: Schema.String })),
  mixed: Schema.NullOr(
    Schema.Struct({
      onDemandBase: Schema.Int,
      onDemandPercentAboveBase: Schema.Int,
      types: Schema.Array(InstanceType),
      weighted: Schema.Boolean
    })
  ),
  suspended: Schema.Array(Schema.String),
  members: Schema.Array(GroupMember),
  targetGroups: Schema.Array(Schema.String),
  classicBalancers: Schema.Int,
  warmPool: Schema.Boolean,
  capacityRebalance: Schema.Boolean,
  maxInstanceLifetimeSeconds: Schema.NullOr(Schema.Int),
  /** `Status: Delete in progress` and the like; null in ordinary life. */
  status: Schema.NullOr(Schema.String),
  tags: Tags,
  /**
   * Those that the group puts on what it launches itself (`PropagateAtLaunch`): an instance that is attached has only
   * what its launch gave it.
   */
  launchTags: Tags.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed({})),
    Schema.withConstructorDefault(Effect.succeed({}))
  ),
  /** Settings by name that forbid a swap and have no field here; none where nobody looked. */
  obstacles: Schema.Array(Schema.String).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([])),
    Schema.withConstructorDefault(Effect.succeed([]))
  )
}) {}

/** What the group did with one instance, or had done to it, by its own record. */
export class Activity extends Schema.Class<Activity>("ScalingActivity")({
  instance: InstanceId,
  kind: Schema.Literals(["launch", "attach", "terminate", "detach", "other"]),
  /** What it did itself to desired: an attach +1, a member taken out by request with the decrement -1, all else 0. */
  desiredBy: Schema.Int,
  /** It failed or was called off. */
  isVoid: Schema.Boolean,
  startedAt: Instant
}) {}

const Named = Schema.Struct({ group: GroupName })
const Process = Schema.Struct({ group: GroupName, process: Schema.String })

export const groupCalls = {
  /** Up to 100 a page; `names` empty = all. */
  groups: reads(
    Schema.Struct({ names: Schema.Array(GroupName), page: Page }),
    Schema.Struct({ groups: Schema.Array(Group), next: Page })
  ),
  hooks: reads(Named, Schema.Struct({ launching: Schema.Int, terminating: Schema.Int })),
  refreshing: reads(Named, Schema.Boolean),
  /**
   * What became of one instance by the group's own record (DescribeScalingActivities), newest first: how it came, and
   * whether it went by itself or by somebody's word. AWS keeps six weeks; empty where nothing is known.
   */
  activities: reads(Schema.Struct({ group: GroupName, instance: InstanceId }), Schema.Array(Activity)),
  /** Raises desired by one and registers with the group's target groups; refused over MaxSize (trap 1). */
  attach: writes("autoscaling:AttachInstances", Schema.Struct({ group: GroupName, instance: InstanceId }), Schema.Void),
  /** Respects terminating hooks and lowers desired by one (trap 3). */
  retire: writes(
    "autoscaling:TerminateInstanceInAutoScalingGroup",
    Schema.Struct({ group: GroupName, instance: InstanceId }),
    Schema.Void
  ),
  setMaxSize: writes(
    "autoscaling:UpdateAutoScalingGroup",
    Schema.Struct({ group: GroupName, maxSize: Schema.Int }),
    Schema.Void
  ),
  suspend: writes("autoscaling:SuspendProcesses", Process, Schema.Void),
  resume: writes("autoscaling:ResumeProcesses", Process, Schema.Void)
}
export class Groups extends Context.Service<Groups, Shape<typeof groupCalls>>()("cloudoptim/Groups") {}
