/** The contract of the cloud's ports: what every implementation must answer, simulated or real, call by call. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type InstanceId, instant } from "../../schemas/ids.ts"
import { grouping } from "./ports-contract-groups.ts"
import { launching } from "./ports-contract-launch.ts"
import { type Cloud, Desk, type Ports, type } from "./ports-desk.ts"

/** Runs the contract against the cloud that `makeCloud` starts; each suite seeds groups of its own in it. */
export const portsContract = (name: string, makeCloud: () => Promise<Cloud>) =>
  describe(`the ports over ${name}`, () => {
    let desk: Desk
    let cloud: Cloud
    beforeAll(async () => {
      cloud = await makeCloud()
      desk = new Desk(cloud)
    })
    afterAll(() => cloud?.stop())
    const at = (): Desk => desk
    launching(at)
    grouping(at)
    reading(at)
    fencing(at)
  })

const reading = (at: () => Desk) => {
  it("trap 11: $Latest and $Default are resolved to numbers", async () => {
    const desk = at()
    const { template, group } = await desk.cloud.seedGroup("templates", 1)
    assert.strictEqual((await desk.group(group)).template?.id, template)
    const newest = await desk.cloud.publishTemplate(template)
    const read = (version: string) => desk.get((ports) => ports.ec2.template({ id: template, version }))
    const [latest, fallback, first] = [await read("$Latest"), await read("$Default"), await read("1")]
    assert.deepStrictEqual([latest.version, fallback.version, first.version], [newest, 1, 1])
    assert.deepStrictEqual(
      [first.instanceType, first.architecture, first.asksForSpot],
      [type("m5.large"), "x86_64", false]
    )
    assert.match(first.imageId ?? "", /^ami-/)
    assert.notProperty(first, "userData")
    assert.match(await desk.code((ports) => ports.ec2.template({ id: template, version: "99" })), /NotFound$/)
  })

  it("trap 36: places are zone IDs wherever they appear", async () => {
    const desk = at()
    const { subnets, members } = await desk.cloud.seedGroup("zones", 3)
    const zones = await desk.get((ports) => ports.ec2.zones({}))
    const ids = zones.map(({ zone }) => zone)
    const seen = await desk.get((ports) => ports.ec2.subnets({ subnets: subnets.map(({ subnet }) => subnet) }))
    assert.sameDeepMembers(
      seen.map(({ subnet, zone }) => ({ subnet, zone })),
      [...subnets]
    )
    for (const { freeAddresses } of seen) assert.isAbove(freeAddresses, 0)
    for (const member of members) assert.include(ids, (await desk.instance(member))?.zone)
    assert.isFalse(await desk.get((ports) => ports.ec2.terminationProtected({ instance: members[0] as InstanceId })))
  })

  it("trap 37: Spot prices of a week come in pages, by zone ID, as money", async () => {
    const desk = at()
    const since = instant(desk.cloud.now() - 7 * 86_400_000)
    const ask = { types: [type("m5.large"), type("m6i.large")], product: "linux", since, page: null } as const
    const { prices } = await desk.get((ports) => ports.prices.spotHistory(ask))
    assert.isAtLeast(prices.length, 6)
    const zones = (await desk.get((ports) => ports.ec2.zones({}))).map(({ zone }) => zone)
    for (const price of prices) {
      assert.include(zones, price.zone)
      assert.include(ask.types, price.instanceType)
      assert.isAbove(price.perHour, 1000)
      assert.strictEqual(price.product, "linux")
    }
    const windows = await desk.get((ports) => ports.prices.spotHistory({ ...ask, product: "windows" }))
    assert.isEmpty(windows.prices)
  })

  it("list prices, bands and types are there with their origin", async () => {
    const desk = at()
    const large = type("m5.large")
    const list = await desk.get((ports) => ports.prices.onDemand({ product: "linux" }))
    assert.isAbove(list.rows.find((row) => row.instanceType === large)?.perHour ?? 0, 10_000)
    const bands = await desk.get((ports) => ports.prices.advisor({ product: "linux" }))
    assert.include([0, 1, 2, 3, 4], bands.rows.find((row) => row.instanceType === large)?.band)
    const types = await desk.get((ports) => ports.prices.types({}))
    const spec = types.rows.find((row) => row.instanceType === large)
    assert.deepStrictEqual(
      [spec?.vcpu, spec?.memoryMib, spec?.architecture, spec?.hypervisor],
      [2, 8192, "x86_64", "nitro"]
    )
    for (const { origin, asOf } of [list, bands, types]) {
      assert.isNotEmpty(origin)
      assert.match(asOf, /^\d{4}-\d\d-\d\d/)
    }
  })

  it("an alarm that nobody made is absent, not fine", async () => {
    const alarms = await at().get((ports) => ports.health.alarms({ names: ["no-such-alarm"] }))
    assert.deepStrictEqual(alarms, [{ name: "no-such-alarm", state: "absent" }])
  })
}

