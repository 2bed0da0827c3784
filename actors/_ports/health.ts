/** Whether a group's users are well: target health behind a load balancer, and the alarms that somebody named. */
import { Context, Schema } from "effect"
import { InstanceId } from "../../schemas/ids.ts"
import { reads, type Shape } from "./port.ts"

/** ELBv2's TargetHealthStateEnum; `absent` where the target group does not know the instance. */
export const TargetState = Schema.Literals([
  "initial",
  "healthy",
  "unhealthy",
  "unused",
  "draining",
  "unavailable",
  "absent"
])
export const AlarmState = Schema.Literals(["OK", "ALARM", "INSUFFICIENT_DATA", "absent"])

export const healthCalls = {
  target: reads(Schema.Struct({ targetGroup: Schema.String, instance: InstanceId }), TargetState),
  /** Unhealthy targets of a target group, whoever they are. */
  unhealthyTargets: reads(Schema.Struct({ targetGroup: Schema.String }), Schema.Int),
  alarms: reads(
    Schema.Struct({ names: Schema.Array(Schema.String) }),
    Schema.Array(Schema.Struct({ name: Schema.String, state: AlarmState }))
  )
}
export class Health extends Context.Service<Health, Shape<typeof healthCalls>>()("cloudoptim/Health") {}
