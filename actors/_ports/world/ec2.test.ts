/** Instances behave as EC2's do where a plain reading of its API goes wrong. */
import { assert, it } from "@effect/vitest"
import { type InstanceId, InstanceType, instant, ZoneId } from "../../../schemas/ids.ts"
import type { Instance } from "../ec2.ts"
import { adviceFor } from "../cloud-refusal.ts"
import { aCaller, aGroup, aLaunch, codeOf, home, Stage, type StageOptions } from "./stage.ts"

const launch = (stage: Stage, change: Parameters<typeof aLaunch>[0] = {}, caller = aCaller(stage)) => {
  const answer = codeOf(stage.ec2.launchSpot(aLaunch(change), caller))
  return typeof answer === "string" ? answer : answer.instance
}
const launched = (stage: Stage, change: Parameters<typeof aLaunch>[0] = {}): InstanceId => {
  const id = launch(stage, change)
  if (!id.startsWith("i-")) throw new Error(`refused: ${id}`)
  return id as InstanceId
}
const stage = (options: StageOptions = {}) => new Stage(options)
const spots = (s: Stage) => [...s.world.ground.rows.instances.rows.values()].filter((row) => row.lifecycle === "spot")

it("trap 16: the same token launches once, and with other parameters it is refused", () => {
  const s = stage()
  const first = launched(s)
  s.pass(5_000)
  assert.strictEqual(launch(s), first)
  assert.strictEqual(launch(s, { instanceType: InstanceType.make("m5.large") }), "IdempotentParameterMismatch")
  assert.strictEqual(launch(s, { tags: {} }), "IdempotentParameterMismatch")
  assert.strictEqual(spots(s).length, 1)
})

it("trap 16: a token is zonal, the same one in another zone launches another instance", () => {
  const s = stage()
  const first = launched(s)
  const second = launched(s, { zone: ZoneId.make("use1-az2"), subnet: "subnet-3333-use1-az2" })
  assert.notStrictEqual(second, first)
})

it("trap 16: a refused launch leaves its token free", () => {
  const s = stage()
  s.world.refusePool(ZoneId.make("use1-az1"), InstanceType.make("m6i.large"), "InsufficientInstanceCapacity")
  assert.strictEqual(launch(s), "InsufficientInstanceCapacity")
  s.world.refusePool(ZoneId.make("use1-az1"), InstanceType.make("m6i.large"), null)
  assert.match(launch(s), /^i-/)
})

it("trap 69: a token whose instance is dead is never launched again, however long ago it died", () => {
  const s = stage()
  const id = launched(s)
  s.pass(60_000)
  assert.strictEqual(codeOf(s.ec2.terminate({ instance: id }, aCaller(s))), undefined)
  assert.strictEqual(launch(s, {}, aCaller(s)), "IdempotentInstanceTerminated")
  s.pass(5 * 3_600_000)
  assert.strictEqual(s.instance(id), undefined)
  assert.strictEqual(launch(s, {}, aCaller(s)), "IdempotentInstanceTerminated")
  assert.strictEqual(adviceFor("IdempotentInstanceTerminated"), "already")
})

it("trap 17: reads do not know an instance at once, which is no proof that it is not there", () => {
  const s = stage({ behaviours: { lagMs: [10_000, 10_000] } })
  const id = launched(s)
  assert.strictEqual(s.instance(id), undefined)
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: id }, aCaller(s))), "InvalidInstanceID.NotFound")
  s.pass(10_000)
  assert.strictEqual(s.instance(id)?.state, "pending")
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: id }, aCaller(s))), false)
})

it("trap 68: terminate answers NotFound for an instance that nevertheless comes to life", () => {
  const s = stage({ behaviours: { lagMs: [30_000, 30_000] } })
  const id = launched(s)
  assert.strictEqual(codeOf(s.ec2.terminate({ instance: id }, aCaller(s))), "InvalidInstanceID.NotFound")
  s.pass(60_000)
  assert.strictEqual(s.instance(id)?.state, "running")
})

it("an instance runs after 20 to 40 s and passes its checks 60 to 120 s later", () => {
  const s = stage()
  const id = launched(s)
  s.pass(19_000)
  assert.notStrictEqual(s.instance(id)?.state, "running")
  s.pass(22_000)
  assert.strictEqual(s.instance(id)?.state, "running")
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: id }, aCaller(s))), false)
  s.pass(120_000)
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: id }, aCaller(s))), true)
})

it("a sick instance runs and never passes its checks", () => {
  const s = stage({ behaviours: { sickRate: 1 } })
  const id = launched(s)
  s.pass(3_600_000)
  assert.strictEqual(s.instance(id)?.state, "running")
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: id }, aCaller(s))), false)
})

