/** Health over the AWS SDK: target groups of ELBv2 and alarms of CloudWatch. */
import { type AlarmType, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch"
import { DescribeTargetHealthCommand, type TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2"
import { Effect, Schema } from "effect"
import { readAs } from "./aws-refusal.live.ts"
import type { Aws } from "./aws.live.ts"
import { AlarmState, type healthCalls, TargetState } from "./health.ts"
import type { Caller, Inner } from "./port.ts"

type Service = Aws["Service"]
const targetHealth = "elasticloadbalancing:DescribeTargetHealth"
const describeAlarms = "cloudwatch:DescribeAlarms"
/** DescribeAlarms takes so many names, and gives so many alarms. */
const alarmsMax = 100

const describe = (aws: Service, caller: Caller, TargetGroupArn: string, Targets: Array<{ Id: string }> | null) =>
  Effect.map(
    aws.read("elb", caller, targetHealth, (elb, options) =>
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn, ...(Targets === null ? {} : { Targets }) }), options)
    ),
    ({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions
  )

/**
 * `unhealthy.draining` is unhealthy; a target that is not registered is described as unused, with that reason. One from
 * whose zone traffic has been shifted away may be healthy and serves nobody.
 */
export const wordOf = ({ TargetHealth: health, AdministrativeOverride: override }: TargetHealthDescription) => {
  if (health?.Reason === "Target.NotRegistered") return "absent"
  if (health?.State === "healthy" && override?.State?.startsWith("zonal_shift") === true) return "unavailable"
  return health?.State === "unhealthy.draining" ? "unhealthy" : health?.State
}

const Alarms = Schema.Array(Schema.Struct({ name: Schema.String, state: AlarmState }))
const kinds: Array<AlarmType> = ["MetricAlarm", "CompositeAlarm"]

const alarms = (aws: Service, names: ReadonlyArray<string>, caller: Caller) => {
  const asked = [...new Set(names)]
  const parts = Array.from({ length: Math.ceil(asked.length / alarmsMax) }, (_, i) =>
    asked.slice(i * alarmsMax, (i + 1) * alarmsMax)
  )
  return Effect.forEach(parts, (AlarmNames) =>
    Effect.gen(function* () {
      const request = { AlarmNames, AlarmTypes: kinds, MaxRecords: alarmsMax }
      const answer = yield* aws.read("cloudWatch", caller, describeAlarms, (client, options) =>
        client.send(new DescribeAlarmsCommand(request), options)
      )
      const found = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])]
      const states = new Map(found.map((each) => [each.AlarmName, each.StateValue]))
      const rows = AlarmNames.map((name) => ({ name, state: states.has(name) ? states.get(name) : "absent" }))
      return yield* readAs(describeAlarms, Alarms, "the alarms")(rows)
    })
  ).pipe(Effect.map((rows) => rows.flat()))
}

export const inner = (aws: Service): Inner<typeof healthCalls> => ({
  target: ({ targetGroup, instance }, caller) =>
    describe(aws, caller, targetGroup, [{ Id: instance }]).pipe(
      Effect.map(([found]) => (found === undefined ? "absent" : wordOf(found))),
      Effect.flatMap(readAs(targetHealth, TargetState, `target ${instance}`)),
      Effect.catchIf(
        ({ code }) => code === "InvalidTarget",
        () => Effect.succeed("absent" as const)
      )
    ),
  unhealthyTargets: ({ targetGroup }, caller) =>
    Effect.map(
      describe(aws, caller, targetGroup, null),
      (all) => all.filter((each) => wordOf(each) === "unhealthy").length
    ),
  alarms: ({ names }, caller) => alarms(aws, names, caller)
})
