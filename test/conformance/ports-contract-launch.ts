/** The contract of launching and of reading what was launched. */
import { assert, it } from "@effect/vitest"
import { ec2Calls, managedByValue, ownTags } from "../../actors/_ports/ec2.ts"
import { InstanceId, type ZoneId } from "../../schemas/ids.ts"
import { type Desk, type } from "./ports-desk.ts"

export const launching = (at: () => Desk) => {
  it("trap 16: launching again with the same token gives the same instance and starts no second one", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("launching", 6)
    const before = await everything(desk)
    const one = await desk.get(desk.launch(web, "token-16"))
    const again = await desk.get(desk.launch(web, "token-16"))
    assert.strictEqual(again.instance, one.instance)
    await desk.cloud.settle()
    assert.strictEqual((await everything(desk)).length, before.length + 1)
    const { lifecycle, product, instanceType, zone, tags, state, operatorManaged } =
      (await desk.instance(one.instance)) ?? {}
    assert.deepStrictEqual(
      { lifecycle, product, instanceType, zone, state, operatorManaged },
      {
        lifecycle: "spot",
        product: "linux",
        instanceType: type("m6i.large"),
        zone: web.subnets[0]?.zone,
        state: "running",
        operatorManaged: false
      }
    )
    assert.strictEqual(tags?.[ownTags.saga], "swap-1")
    assert.strictEqual(tags?.[ownTags.managedBy], managedByValue)

    const other = desk.launch(web, "token-16", { instanceType: type("m5.xlarge") })
    assert.strictEqual(await desk.code(other), "IdempotentParameterMismatch")
    // the token is zonal: in another zone it stands for nothing yet
    const elsewhere = await desk.get(desk.launch(web, "token-16", web.subnets[1]))
    assert.notStrictEqual(elsewhere.instance, one.instance)

    await desk.cloud.settle()
    await desk.get((ports) => ports.ec2.terminate({ instance: one.instance }))
    await desk.cloud.settle()
    const dead = await desk.refusal(desk.launch(web, "token-16"))
    assert.deepStrictEqual([dead.code, dead.advice], ["IdempotentInstanceTerminated", "already"])
  })

  it("trap 20: a pool without capacity says so, and the token stays free", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("empty-pool", 3)
    const zone = web.subnets[0]?.zone as ZoneId
    desk.cloud.refusePool(zone, type("m6i.large"), "InsufficientInstanceCapacity")
    const no = await desk.refusal(desk.launch(web, "token-20"))
    assert.deepStrictEqual([no.code, no.advice], ["InsufficientInstanceCapacity", "elsewhere"])
    desk.cloud.refusePool(zone, type("m6i.large"), null)
    assert.match((await desk.get(desk.launch(web, "token-20"))).instance, /^i-/)
  })

  it("trap 17: a new instance may be unknown to reads for a while, and then it is there", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("hiding", 3)
    await desk.cloud.settle()
    desk.cloud.hideLaunches(1500)
    const { instance } = await desk.get(desk.launch(web, "token-17"))
    desk.cloud.hideLaunches(0)
    assert.isUndefined(await desk.instance(instance))
    const no = await desk.refusal((ports) => ports.ec2.terminate({ instance }))
    assert.deepStrictEqual([no.code, no.advice], ["InvalidInstanceID.NotFound", "later"])
    const unknown = await desk.refusal((ports) => ports.ec2.statusOk({ instance }))
    assert.strictEqual(unknown.code, "InvalidInstanceID.NotFound")
    await desk.cloud.settle()
    assert.strictEqual((await desk.instance(instance))?.instance, instance)
    assert.isTrue(await desk.get((ports) => ports.ec2.statusOk({ instance })))
  })

  it("trap 22: an unknown id among others is left out and spoils nothing", async () => {
    const desk = at()
    const { members } = await desk.cloud.seedGroup("mixed-ids", 3)
    const ids = [InstanceId.make("i-0123456789abcdef0"), ...members]
    const { instances, next } = await desk.get((ports) => ports.ec2.instances({ ids, saga: null, page: null }))
    assert.sameMembers(
      instances.map((each) => each.instance),
      [...members]
    )
    assert.isNull(next)
    const { instances: none } = await desk.get((ports) =>
      ports.ec2.instances({ ids: [], saga: "no-such-saga", page: null })
    )
    assert.isEmpty(none)
  })
}

const everything = async (desk: Desk) => {
  const all: Array<InstanceId> = []
  let page: string | null = null
  do {
    const from: string | null = page
    const read: typeof ec2Calls.instances.gives.Type = await desk.get((ports) =>
      ports.ec2.instances({ ids: [], saga: null, page: from })
    )
    all.push(...read.instances.map((each) => each.instance))
    page = read.next
  } while (page !== null)
  return all
}
