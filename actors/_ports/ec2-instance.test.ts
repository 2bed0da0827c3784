/** What becomes of the instances that AWS describes: none vanishes, none that we do not understand is ours to touch. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ZoneId } from "../../schemas/ids.ts"
import { productOf, readInstance } from "./ec2-instance.live.ts"

type Raw = Parameters<typeof readInstance>[1]

const zone = ZoneId.make("use1-az4")
const raw: Raw = {
  InstanceId: "i-0b662ef9931388ba0",
  InstanceType: "m5.large",
  State: { Code: 16, Name: "running" },
  StateReason: { Code: "", Message: "" },
  LaunchTime: new Date("2026-09-18T12:00:00.000Z"),
  Placement: { AvailabilityZone: "us-east-1b" },
  PlatformDetails: "Linux/UNIX",
  Tags: [{ Key: "Name", Value: "web-1" }, { Key: "empty" }]
}
const read = (change: Partial<Raw>, where: ZoneId | null = zone) =>
  Effect.runSync(Effect.result(readInstance("ec2:DescribeInstances", { ...raw, ...change }, () => where)))
const good = (change: Partial<Raw>) => {
  const result = read(change)
  if (result._tag === "Failure") throw result.failure
  return result.success
}

describe("an instance of AWS", () => {
  it("is on-demand where no lifecycle is given, with its tags and without a reason while it serves", () => {
    const { lifecycle, tags, stateReason, operatorManaged, launchedAt } = good({})
    assert.deepStrictEqual(
      { lifecycle, tags, stateReason, operatorManaged, launchedAt: Number(launchedAt) },
      {
        lifecycle: "on-demand",
        tags: { Name: "web-1", empty: "" },
        stateReason: null,
        operatorManaged: false,
        launchedAt: Date.UTC(2026, 8, 18, 12)
      }
    )
  })

  it("trap 26: scheduled, capacity-block and what may come are on-demand and nobody's to touch", () => {
    for (const lifecycle of ["scheduled", "capacity-block", "interruptible-capacity-reservation", "of-next-year"]) {
      const seen = good({ InstanceLifecycle: lifecycle as NonNullable<Raw["InstanceLifecycle"]> })
      assert.deepStrictEqual([seen.lifecycle, seen.operatorManaged], ["on-demand", true])
    }
    const spot = good({ InstanceLifecycle: "spot" })
    assert.deepStrictEqual([spot.lifecycle, spot.operatorManaged], ["spot", false])
    assert.isTrue(good({ Operator: { Managed: true, Principal: "eks.amazonaws.com" } }).operatorManaged)
  })

  it("is of the product that it is priced as; one under another price list is not touched", () => {
    assert.deepStrictEqual(
      ["Linux/UNIX (Amazon VPC)", "Windows", "Red Hat Enterprise Linux", "SUSE Linux"].map((each) => productOf(each)),
      ["linux", "windows", "rhel", "suse"]
    )
    const withDatabase = good({ PlatformDetails: "Windows with SQL Server Enterprise" })
    assert.isTrue(withDatabase.operatorManaged)
    const { PlatformDetails: _, ...bare } = raw
    const result = Effect.runSync(
      readInstance("ec2:DescribeInstances", { ...bare, Platform: "windows" as never }, () => zone)
    )
    assert.strictEqual(result.product, "windows")
  })

  it("traps 23, 24 and 41: what would be lost with it, or paid for without it, is named", () => {
    const card = (change: object) => ({ NetworkInterfaces: [{ Attachment: { DeviceIndex: 0 }, ...change }] })
    const bound = (change: Partial<Raw>) => good(change).bound
    assert.deepStrictEqual(bound(card({ Association: { IpOwnerId: "111122223333" } })), ["an Elastic IP"])
    assert.deepStrictEqual(bound(card({ Association: { IpOwnerId: "amazon" } })), [])
    assert.deepStrictEqual(bound(card({ Attachment: { DeviceIndex: 1 } })), ["a network interface of its own"])
    assert.deepStrictEqual(bound(card({ PrivateIpAddresses: [{}, {}] })), ["further private addresses"])
    assert.deepStrictEqual(bound({ SourceDestCheck: false }), ["traffic that it forwards"])
    const disks = (...kept: ReadonlyArray<boolean>) => ({
      BlockDeviceMappings: kept.map((isKept) => ({ Ebs: { DeleteOnTermination: !isKept } }))
    })
    assert.deepStrictEqual(bound(disks(false, true)), ["a volume that outlives it"])
    assert.deepStrictEqual(bound(disks(false)), [])
    assert.deepStrictEqual(bound({ CapacityReservationId: "cr-1" }), ["a capacity reservation"])
    assert.deepStrictEqual(bound({ Placement: { Tenancy: "dedicated" } }), ["hardware of its own"])
    assert.deepStrictEqual(bound({ Placement: { Tenancy: "default" } }), [])
    assert.deepStrictEqual(bound({ Licenses: [{}], HibernationOptions: { Configured: true } }), [
      "a licence",
      "hibernation"
    ])
  })

  it("says why it left", () => {
    const gone = good({ State: { Name: "terminated" }, StateReason: { Code: "Server.SpotInstanceTermination" } })
    assert.strictEqual(gone.stateReason, "Server.SpotInstanceTermination")
  })

  it("is a refusal with its name where it cannot be read, never a gap", () => {
    const { LaunchTime: _, ...undated } = raw
    const unread = [
      read({}, null),
      read({ InstanceType: "of another world" as never }),
      Effect.runSync(Effect.result(readInstance("ec2:DescribeInstances", undated, () => zone)))
    ]
    for (const result of unread) {
      if (result._tag === "Success") throw new Error("it was read")
      assert.strictEqual(result.failure.code, "CloudOptim.Unreadable")
      assert.include(result.failure.details, "i-0b662ef9931388ba0")
    }
  })
})
