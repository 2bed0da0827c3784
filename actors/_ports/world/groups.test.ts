/** Groups behave as EC2 Auto Scaling's do where a plain reading of its API goes wrong. */
import { assert, it } from "@effect/vitest"
import { GroupName, type InstanceId, InstanceType, ZoneId } from "../../../schemas/ids.ts"
import { adviceFor } from "../cloud-refusal.ts"
import { aCaller, aGroup, aLaunch, codeOf, home, Stage } from "./stage.ts"

const web = GroupName.make("web")
const at = { account: home.account, region: home.region, group: "web" }
const zone = (n: number) => ({ zone: ZoneId.make(`use1-az${n}`), subnet: `subnet-3333-use1-az${n}` })

/** A Spot instance that runs and passes its checks. */
const aSpot = (s: Stage, change: Parameters<typeof aLaunch>[0] = {}): InstanceId => {
  const answer = codeOf(s.ec2.launchSpot(aLaunch(change), aCaller(s)))
  if (typeof answer === "string") throw new Error(answer)
  s.pass(180_000)
  return answer.instance
}
const attach = (s: Stage, instance: InstanceId) =>
  codeOf(s.groups.attach({ group: web, instance }, aCaller(s, { step: "attach" })))
const retire = (s: Stage, instance: InstanceId) =>
  codeOf(s.groups.retire({ group: web, instance }, aCaller(s, { step: "remove" })))
const member = (s: Stage, i: number) => {
  const found = s.web().members[i]
  if (found === undefined) throw new Error(`no member ${i}`)
  return found
}
const stateOf = (s: Stage, id: InstanceId) => s.web().members.find(({ instance }) => instance === id)?.state

it("trap 1: attaching raises desired by one, fails at MaxSize, and registers with the target groups", () => {
  const s = new Stage({ group: aGroup(6, { maxSize: 7, targetGroups: ["tg"] }) })
  const first = aSpot(s)
  const second = aSpot(s, { token: "token-2" })
  assert.isUndefined(attach(s, first))
  assert.strictEqual(s.web().desired, 7)
  assert.strictEqual(attach(s, second), "ValidationError")
  assert.isUndefined(codeOf(s.groups.setMaxSize({ group: web, maxSize: 8 }, aCaller(s))))
  assert.isUndefined(attach(s, second))
  s.pass(60_000)
  assert.strictEqual(s.web().members.length, 8)
  assert.strictEqual(codeOf(s.health.target({ targetGroup: "tg", instance: first }, aCaller(s))), "healthy")
})

it("traps 1 and 15: a member is not attached twice, nor an instance of another zone, nor one that does not run", () => {
  const s = new Stage()
  const spot = aSpot(s)
  assert.isUndefined(attach(s, spot))
  assert.strictEqual(attach(s, spot), "ValidationError")
  assert.strictEqual(attach(s, aSpot(s, { token: "token-2", ...zone(5) })), "ValidationError")
  const pending = codeOf(s.ec2.launchSpot(aLaunch({ token: "token-3" }), aCaller(s)))
  assert.strictEqual(typeof pending === "string" ? pending : attach(s, pending.instance), "ValidationError")
  assert.strictEqual(s.web().desired, 7)
})

it("trap 2: detaching without decrement launches another one, with decrement none; either takes its tag", () => {
  const s = new Stage()
  const [first, second] = [member(s, 0).instance, member(s, 1).instance]
  s.world.user({ edit: "detach", instance: first, decrement: false })
  s.pass(120_000)
  assert.strictEqual(s.web().members.length, 6)
  assert.isFalse(s.web().members.some(({ instance }) => instance === first))
  s.world.user({ edit: "detach", instance: second, decrement: true })
  s.pass(120_000)
  assert.strictEqual(s.web().members.length, 5)
  assert.isUndefined(s.instance(second)?.tags["aws:autoscaling:groupName"])
  assert.strictEqual(s.instance(second)?.state, "running")
})

