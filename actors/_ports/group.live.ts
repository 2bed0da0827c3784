/** Groups over the AWS SDK for EC2 Auto Scaling. */
import {
  AttachInstancesCommand,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand
} from "@aws-sdk/client-auto-scaling"
import { Effect, Result, Schema } from "effect"
import type { GroupName } from "../../schemas/ids.ts"
import { readAs } from "./aws-refusal.live.ts"
import { makeZoning, type ZoneOf, type Zoning } from "./aws-zones.live.ts"
import type { Aws } from "./aws.live.ts"
import { activities } from "./group-activities.live.ts"
import { Group, type groupCalls, GroupMember } from "./group.ts"
import type { Caller, Inner } from "./port.ts"

type Service = Aws["Service"]

/** The most that Auto Scaling gives per page: its own default truncates at 50 (trap 21). */
const pageMax = 100

const decodeMember = Schema.decodeUnknownResult(GroupMember)

const memberOf = (raw: RawMember, zoneOf: ZoneOf) =>
  decodeMember({
    instance: raw.InstanceId,
    instanceType: raw.InstanceType,
    zone: zoneOf(raw),
    state: raw.LifecycleState,
    healthy: raw.HealthStatus?.toLowerCase() === "healthy",
    protectedFromScaleIn: raw.ProtectedFromScaleIn ?? false,
    weight: Number(raw.WeightedCapacity ?? 1),
    ...launchedFrom(raw)
  })

type RawMember = NonNullable<AutoScalingGroup["Instances"]>[number]
const launchedFrom = ({ LaunchTemplate: named }: RawMember) =>
  named?.LaunchTemplateId !== undefined && /^\d+$/.test(named.Version ?? "")
    ? { template: { id: named.LaunchTemplateId, version: named.Version } }
    : {}

const mixedOf = ({ MixedInstancesPolicy: policy }: AutoScalingGroup) => {
  if (policy === undefined) return null
  const overrides = policy.LaunchTemplate?.Overrides ?? []
  return {
    onDemandBase: policy.InstancesDistribution?.OnDemandBaseCapacity ?? 0,
    // absent means all of them (trap 8)
    onDemandPercentAboveBase: policy.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity ?? 100,
    types: overrides.flatMap((each) => each.InstanceType ?? []),
    weighted: overrides.some((each) => each.WeightedCapacity !== undefined)
  }
}

const templateOf = (raw: AutoScalingGroup) => {
  const named = raw.LaunchTemplate ?? raw.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
  return named?.LaunchTemplateId === undefined
    ? null
    : { id: named.LaunchTemplateId, version: named.Version || "$Default" }
}

/** Traffic from elsewhere than target groups, such as VPC Lattice: its health is not read, as a classic balancer's. */
const otherSources = ({ TrafficSources = [], LoadBalancerNames = [] }: AutoScalingGroup) =>
  LoadBalancerNames.length + TrafficSources.filter(({ Type }) => Type !== "elbv2" && Type !== "elb").length

const statusOf = (raw: AutoScalingGroup, unreadable: ReadonlyArray<string>): string | null => {
  const [first] = unreadable
  if (first !== undefined) return `CloudOptim.Unreadable: ${first}`
  if (raw.Status !== undefined && raw.Status !== "") return raw.Status
  const unit = raw.DesiredCapacityType ?? "units"
  return unit === "units" || unit === "" ? null : `desired capacity counted in ${unit}`
}

/** Not to be read of other fields. Sources: Auto Scaling API, AutoScalingGroup and the types it names. */
const obstaclesOf = (raw: AutoScalingGroup): ReadonlyArray<string> => {
  const named = (isSo: boolean, name: string) => (isSo ? [name] : [])
  const reserved = raw.CapacityReservationSpecification?.CapacityReservationPreference
  return [
    // it refuses everybody else's changes, ours half-way through a swap
    ...named(raw.Operator !== undefined, `managed by ${raw.Operator?.Principal}`),
    // named by the group, not by the template: our launch would stand outside it
    ...named((raw.PlacementGroup ?? "") !== "", "placement group"),
    // paid for whether it is used or not, and Spot never uses it
    ...named(reserved?.startsWith("capacity-reservations") === true, "capacity reservation"),
    ...named(
      raw.AvailabilityZoneDistribution?.CapacityDistributionStrategy === "reservations-then-balanced",
      "reservations before balance"
    ),
    // an abandoned hook keeps the old instance, and its bill, until somebody ends it by hand
    ...named(
      raw.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === "retain",
      "retains abandoned instances"
    )
  ]
}

const tagsOf = (tags: AutoScalingGroup["Tags"] = []) =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]])))

/**
 * A member that cannot be read stands in the group's `status`, which forbids every swap of this group and of no other:
 * the page with its other groups stays good.
 */
