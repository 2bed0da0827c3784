/** Ec2 over the AWS SDK, in the role that the caller names. User data and secrets of a template stay behind here. */
import {
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type DescribeInstancesRequest,
  DescribeInstanceStatusCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  type LaunchTemplateVersion,
  RunInstancesCommand,
  TerminateInstancesCommand
} from "@aws-sdk/client-ec2"
import { Effect, Schema } from "effect"
import { Subnet, Template } from "../../schemas/group.ts"
import { InstanceId } from "../../schemas/ids.ts"
import { Architecture } from "../../schemas/pool.ts"
import { readAs, unreadable } from "./aws-refusal.live.ts"
import { makeZoning, type Zoning } from "./aws-zones.live.ts"
import type { Aws } from "./aws.live.ts"
import { refusal } from "./cloud-refusal.ts"
import { type ec2Calls, Launch, ownTags } from "./ec2.ts"
import { readInstance } from "./ec2-instance.live.ts"
import type { Caller, Inner } from "./port.ts"

type Service = Aws["Service"]

/** Pages at their largest: an unpaged Describe has the smaller token bucket (trap 70), and filters take 200 values. */
const instancesMax = 1000
const filterMax = 200
const subnetsMax = 1000

const page = (aws: Service, zoning: Zoning, caller: Caller, request: DescribeInstancesRequest) => {
  const action = "ec2:DescribeInstances"
  return Effect.gen(function* () {
    const { Reservations = [], NextToken } = yield* aws.read("ec2", caller, action, (ec2, options) =>
      ec2.send(new DescribeInstancesCommand({ ...request, MaxResults: instancesMax }), options)
    )
    const raw = Reservations.flatMap((reservation) => reservation.Instances ?? [])
    const zoneOf = yield* zoning.zoneOf(
      caller,
      raw.map((each) => each.Placement)
    )
    const instances = yield* Effect.forEach(raw, (each) => readInstance(action, each, zoneOf))
    // an empty element is parsed as an empty string, not as absent (trap 65)
    return { instances, next: NextToken || null }
  })
}

const instances = (aws: Service, zoning: Zoning, input: typeof ec2Calls.instances.asks.Type, caller: Caller) => {
  const bySaga = input.saga === null ? [] : [{ Name: `tag:${ownTags.saga}`, Values: [input.saga] }]
  if (input.ids.length === 0) {
    const NextToken = input.page === null ? {} : { NextToken: input.page }
    return page(aws, zoning, caller, { Filters: bySaga, ...NextToken })
  }
  // as a filter, an unknown id is left out; as a parameter it would refuse all others with it (trap 22)
  const ids = [...new Set(input.ids)]
  const parts = Array.from({ length: Math.ceil(ids.length / filterMax) }, (_, i) =>
    ids.slice(i * filterMax, (i + 1) * filterMax)
  )
  return Effect.forEach(parts, (Values) =>
    page(aws, zoning, caller, { Filters: [...bySaga, { Name: "instance-id", Values }] })
  ).pipe(Effect.map((pages) => ({ instances: pages.flatMap((each) => each.instances), next: null })))
}

const statusOk = (aws: Service, instance: InstanceId, caller: Caller) =>
  aws
    .read("ec2", caller, "ec2:DescribeInstanceStatus", (ec2, options) =>
      ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [instance] }), options)
    )
    .pipe(
      Effect.map(({ InstanceStatuses = [] }) => {
        const [status] = InstanceStatuses
        const both = [status?.InstanceStatus?.Status, status?.SystemStatus?.Status]
        // the third check came later, and only Nitro has it: whether the attached volumes answer
        const volumes = status?.AttachedEbsStatus?.Status ?? "not-applicable"
        return both.every((each) => each === "ok") && (volumes === "ok" || volumes === "not-applicable")
      })
    )

const SubnetRow = Schema.Struct({ ...Subnet.fields, freeAddresses: Schema.Int })