const fencing = (at: () => Desk) => {
  it("proves whose account it is", async () => {
    const desk = at()
    const { account, arn } = await desk.get((ports) => ports.sts.identity({}))
    assert.strictEqual(account, desk.cloud.home.account)
    assert.include(arn, account)
  })

  it("a role that does not trust us is named as such", async () => {
    const desk = at()
    const no = await desk.refusal((ports) => ports.sts.identity({}), { externalId: "of-somebody-else" })
    assert.deepStrictEqual([no.code, no.advice], ["AccessDenied", "person"])
    assert.include(no.details, "sts:AssumeRole")
  })

  it("a role refuses whoever comes under another external id, and the session under its own one stands", async () => {
    const desk = at()
    const { externalId } = desk.cloud.home
    assert.isFalse(await desk.get((ports) => ports.sts.admits({ externalId: "of-somebody-else" })))
    assert.isTrue(await desk.get((ports) => ports.sts.admits({ externalId: externalId ?? "" })))
    assert.strictEqual((await desk.get((ports) => ports.sts.identity({}))).account, desk.cloud.home.account)
  })

  it("expired credentials are named as such, and the account answers again once they are renewed", async () => {
    const desk = at()
    desk.cloud.refuseAccount("ExpiredToken")
    const no = await desk.refusal((ports) => ports.groups.groups({ names: [], page: null }))
    desk.cloud.refuseAccount(null)
    assert.deepStrictEqual([no.code, no.advice], ["ExpiredToken", "person"])
    assert.isNotEmpty((await desk.get((ports) => ports.groups.groups({ names: [], page: null }))).groups)
  })

  it("a write after the end of the lease changes nothing", async () => {
    const desk = at()
    const { group } = await desk.cloud.seedGroup("late", 1)
    const { maxSize } = await desk.group(group)
    const before = desk.executed("UpdateAutoScalingGroup")
    const late = { until: instant(desk.cloud.now() - 1000) }
    const no = await desk.refusal((ports) => ports.groups.setMaxSize({ group, maxSize: maxSize + 1 }), late)
    assert.include(["AccessDenied", "UnauthorizedOperation"], no.code)
    assert.strictEqual((await desk.group(group)).maxSize, maxSize)
    assert.strictEqual(desk.executed("UpdateAutoScalingGroup"), before)
  })

  it("observing changes nothing, and neither does a write that the step did not declare", async () => {
    const desk = at()
    const { group } = await desk.cloud.seedGroup("observed", 1)
    const { length: before } = desk.cloud.writes()
    const { length: audited } = desk.audited
    const write = (ports: Ports) => ports.groups.setMaxSize({ group, maxSize: 9 })
    assert.strictEqual(await desk.code(write, { mode: "observe" }), "CloudOptim.ModeForbids")
    assert.strictEqual(await desk.code(write, { mode: "recommend" }), "CloudOptim.ModeForbids")
    assert.strictEqual(await desk.code(write, { may: ["ec2:RunInstances"] }), "CloudOptim.Undeclared")
    assert.strictEqual(desk.cloud.writes().length, before)
    assert.strictEqual(desk.audited.length, audited)
  })
}
