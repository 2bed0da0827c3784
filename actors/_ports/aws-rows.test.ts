/** What AWS describes of templates, groups and targets beside the usual: none of it is passed over in silence. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ZoneId } from "../../schemas/ids.ts"
import { templateObstacles } from "./ec2.live.ts"
import { groupOf } from "./group.live.ts"
import { wordOf } from "./health.live.ts"

type Raw = Parameters<typeof groupOf>[0]
const raw: Raw = {
  AutoScalingGroupName: "web",
  MinSize: 1,
  MaxSize: 3,
  DesiredCapacity: 2,
  DefaultCooldown: 300,
  AvailabilityZones: ["us-east-1a"],
  HealthCheckType: "EC2",
  CreatedTime: new Date("2026-01-01T00:00:00Z"),
  VPCZoneIdentifier: "subnet-1"
}
const read = (change: Partial<Raw>) => Effect.runSync(groupOf({ ...raw, ...change }, () => ZoneId.make("use1-az1")))

it("trap 15: only the tags that propagate are those of a launch", () => {
  const Tags = [
    { Key: "Name", Value: "web", PropagateAtLaunch: true },
    { Key: "cost", Value: "7", PropagateAtLaunch: false },
    { Key: "team" }
  ]
  const { tags, launchTags } = read({ Tags })
  assert.deepStrictEqual(tags, { Name: "web", cost: "7", team: "" })
  assert.deepStrictEqual(launchTags, { Name: "web" })
})

const settings: ReadonlyArray<readonly [Partial<Raw>, string]> = [
  [{ Operator: { Principal: "eks.amazonaws.com" } }, "managed by eks.amazonaws.com"],
  [{ PlacementGroup: "near" }, "placement group"],
  [
    { CapacityReservationSpecification: { CapacityReservationPreference: "capacity-reservations-first" } },
    "capacity reservation"
  ],
  [
    { AvailabilityZoneDistribution: { CapacityDistributionStrategy: "reservations-then-balanced" } },
    "reservations before balance"
  ],
  [
    { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: "retain" } } },
    "retains abandoned instances"
  ]
]
for (const [change, name] of settings) {
  it(`trap 10: a group with ${name} is not moved`, () => assert.deepStrictEqual(read(change).obstacles, [name]))
}

it("a group's protection from deletion, its maintenance policy and zonal shift being possible forbid no swap", () => {
  const { obstacles, status } = read({
    DeletionProtection: "prevent-all-deletion",
    InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 110 },
    AvailabilityZoneImpairmentPolicy: { ZonalShiftEnabled: true },
    AvailabilityZoneDistribution: { CapacityDistributionStrategy: "balanced-only" },
    CapacityReservationSpecification: { CapacityReservationPreference: "default" },
    InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: "terminate" } }
  })
  assert.deepStrictEqual([obstacles, status], [[], null])
})

it("trap 11: a member tells what it was launched from, where AWS gives a number", () => {
  const member = (Version: string) => ({
    InstanceId: "i-0b662ef9931388ba0",
    InstanceType: "m5.large",
    AvailabilityZone: "us-east-1a",
    LifecycleState: "InService" as const,
    HealthStatus: "Healthy",
    ProtectedFromScaleIn: false,
    LaunchTemplate: { LaunchTemplateId: "lt-1", Version }
  })
  const { members } = read({ Instances: [member("7"), member("$Latest")] })
  assert.deepStrictEqual(
    members.map(({ template }) => template),
    [{ id: "lt-1", version: "7" }, undefined]
  )
})

type Data = Parameters<typeof templateObstacles>[0]
const asks: ReadonlyArray<readonly [Data, string]> = [
  [{ InstanceRequirements: {} }, "types by their attributes"],
  [{ NetworkInterfaces: [{}] }, "network interfaces of its own"],
  [{ Placement: { Tenancy: "host" } }, "hardware of its own"],
  [{ Placement: { HostResourceGroupArn: "arn" } }, "hardware of its own"],
  [{ CapacityReservationSpecification: { CapacityReservationTarget: {} } }, "a capacity reservation"],
  [{ LicenseSpecifications: [{}] }, "licences"],
  [{ HibernationOptions: { Configured: true } }, "hibernation"],
  [{ DisableApiTermination: true }, "termination protection, which Spot cannot have"],
  [{ CpuOptions: { ThreadsPerCore: 1 } }, "CPU options"],
  [{ ElasticInferenceAccelerators: [{}] }, "accelerators"],
  [{ BlockDeviceMappings: [{ Ebs: { DeleteOnTermination: false } }] }, "volumes that outlive it"]
]
for (const [data, name] of asks) {
  it(`trap 15: a template that asks for ${name} is not launched as Spot`, () =>
    assert.deepStrictEqual(templateObstacles(data), [name]))
}

it("an ordinary template, with profile, groups, encrypted disks and user data, forbids nothing", () => {
  const data: Data = {
    ImageId: "ami-1",
    InstanceType: "m5.large",
    IamInstanceProfile: { Name: "web" },
    SecurityGroupIds: ["sg-1"],
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { Encrypted: true, DeleteOnTermination: true } }],
    Placement: { Tenancy: "default" },
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    HibernationOptions: { Configured: false },
    MetadataOptions: { HttpTokens: "required" },
    UserData: "IyEvYmluL3No"
  }
  assert.deepStrictEqual(templateObstacles(data), [])
})

it("trap 14: a healthy target from whose zone traffic was shifted away serves nobody", () => {
  const target = (State: "no_override" | "zonal_shift_active") =>
    wordOf({ TargetHealth: { State: "healthy" }, AdministrativeOverride: { State } })
  assert.deepStrictEqual([target("no_override"), target("zonal_shift_active")], ["healthy", "unavailable"])
})