it("trap 3: retiring drains, waits for the hooks, lowers desired by one, and never below the minimum", () => {
  const behaviours = { drainingMs: [30_000, 30_000], terminateHookMs: [40_000, 40_000] } as const
  const s = new Stage({ group: aGroup(6, { minSize: 6, terminateHooks: 1, targetGroups: ["tg"] }), behaviours })
  const old = member(s, 0).instance
  assert.strictEqual(retire(s, old), "ValidationError")
  assert.isUndefined(attach(s, aSpot(s)))
  s.pass(60_000)
  assert.isUndefined(retire(s, old))
  assert.strictEqual(s.web().desired, 6)
  assert.strictEqual(codeOf(s.health.target({ targetGroup: "tg", instance: old }, aCaller(s))), "draining")
  s.pass(31_000)
  assert.strictEqual(stateOf(s, old), "Terminating:Wait")
  assert.strictEqual(s.instance(old)?.state, "running")
  s.pass(40_000)
  assert.strictEqual(s.instance(old)?.state, "shutting-down")
  s.pass(30_000)
  assert.isUndefined(stateOf(s, old))
  assert.strictEqual(s.web().members.length, 6)
})

it("trap 3: retiring again lowers desired no second time", () => {
  const s = new Stage()
  const old = member(s, 0).instance
  assert.isUndefined(retire(s, old))
  assert.strictEqual(retire(s, old), "ValidationError")
  s.pass(120_000)
  assert.strictEqual(retire(s, old), "ValidationError")
  assert.strictEqual(s.web().desired, 5)
})

it("trap 4: a retirement that leaves zones uneven costs another member, unless AZRebalance is suspended", () => {
  for (const isSuspended of [false, true]) {
    const s = new Stage({ group: aGroup(6) })
    if (isSuspended) s.world.user({ edit: "suspend", group: at, process: "AZRebalance" })
    const before = s.web().members
    const twoOfOneZone = before.filter(({ zone: each }) => each === "use1-az1")
    for (const { instance } of twoOfOneZone) assert.isUndefined(retire(s, instance))
    s.pass(600_000)
    const gone = before.filter(({ instance }) => stateOf(s, instance) === undefined)
    assert.strictEqual(gone.length, isSuspended ? 2 : 3)
    assert.strictEqual(s.web().members.length, 4)
  }
})

it("trap 5: a suspended Launch stays suspended and lets the group fall behind, until it is resumed", () => {
  const s = new Stage()
  assert.isUndefined(codeOf(s.groups.suspend({ group: web, process: "Launch" }, aCaller(s))))
  s.world.user({ edit: "terminate", instance: member(s, 0).instance })
  s.pass(3_600_000)
  assert.strictEqual(s.web().members.length, 5)
  assert.deepStrictEqual(s.web().suspended, ["Launch"])
  assert.isUndefined(codeOf(s.groups.resume({ group: web, process: "Launch" }, aCaller(s))))
  s.pass(120_000)
  assert.strictEqual(s.web().members.length, 6)
})

it("trap 6: an attached instance is not in service before the launch hooks are done", () => {
  const s = new Stage({ group: aGroup(6, { launchHooks: 1 }), behaviours: { launchHookMs: [50_000, 50_000] } })
  assert.deepStrictEqual(codeOf(s.groups.hooks({ group: web }, aCaller(s))), { launching: 1, terminating: 0 })
  const spot = aSpot(s)
  attach(s, spot)
  s.pass(10_000)
  assert.strictEqual(stateOf(s, spot), "Pending:Wait")
  s.pass(50_000)
  assert.strictEqual(stateOf(s, spot), "InService")
})

it("trap 7: a member that is protected from scale-in is not chosen", () => {
  const s = new Stage()
  const shielded = s.web().members.slice(0, 5)
  for (const { instance } of shielded) s.world.user({ edit: "protect", instance, from: "scale-in", isOn: true })
  s.world.user({ edit: "scale", group: at, by: -3 })
  s.pass(300_000)
  assert.deepStrictEqual(
    s.web().members.map(({ instance }) => instance),
    shielded.map(({ instance }) => instance)
  )
})

