/** What we ask of EC2: a handful of its hundreds of calls, in our words. */
import { Context, Effect, Schema } from "effect"
import { InstanceId, InstanceType, Instant, Lifecycle, ZoneId } from "../../schemas/ids.ts"
import { Subnet, Template } from "../../schemas/group.ts"
import { sagaTag } from "../../schemas/orphan.ts"
import { Product } from "../../schemas/pool.ts"
import { reads, type Shape, writes } from "./port.ts"

/** A page's token; null = the first page, or no further one. */
export const Page = Schema.NullOr(Schema.String)
const Tags = Schema.Record(Schema.String, Schema.String)
const orNull = Schema.NullOr(Schema.String).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed(null)),
  Schema.withConstructorDefault(Effect.succeed(null))
)

export class Instance extends Schema.Class<Instance>("Instance")({
  instance: InstanceId,
  instanceType: InstanceType,
  zone: ZoneId,
  lifecycle: Lifecycle,
  product: Product,
  state: Schema.Literals(["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]),
  /** Why it left, in AWS's word, as `Server.SpotInstanceTermination`; null while it serves. */
  stateReason: Schema.NullOr(Schema.String),
  launchedAt: Instant,
  tags: Tags,
  /** A service of AWS owns it (`Operator.Managed`): never touched. */
  operatorManaged: Schema.Boolean,
  /** What a replacement would not have, by name, as `an Elastic IP`; none where nobody looked. */
  bound: Schema.Array(Schema.String).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([])),
    Schema.withConstructorDefault(Effect.succeed([]))
  ),
  /** The token of the call that launched it, and where; null where nobody says. */
  clientToken: orNull,
  subnet: orNull
}) {}

/** Tags that make an instance ours: ownership is `cloudoptim:saga` confirmed by a journal or the ClientToken. */
export const ownTags = { managedBy: "ManagedBy", saga: sagaTag, step: "cloudoptim:step" } as const
export const managedByValue = "SpotOptimizer"
/** The tag by which Auto Scaling marks a group's members, with its name; it goes when they are detached (trap 50). */
export const groupTag = "aws:autoscaling:groupName"

export const Launch = Schema.Struct({
  /** Idempotency, zonal: the same token in another zone launches another instance. At most 64 ASCII characters. */
  token: Schema.String,
  template: Schema.String,
  version: Schema.Int,
  instanceType: InstanceType,
  subnet: Schema.String,
  zone: ZoneId,
  /** Put on at launch, in the same call; on its volumes only our own, as Auto Scaling does with a group's. */
  tags: Tags
})

export const ec2Calls = {
  zones: reads(Schema.Struct({}), Schema.Array(Schema.Struct({ zone: ZoneId, name: Schema.String }))),
  /**
   * Up to 1,000 a page; `ids` empty = all; `saga` = only those tagged with it. An unknown id is left out, not an error.
   */
  instances: reads(
    Schema.Struct({ ids: Schema.Array(InstanceId), saga: Schema.NullOr(Schema.String), page: Page }),
    Schema.Struct({ instances: Schema.Array(Instance), next: Page })
  ),
  /** Every status check passed that EC2 makes of it: of the system, of the instance, of its attached volumes. */
  statusOk: reads(Schema.Struct({ instance: InstanceId }), Schema.Boolean),
  subnets: reads(
    Schema.Struct({ subnets: Schema.Array(Schema.String) }),
    Schema.Array(Schema.Struct({ ...Subnet.fields, freeAddresses: Schema.Int }))
  ),
  /** Resolves `$Latest`, `$Default` or a number to the pinned version. */
  template: reads(Schema.Struct({ id: Schema.String, version: Schema.String }), Template),
  terminationProtected: reads(Schema.Struct({ instance: InstanceId }), Schema.Boolean),
  /** One Spot instance, one attempt, in one subnet. */
  launchSpot: writes("ec2:RunInstances", Launch, Schema.Struct({ instance: InstanceId })),
  /** Idempotent and named. Its success is no proof of death: only `instances` is. */
  terminate: writes("ec2:TerminateInstances", Schema.Struct({ instance: InstanceId }), Schema.Void)
}
export class Ec2 extends Context.Service<Ec2, Shape<typeof ec2Calls>>()("cloudoptim/Ec2") {}