const subnets = (aws: Service, zoning: Zoning, ids: ReadonlyArray<string>, caller: Caller) => {
  const action = "ec2:DescribeSubnets"
  const parts = Array.from({ length: Math.ceil(ids.length / filterMax) }, (_, i) =>
    ids.slice(i * filterMax, (i + 1) * filterMax)
  )
  return Effect.forEach(parts, (Values) =>
    Effect.gen(function* () {
      const request = { Filters: [{ Name: "subnet-id", Values: [...Values] }], MaxResults: subnetsMax }
      const { Subnets = [] } = yield* aws.read("ec2", caller, action, (ec2, options) =>
        ec2.send(new DescribeSubnetsCommand(request), options)
      )
      const zoneOf = yield* zoning.zoneOf(caller, Subnets)
      const rows = Subnets.map((each) => ({
        subnet: each.SubnetId,
        zone: zoneOf(each),
        freeAddresses: each.AvailableIpAddressCount
      }))
      return yield* readAs(action, Schema.Array(SubnetRow), "the subnets")(rows)
    })
  ).pipe(Effect.map((rows) => rows.flat()))
}

const isArchitecture = Schema.is(Architecture)

/** What the image runs on; null where it cannot be seen: gone, another account's, or named by a parameter. */
const architecture = (aws: Service, caller: Caller, imageId: string | undefined) => {
  if (imageId === undefined || !imageId.startsWith("ami-")) return Effect.succeed(null)
  return aws
    .read("ec2", caller, "ec2:DescribeImages", (ec2, options) =>
      ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }), options)
    )
    .pipe(
      Effect.map(({ Images = [] }) => Images[0]?.Architecture),
      Effect.map((named) => (isArchitecture(named) ? named : null)),
      Effect.catchIf(
        ({ advice }) => advice === "person",
        () => Effect.succeed(null)
      )
    )
}

/** A subnet of its own or an interface of its own: either contradicts the subnet that a launch names. */
const asksForSpot = ({ LaunchTemplateData: data }: LaunchTemplateVersion): boolean =>
  data?.InstanceMarketOptions?.MarketType !== undefined || (data?.NetworkInterfaces ?? []).length > 0

type TemplateData = NonNullable<LaunchTemplateVersion["LaunchTemplateData"]>

/**
 * What a Spot machine of another type would be without, or would be refused for. Sources: EC2 API,
 * ResponseLaunchTemplateData; EC2 user guide, Spot Instances and their limits.
 */
export const templateObstacles = (data: TemplateData): ReadonlyArray<string> => {
  const { Tenancy, HostId, HostResourceGroupArn, Affinity } = data.Placement ?? {}
  const { CapacityReservationPreference: preference, CapacityReservationTarget: reserved } =
    data.CapacityReservationSpecification ?? {}
  const isHost = [HostId, HostResourceGroupArn].some((each) => (each ?? "") !== "") || Affinity === "host"
  const found: ReadonlyArray<readonly [boolean, string]> = [
    [data.InstanceRequirements !== undefined, "types by their attributes"],
    [(data.NetworkInterfaces ?? []).length > 0, "network interfaces of its own"],
    [(data.SecondaryInterfaces ?? []).length > 0, "secondary interfaces"],
    [(Tenancy ?? "default") !== "default" || isHost, "hardware of its own"],
    [reserved !== undefined || preference === "capacity-reservations-only", "a capacity reservation"],
    [(data.LicenseSpecifications ?? []).length > 0, "licences"],
    [data.HibernationOptions?.Configured === true, "hibernation"],
    [data.DisableApiTermination === true, "termination protection, which Spot cannot have"],
    [data.CpuOptions?.CoreCount !== undefined || data.CpuOptions?.ThreadsPerCore !== undefined, "CPU options"],
    [
      (data.ElasticGpuSpecifications ?? []).length + (data.ElasticInferenceAccelerators ?? []).length > 0,
      "accelerators"
    ],
    [(data.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs?.DeleteOnTermination === false), "volumes that outlive it"],
    [data.Operator?.Managed === true, "a service to manage it"]
  ]
  return found.flatMap(([isSo, name]) => (isSo ? [name] : []))
}