it("trap 8: a mixed policy of 100 % on-demand undoes a swap, one of 0 % lets it stand", () => {
  for (const share of [100, 0]) {
    const types = [InstanceType.make("m5.large")]
    const mixed = { onDemandBase: 0, onDemandPercentAboveBase: share, types, weighted: false, weights: {} }
    const s = new Stage({ group: aGroup(6, { mixed }) })
    const old = s.web().members.find((each) => each.zone === "use1-az1")
    const spot = aSpot(s)
    attach(s, spot)
    s.pass(30_000)
    if (old !== undefined) retire(s, old.instance)
    s.pass(900_000)
    assert.strictEqual(stateOf(s, spot), share === 100 ? undefined : "InService")
    assert.strictEqual(s.web().members.length, 6)
  }
})

it("trap 9: in a weighted group one instance is not one unit of desired", () => {
  const [small, big] = [InstanceType.make("m5.large"), InstanceType.make("m6i.xlarge")]
  const weights = { [small]: 2, [big]: 4 }
  const mixed = { onDemandBase: 0, onDemandPercentAboveBase: 0, types: [small], weighted: true, weights }
  const s = new Stage({ group: aGroup(12, { mixed, maxSize: 16 }) })
  assert.strictEqual(s.web().members.length, 6)
  attach(s, aSpot(s, { instanceType: big }))
  assert.strictEqual(s.web().desired, 16)
  assert.strictEqual(attach(s, aSpot(s, { token: "token-2", instanceType: small })), "ValidationError")
})

it("trap 10: warm pool, refresh and a group that is being deleted can be read before anything is touched", () => {
  const s = new Stage({ group: aGroup(6, { warmPool: true }) })
  assert.isTrue(s.web().warmPool)
  s.world.user({ edit: "refreshing", group: at, isOn: true })
  assert.isTrue(codeOf(s.groups.refreshing({ group: web }, aCaller(s))))
  s.world.user({ edit: "delete-group", group: at })
  assert.strictEqual(s.web().status, "Delete in progress")
  assert.strictEqual(retire(s, member(s, 0).instance), "ScalingActivityInProgress")
  s.pass(300_000)
  assert.throws(() => s.web())
})

it("trap 11: $Latest moves when somebody publishes, the pinned number does not", () => {
  const s = new Stage()
  const read = (version: string) => Object(codeOf(s.ec2.template({ id: "lt-web", version }, aCaller(s))))
  assert.include(read("$Latest"), { version: 1, instanceType: "m5.large" })
  s.world.publish(
    { account: home.account, region: home.region },
    "lt-web",
    { instanceType: InstanceType.make("c5.large") },
    false
  )
  assert.include(read("$Latest"), { version: 2, instanceType: "c5.large" })
  assert.include(read("$Default"), { version: 1 })
  assert.include(read("1"), { version: 1, instanceType: "m5.large" })
  assert.strictEqual(String(read("7")), "InvalidLaunchTemplateId.VersionNotFound")
  // whoever runs already stays on the version that it was launched from
  assert.deepStrictEqual(member(s, 0).template, { id: "lt-web", version: "1" })
})

it("trap 12: contention is refused for now, before anything happened", () => {
  const s = new Stage({ behaviours: { contentionRate: 1 } })
  const code = retire(s, member(s, 0).instance)
  assert.include(["ResourceContention", "ScalingActivityInProgress"], String(code))
  assert.strictEqual(adviceFor(String(code)), "later")
  assert.strictEqual(s.web().desired, 6)
})

it("trap 14: both status checks pass and the target still turns out unhealthy", () => {
  const s = new Stage({ group: aGroup(6, { targetGroups: ["tg"] }), behaviours: { unhealthyTargetRate: 1 } })
  const spot = aSpot(s)
  assert.strictEqual(codeOf(s.ec2.statusOk({ instance: spot }, aCaller(s))), true)
  s.world.user({ edit: "suspend", group: at, process: "ReplaceUnhealthy" })
  attach(s, spot)
  s.pass(6_000)
  assert.strictEqual(codeOf(s.health.target({ targetGroup: "tg", instance: spot }, aCaller(s))), "initial")
  s.pass(90_000)
  assert.strictEqual(codeOf(s.health.target({ targetGroup: "tg", instance: spot }, aCaller(s))), "unhealthy")
  assert.strictEqual(codeOf(s.health.unhealthyTargets({ targetGroup: "tg" }, aCaller(s))), 1)
  assert.strictEqual(codeOf(s.health.unhealthyTargets({ targetGroup: "none" }, aCaller(s))), "TargetGroupNotFound")
})