it("trap 20: every refusal of a launch says whose fault it is, and launches nothing", () => {
  const s = stage()
  const place = { account: home.account, region: home.region }
  const with_ = (set: () => void, reset: () => void, change: Parameters<typeof aLaunch>[0] = {}) => {
    set()
    const code = launch(s, change)
    reset()
    return code
  }
  const nothing = () => {}
  const pool = (code: string | null) =>
    s.world.refusePool(ZoneId.make("use1-az1"), InstanceType.make("m6i.large"), code)
  const codes = [
    with_(
      () => pool("UnfulfillableCapacity"),
      () => pool(null)
    ),
    with_(
      () => s.world.setAccount(home.account, { spotVcpuQuota: 1 }),
      () => s.world.setAccount(home.account, { spotVcpuQuota: 99 })
    ),
    with_(
      () => s.world.setAddresses(place, "subnet-3333-use1-az1", 2),
      () => s.world.setAddresses(place, "subnet-3333-use1-az1", 250)
    ),
    with_(
      () => s.world.setAccount(home.account, { spotRole: false }),
      () => s.world.setAccount(home.account, { spotRole: true })
    ),
    with_(nothing, nothing, { instanceType: InstanceType.make("r6i.large") }),
    with_(nothing, nothing, { template: "lt-none" }),
    with_(nothing, nothing, { zone: ZoneId.make("use1-az2") })
  ]
  assert.deepStrictEqual(codes, [
    "UnfulfillableCapacity",
    "MaxSpotInstanceCountExceeded",
    "InsufficientFreeAddressesInSubnet",
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
    "Unsupported",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidParameterValue"
  ])
  assert.strictEqual(spots(s).length, 0)
})

it("trap 22: a protected instance is not terminated", () => {
  const s = stage()
  const id = launched(s)
  s.pass(60_000)
  s.world.user({ edit: "protect", instance: id, from: "termination", isOn: true })
  assert.strictEqual(codeOf(s.ec2.terminate({ instance: id }, aCaller(s))), "OperationNotPermitted")
  assert.strictEqual(codeOf(s.ec2.terminationProtected({ instance: id }, aCaller(s))), true)
  assert.strictEqual(s.instance(id)?.state, "running")
})

it("trap 26: how an instance was bought and who manages it can be read, and a service's own is not terminated", () => {
  const s = stage({ group: aGroup(3, { operatorManaged: true }) })
  const spot = launched(s)
  s.pass(60_000)
  assert.include(s.instance(spot), { lifecycle: "spot", operatorManaged: false })
  const [own] = s.web().members
  if (own === undefined) throw new Error("no member")
  assert.include(s.instance(own.instance), { lifecycle: "on-demand", operatorManaged: true })
  assert.strictEqual(codeOf(s.ec2.terminate({ instance: own.instance }, aCaller(s))), "OperationNotPermitted")
})

it("trap 29: a terminated instance stays visible for an hour, with the reason, and is then forgotten", () => {
  const s = stage()
  const id = launched(s)
  s.pass(60_000)
  s.world.reclaim(id, false)
  s.pass(60_000)
  assert.strictEqual(s.instance(id)?.state, "terminated")
  assert.strictEqual(s.instance(id)?.stateReason, "Server.SpotInstanceTermination")
  s.pass(3_600_000)
  assert.strictEqual(s.instance(id), undefined)
})

it("trap 30: a take comes with two minutes' notice or with none, and either is on record", () => {
  const s = stage()
  const warned = launched(s)
  const unwarned = launched(s, { token: "token-2" })
  s.pass(60_000)
  assert.isTrue(s.world.reclaim(warned, true))
  assert.isFalse(s.world.reclaim(warned, false))
  s.world.reclaim(unwarned, false)
  assert.strictEqual(s.instance(unwarned)?.state, "shutting-down")
  s.pass(119_000)
  assert.strictEqual(s.instance(warned)?.state, "running")
  s.pass(1_000)
  assert.strictEqual(s.instance(warned)?.state, "shutting-down")
  const [first, second] = [...s.world.ground.rows.reclaims.rows.values()]
  assert.strictEqual((first?.takenAt ?? 0) - (first?.warnedAt ?? 0), 120_000)
  assert.isNull(second?.warnedAt)
})

it("takes by themselves follow the rate per hour, in the cloud's time", () => {
  const s = stage({ behaviours: { reclaimsPerHour: 1, unwarnedRate: 1 } })
  const tokens = Array.from({ length: 200 }, (_, i) => launched(s, { token: `token-${i}` }))
  s.pass(3_600_000)
  const taken = s.world.report().reclaimed
  assert.isAbove(taken, tokens.length * 0.5)
  assert.isBelow(taken, tokens.length * 0.75)
})

it("trap 36: the same zone has another name in another account", () => {
  const s = stage({ group: aGroup(3) })
  const other = { ...home, account: "111122223334" as typeof home.account }
  s.world.ground.rows.accounts.put(other.account, { ...accountOf(s), account: other.account })
  const mine = codeOf(s.ec2.zones({}, aCaller(s)))
  const theirs = codeOf(s.ec2.zones({}, aCaller(s, other)))
  assert.isArray(mine)
  assert.notDeepEqual(mine, theirs)
})
const accountOf = (s: Stage) => {
  const row = s.world.ground.rows.accounts.get(home.account)
  if (row === undefined) throw new Error("no account")
  return row
}