const template = (aws: Service, id: string, version: string, caller: Caller) => {
  const action = "ec2:DescribeLaunchTemplateVersions"
  const asked = version === "" ? "$Default" : version
  return Effect.gen(function* () {
    const request = { LaunchTemplateId: id, Versions: [asked] }
    const { LaunchTemplateVersions: [found] = [] } = yield* aws.read("ec2", caller, action, (ec2, options) =>
      ec2.send(new DescribeLaunchTemplateVersionsCommand(request), options)
    )
    if (found === undefined) {
      return yield* refusal(action, "InvalidLaunchTemplateId.VersionNotFound", `${id} has no version ${asked}`)
    }
    const { ImageId, InstanceType } = found.LaunchTemplateData ?? {}
    return yield* readAs(
      action,
      Template,
      `template ${id}`
    )({
      id: found.LaunchTemplateId,
      version: found.VersionNumber,
      imageId: ImageId ?? null,
      instanceType: InstanceType ?? null,
      architecture: yield* architecture(aws, caller, ImageId),
      asksForSpot: asksForSpot(found),
      obstacles: templateObstacles(found.LaunchTemplateData ?? {})
    })
  })
}

const terminationProtected = (aws: Service, instance: InstanceId, caller: Caller) => {
  const action = "ec2:DescribeInstanceAttribute"
  const request = { InstanceId: instance, Attribute: "disableApiTermination" } as const
  return aws
    .read("ec2", caller, action, (ec2, options) => ec2.send(new DescribeInstanceAttributeCommand(request), options))
    .pipe(
      Effect.map(({ DisableApiTermination }) => DisableApiTermination?.Value),
      Effect.flatMap(readAs(action, Schema.Boolean, `protection of ${instance}`))
    )
}

/** No MaxPrice: one's own bid is interrupted more often (trap 25). One-time: nothing relaunches by itself (trap 27). */
const runInstances = (launch: typeof Launch.Type) => {
  const Tags = Object.entries(launch.tags).map(([Key, Value]) => ({ Key, Value }))
  const ofVolumes = Tags.filter(({ Key }) => own.has(Key))
  return new RunInstancesCommand({
    ClientToken: launch.token,
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateId: launch.template, Version: String(launch.version) },
    // the SDK lists the types of its day of release; ours are checked against AWS's own list
    InstanceType: launch.instanceType as NonNullable<RunInstancesCommand["input"]["InstanceType"]>,
    SubnetId: launch.subnet,
    InstanceMarketOptions: {
      MarketType: "spot",
      SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" }
    },
    // a specification without a tag would refuse the launch
    TagSpecifications: [
      ...(Tags.length === 0 ? [] : [{ ResourceType: "instance" as const, Tags }]),
      ...(ofVolumes.length === 0 ? [] : [{ ResourceType: "volume" as const, Tags: ofVolumes }])
    ]
  })
}
const own: ReadonlySet<string> = new Set(Object.values(ownTags))
const isInstanceId = Schema.is(InstanceId)

const launchSpot = (aws: Service, launch: typeof Launch.Type, caller: Caller) => {
  const action = "ec2:RunInstances"
  return Effect.flatMap(
    aws.write("ec2", caller, { action, target: { kind: "any" } }, (ec2, options) =>
      ec2.send(runInstances(launch), options)
    ),
    ({ Instances = [] }) => {
      const instance = Instances[0]?.InstanceId
      return isInstanceId(instance)
        ? Effect.succeed({ instance })
        : Effect.fail(unreadable(action, true, "the answer names no instance"))
    }
  )
}

export const inner = (aws: Service): Inner<typeof ec2Calls> => {
  const zoning = makeZoning(aws)
  return {
    zones: (_, caller) => zoning.zones(caller),
    instances: (input, caller) => instances(aws, zoning, input, caller),
    statusOk: ({ instance }, caller) => statusOk(aws, instance, caller),
    subnets: ({ subnets: ids }, caller) => subnets(aws, zoning, ids, caller),
    template: ({ id, version }, caller) => template(aws, id, version, caller),
    terminationProtected: ({ instance }, caller) => terminationProtected(aws, instance, caller),
    launchSpot: (input, caller) => launchSpot(aws, input, caller),
    terminate: ({ instance }, caller) =>
      aws
        .write(
          "ec2",
          caller,
          { action: "ec2:TerminateInstances", target: { kind: "instance", id: instance } },
          (ec2, options) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }), options)
        )
        .pipe(Effect.asVoid)
  }
}