it("a group heals by itself: whatever is taken comes back on-demand, in the emptiest zone", () => {
  const s = new Stage()
  const lost = member(s, 0)
  s.world.user({ edit: "terminate", instance: lost.instance })
  s.pass(180_000)
  const fresh = s.web().members.filter(({ state }) => state === "InService")
  assert.strictEqual(fresh.length, 6)
  assert.strictEqual(fresh.filter(({ zone: each }) => each === lost.zone).length, 2)
})

it("trap 1: a maximum below desired is not refused, it takes desired and a member with it", () => {
  const s = new Stage({ group: aGroup(6, { minSize: 2, maxSize: 6 }) })
  const set = (maxSize: number) => codeOf(s.groups.setMaxSize({ group: web, maxSize }, aCaller(s)))
  assert.isUndefined(set(5))
  assert.strictEqual(s.web().desired, 5)
  s.pass(300_000)
  assert.strictEqual(s.web().members.length, 5)
  assert.strictEqual(set(1), "ValidationError")
})

it("trap 15: an attached instance has the tags of its launch alone, the group's own launches have the group's", () => {
  const s = new Stage()
  const spot = aSpot(s)
  attach(s, spot)
  s.world.user({ edit: "terminate", instance: member(s, 0).instance })
  s.pass(300_000)
  assert.strictEqual(stateOf(s, spot), "InService")
  assert.deepStrictEqual([s.web().launchTags["Name"], s.instance(spot)?.tags["Name"]], ["web", undefined])
  const fresh = s.web().members.at(-1)
  assert.strictEqual(fresh && s.instance(fresh.instance)?.tags["Name"], "web")
})

it("alarms are what somebody set them to, and absent where nobody knows them", () => {
  const s = new Stage({ group: aGroup(3, { alarms: ["web-5xx"] }) })
  s.world.setAlarm(home.account, home.region, "web-5xx", "ALARM")
  assert.deepStrictEqual(codeOf(s.health.alarms({ names: ["web-5xx", "other"] }, aCaller(s))), [
    { name: "web-5xx", state: "ALARM" },
    { name: "other", state: "absent" }
  ])
})

it("the group's record tells deaths, scale-ins and words by name apart by what each did to desired itself", () => {
  const s = new Stage({ group: aGroup(6, { minSize: 1 }) })
  const about = (instance: InstanceId) => {
    const answer = codeOf(s.groups.activities({ group: web, instance }, aCaller(s)))
    if (typeof answer === "string") throw new Error(answer)
    return answer.map(({ kind, desiredBy }) => `${kind} ${desiredBy}`)
  }
  const spot = aSpot(s)
  assert.isUndefined(attach(s, spot))
  const before = s.web().members.map(({ instance }) => instance)
  const [dead, detached, kept] = [member(s, 0).instance, member(s, 1).instance, member(s, 2).instance]
  s.world.user({ edit: "terminate", instance: dead })
  s.world.user({ edit: "detach", instance: detached, decrement: true })
  s.world.user({ edit: "detach", instance: kept, decrement: false })
  assert.isUndefined(retire(s, spot))
  s.pass(600_000)
  assert.deepStrictEqual(about(spot), ["terminate -1", "attach 1"])
  assert.deepStrictEqual([dead, detached, kept].map(about), [["terminate 0"], ["detach -1"], ["detach 0"]])
  const newcomers = s.web().members.filter(({ instance }) => !before.includes(instance))
  assert.deepStrictEqual(
    newcomers.map(({ instance }) => about(instance)),
    [["launch 0"], ["launch 0"]]
  )
  const there = s.web().members.map(({ instance }) => instance)
  s.world.user({ edit: "scale", group: at, by: -2 })
  s.pass(600_000)
  const gone = there.filter((one) => stateOf(s, one) === undefined)
  assert.deepStrictEqual(
    gone.map((one) => about(one)[0]),
    ["terminate 0", "terminate 0"]
  )
  assert.strictEqual(
    codeOf(s.groups.activities({ group: GroupName.make("no-such"), instance: spot }, aCaller(s))).length,
    0
  )
})