it("trap 21: a read gives a thousand at most, and its pages together every instance once", () => {
  const s = stage({ group: null })
  s.world.plant({
    tenants: [home.tenant],
    accounts: [{ ...accountFields(), regions: [home.region] }],
    groups: Array.from({ length: 6 }, (_, i) =>
      aGroup(180, { group: `g${i}` as never, zones: ["use1-az1", "use1-az2", "use1-az4"] as never })
    )
  })
  const seen: Array<string> = []
  const sizes: Array<number> = []
  let page: string | null = null
  do {
    const answer: Page | string = codeOf(s.ec2.instances({ ids: [], saga: null, page }, aCaller(s)))
    if (typeof answer === "string") throw new Error(answer)
    seen.push(...answer.instances.map(({ instance }) => instance))
    sizes.push(answer.instances.length)
    page = answer.next
  } while (page !== null)
  assert.deepStrictEqual(sizes, [1000, 80])
  assert.strictEqual(new Set(seen).size, 1080)
})
interface Page {
  readonly instances: ReadonlyArray<Instance>
  readonly next: string | null
}
const accountFields = () => ({
  tenant: home.tenant,
  account: home.account,
  name: "acme",
  environment: "PROD" as const,
  mode: "act" as const,
  roleArn: home.roleArn,
  externalId: home.externalId
})

it("trap 70: launches are refused from the sixth of a moment on, and two a second come back", () => {
  const s = stage({ behaviours: { throttling: true } })
  const codes = Array.from({ length: 7 }, (_, i) => launch(s, { token: `t${i}` }))
  assert.deepStrictEqual(
    codes.map((each) => each.startsWith("i-")),
    [true, true, true, true, true, false, false]
  )
  assert.strictEqual(codes[6], "RequestLimitExceeded")
  s.now += 1_000
  assert.match(launch(s, { token: "u0" }), /^i-/)
  assert.match(launch(s, { token: "u1" }), /^i-/)
  assert.strictEqual(launch(s, { token: "u2" }), "RequestLimitExceeded")
})

it("trap 18: the buckets are the account's and region's, whoever calls", () => {
  const s = stage({ behaviours: { throttling: true } })
  const read = (by: string) => codeOf(s.ec2.instances({ ids: [], saga: null, page: null }, aCaller(s, { by })))
  for (let i = 0; i < 100; i++) assert.isObject(read(`reader-${i % 2}`))
  assert.strictEqual(read("reader-0"), "RequestLimitExceeded")
  assert.strictEqual(read("reader-9"), "RequestLimitExceeded")
})

it("trap 19: being throttled says nothing about a pool", () => {
  const s = stage({ behaviours: { throttleRate: 1 } })
  assert.strictEqual(launch(s), "RequestLimitExceeded")
  assert.strictEqual(adviceFor("RequestLimitExceeded"), "later")
  assert.strictEqual(adviceFor("InsufficientInstanceCapacity"), "elsewhere")
})

it("an account refuses the wrong role, the wrong external id, the wrong tenant, and everybody when told to", () => {
  const s = stage()
  const who = (change: Parameters<typeof aCaller>[1]) => codeOf(s.sts.identity({}, aCaller(s, change)))
  assert.isObject(who({}))
  assert.strictEqual(who({ externalId: "guessed" }), "AccessDenied")
  assert.strictEqual(who({ roleArn: null }), "AccessDenied")
  assert.strictEqual(who({ account: "999999999999" as never }), "AccessDenied")
  assert.strictEqual(s.world.report().violations.length, 0)
  assert.strictEqual(who({ tenant: "globex" as never }), "AccessDenied")
  assert.deepStrictEqual(
    s.world.report().violations.map(({ invariant }) => invariant),
    [24]
  )
  s.world.setAccount(home.account, { refuses: "ExpiredToken" })
  assert.strictEqual(who({}), "ExpiredToken")
})

it("a write ends with its lease, by the cloud's clock, and only what the step declares is allowed", () => {
  const s = stage()
  assert.strictEqual(launch(s, {}, aCaller(s, { until: instant(s.now) })), "AccessDenied")
  assert.strictEqual(launch(s, {}, aCaller(s, { until: null })), "AccessDenied")
  assert.strictEqual(launch(s, {}, aCaller(s, { may: ["ec2:TerminateInstances"] })), "AccessDenied")
  const { refusedLate, writes, violations } = s.world.report()
  assert.strictEqual(refusedLate, 2)
  assert.deepStrictEqual(writes["ec2:RunInstances"], { executed: 0, refused: 3, effects: 0 })
  assert.deepStrictEqual(violations, [])
})