export const groupOf = (raw: AutoScalingGroup, zoneOf: ZoneOf) => {
  const members: Array<typeof GroupMember.Type> = []
  const unreadable: Array<string> = []
  for (const each of raw.Instances ?? []) {
    const member = memberOf(each, zoneOf)
    if (Result.isSuccess(member)) members.push(member.success)
    else unreadable.push(`member ${each.InstanceId}: ${member.failure.message.replace(/\s+/g, " ")}`)
  }
  return readAs(
    "autoscaling:DescribeAutoScalingGroups",
    Group,
    `group ${raw.AutoScalingGroupName ?? "without a name"}`
  )({
    group: raw.AutoScalingGroupName,
    minSize: raw.MinSize,
    desired: raw.DesiredCapacity,
    maxSize: raw.MaxSize,
    subnets: (raw.VPCZoneIdentifier ?? "").split(",").flatMap((each) => each.trim() || []),
    template: templateOf(raw),
    mixed: mixedOf(raw),
    suspended: (raw.SuspendedProcesses ?? []).flatMap((each) => each.ProcessName ?? []),
    members,
    targetGroups: raw.TargetGroupARNs ?? [],
    classicBalancers: otherSources(raw),
    warmPool: raw.WarmPoolConfiguration !== undefined,
    capacityRebalance: raw.CapacityRebalance ?? false,
    maxInstanceLifetimeSeconds: raw.MaxInstanceLifetime || null,
    status: statusOf(raw, unreadable),
    tags: tagsOf(raw.Tags),
    launchTags: tagsOf((raw.Tags ?? []).filter(({ PropagateAtLaunch }) => PropagateAtLaunch === true)),
    obstacles: obstaclesOf(raw)
  })
}

const hooks = (aws: Service, group: GroupName, caller: Caller) =>
  aws
    .read("autoScaling", caller, "autoscaling:DescribeLifecycleHooks", (client, options) =>
      client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }), options)
    )
    .pipe(
      Effect.map(({ LifecycleHooks = [] }) => {
        const count = (end: string) => LifecycleHooks.filter((each) => each.LifecycleTransition?.endsWith(end)).length
        return { launching: count("_LAUNCHING"), terminating: count("_TERMINATING") }
      })
    )

/** Whatever is not one of these is under way. Source: Auto Scaling API, InstanceRefreshStatus. */
const ended = new Set(["Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"])

const refreshing = (aws: Service, group: GroupName, caller: Caller) =>
  aws
    .read("autoScaling", caller, "autoscaling:DescribeInstanceRefreshes", (client, options) =>
      // the newest come first, and a group has one at a time
      client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: pageMax }), options)
    )
    .pipe(Effect.map(({ InstanceRefreshes = [] }) => InstanceRefreshes.some(({ Status }) => !ended.has(Status ?? ""))))

const groups = (aws: Service, zoning: Zoning, input: typeof groupCalls.groups.asks.Type, caller: Caller) =>
  Effect.gen(function* () {
    const { names, page } = input
    const request = {
      MaxRecords: pageMax,
      ...(names.length === 0 ? {} : { AutoScalingGroupNames: [...new Set(names)] }),
      ...(page === null ? {} : { NextToken: page })
    }
    const answer = yield* aws.read("autoScaling", caller, "autoscaling:DescribeAutoScalingGroups", (client, options) =>
      client.send(new DescribeAutoScalingGroupsCommand(request), options)
    )
    const raw = answer.AutoScalingGroups ?? []
    const zoneOf = yield* zoning.zoneOf(
      caller,
      raw.flatMap((each) => each.Instances ?? [])
    )
    const groups = yield* Effect.forEach(raw, (each) => groupOf(each, zoneOf))
    return { groups, next: answer.NextToken || null }
  })

export const inner = (aws: Service): Inner<typeof groupCalls> => {
  const zoning = makeZoning(aws)
  const write = (caller: Caller, group: GroupName, action: string) => ({
    send: (send: Parameters<typeof aws.write<"autoScaling", unknown>>[3]) =>
      Effect.asVoid(aws.write("autoScaling", caller, { action, target: { kind: "group", name: group } }, send))
  })
  return {
    groups: (input, caller) => groups(aws, zoning, input, caller),
    hooks: ({ group }, caller) => hooks(aws, group, caller),
    refreshing: ({ group }, caller) => refreshing(aws, group, caller),
    activities: (input, caller) => activities(aws, input, caller),
    attach: ({ group, instance }, caller) =>
      write(caller, group, "autoscaling:AttachInstances").send((client, options) =>
        client.send(new AttachInstancesCommand({ AutoScalingGroupName: group, InstanceIds: [instance] }), options)
      ),
    retire: ({ group, instance }, caller) =>
      write(caller, group, "autoscaling:TerminateInstanceInAutoScalingGroup").send((client, options) => {
        const request = { InstanceId: instance, ShouldDecrementDesiredCapacity: true }
        return client.send(new TerminateInstanceInAutoScalingGroupCommand(request), options)
      }),
    setMaxSize: ({ group, maxSize }, caller) =>
      write(caller, group, "autoscaling:UpdateAutoScalingGroup").send((client, options) =>
        client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MaxSize: maxSize }), options)
      ),
    suspend: ({ group, process }, caller) =>
      write(caller, group, "autoscaling:SuspendProcesses").send((client, options) =>
        client.send(new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [process] }), options)
      ),
    resume: ({ group, process }, caller) =>
      write(caller, group, "autoscaling:ResumeProcesses").send((client, options) =>
        client.send(new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [process] }), options)
      )
  }
}
