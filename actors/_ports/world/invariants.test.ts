/** Each invariant is broken by a wrong sequence of calls and kept by the right one. */
import { assert, it } from "@effect/vitest"
import { GroupName, type InstanceId, instant, ZoneId } from "../../../schemas/ids.ts"
import { aCaller, aGroup, aLaunch, codeOf, home, Stage, type StageOptions } from "./stage.ts"

const web = GroupName.make("web")
const at = { account: home.account, region: home.region, group: "web" }
type Who = Parameters<typeof aCaller>[1]

const aStage = (options: StageOptions = {}) => new Stage({ group: aGroup(6, { targetGroups: ["tg"] }), ...options })
const launch = (s: Stage, change: Parameters<typeof aLaunch>[0] = {}, who: Who = {}): InstanceId => {
  const answer = codeOf(s.ec2.launchSpot(aLaunch(change), aCaller(s, who)))
  if (typeof answer === "string") throw new Error(answer)
  return answer.instance
}
const attach = (s: Stage, instance: InstanceId, who: Who = {}) =>
  assert.isUndefined(codeOf(s.groups.attach({ group: web, instance }, aCaller(s, { step: "attach", ...who }))))
const retire = (s: Stage, instance: InstanceId, who: Who = {}) =>
  assert.isUndefined(codeOf(s.groups.retire({ group: web, instance }, aCaller(s, { step: "remove", ...who }))))
const old = (s: Stage, i = 0): InstanceId => {
  const member = s.web().members.filter(({ state }) => state === "InService")[i]
  if (member === undefined) throw new Error("no member")
  return member.instance
}
const broken = (s: Stage) => s.world.report().violations.map(({ invariant }) => invariant)
const minutes = (n: number) => n * 60_000

it("a swap in the right order breaks nothing and leaves every knob as it was", () => {
  const s = aStage()
  const first = old(s)
  const spot = launch(s)
  s.pass(minutes(3))
  attach(s, spot)
  s.pass(minutes(2))
  retire(s, first)
  s.pass(minutes(5))
  const { violations, knobsNotRestored, orphans, spotRunning, onDemandRunning } = s.world.report()
  assert.deepStrictEqual(
    { violations, knobsNotRestored, orphans },
    { violations: [], knobsNotRestored: [], orphans: [] }
  )
  assert.deepStrictEqual([spotRunning, onDemandRunning], [1, 5])
})

it("1: retiring before the replacement's target is healthy takes capacity below the floor", () => {
  const s = aStage()
  const first = old(s)
  const spot = launch(s)
  s.pass(minutes(3))
  attach(s, spot)
  s.pass(6_000)
  assert.strictEqual(s.web().members.find(({ instance }) => instance === spot)?.state, "InService")
  retire(s, first)
  assert.deepStrictEqual(broken(s), [1])
  assert.strictEqual(s.world.report().capacityViolations, 1)
})

it("1: retiring without any replacement takes capacity below the floor, once for each", () => {
  const s = aStage()
  retire(s, old(s))
  retire(s, old(s), { saga: "s2" })
  assert.deepStrictEqual(broken(s), [1, 1])
})

it("1: what AWS or the owner takes is theirs, also while a swap is under way", () => {
  const s = aStage()
  s.world.user({ edit: "terminate", instance: old(s) })
  s.world.user({ edit: "scale", group: at, by: -1 })
  s.pass(minutes(10))
  s.world.user({ edit: "scale", group: at, by: 2 })
  s.pass(minutes(10))
  assert.deepStrictEqual(broken(s), [])
  assert.deepStrictEqual(s.world.report().knobsNotRestored, [])
})

it("1: an owner who asks for more in the middle of a swap waits for the group, not for us", () => {
  const s = aStage()
  const first = old(s)
  s.world.user({ edit: "suspend", group: at, process: "Launch" })
  const spot = launch(s)
  s.pass(minutes(3))
  s.world.user({ edit: "scale", group: at, by: 1 })
  attach(s, spot)
  s.pass(minutes(2))
  retire(s, first)
  assert.deepStrictEqual(broken(s), [])
  retire(s, old(s), { saga: "s2" })
  assert.deepStrictEqual(broken(s), [1])
})

it("1: a replacement that AWS takes in the moment of the retirement is AWS's loss; a minute before, ours", () => {
  for (const [before, expected] of [
    [5_000, []],
    [60_000, [1]]
  ] as const) {
    const s = aStage()
    s.world.user({ edit: "suspend", group: at, process: "Launch" })
    const first = old(s)
    const spot = launch(s)
    s.pass(minutes(3))
    attach(s, spot)
    s.pass(minutes(2))
    s.world.reclaim(spot, false)
    s.pass(before)
    retire(s, first)
    assert.deepStrictEqual(broken(s), [...expected])
  }
})

it("2: a raised MaxSize, a suspended process and a kept desired are seen; the owner's own edits are not", () => {
  const s = aStage()
  assert.isUndefined(codeOf(s.groups.setMaxSize({ group: web, maxSize: 9 }, aCaller(s))))
  assert.isUndefined(codeOf(s.groups.suspend({ group: web, process: "AZRebalance" }, aCaller(s))))
  const spot = launch(s)
  s.pass(minutes(3))
  attach(s, spot)
  s.world.user({ edit: "suspend", group: at, process: "Launch" })
  const key = `${home.account}/${home.region}/web`
  const wrong = [`${key}: desired 7, was 6`, `${key}: max 9, was 8`, `${key}: suspended AZRebalance,Launch, was Launch`]
  assert.deepStrictEqual(s.world.report().knobsNotRestored, wrong)
  assert.deepStrictEqual(s.world.report({ busy: new Set([key]) }).knobsNotRestored, [])
})

it("3 and 5: a second replacement for one swap is one instance too many", () => {
  const s = aStage()
  launch(s)
  launch(s, { token: "token-2" })
  assert.deepStrictEqual(broken(s), [5, 3])
})

it("4: a launch without our tags is seen at once", () => {
  const s = aStage()
  launch(s, { tags: { ManagedBy: "SpotOptimizer" } })
  assert.deepStrictEqual(broken(s), [4])
})

it("4: an instance of a closed saga that is in no group is an orphan after fifteen minutes", () => {
  const s = aStage()
  const spot = launch(s)
  s.pass(minutes(14))
  assert.deepStrictEqual(s.world.report().orphans, [])
  s.pass(minutes(2))
  assert.deepStrictEqual(s.world.report().orphans, [spot])
  assert.deepStrictEqual(s.world.report({ isClosed: () => false }).orphans, [])
})

it("4: an owner who removes our tag does not hide the orphan", () => {
  const s = aStage()
  const spot = launch(s)
  s.world.user({ edit: "untag", instance: spot, tag: "cloudoptim:saga" })
  s.pass(minutes(16))
  assert.isUndefined(s.instance(spot)?.tags["cloudoptim:saga"])
  assert.deepStrictEqual(s.world.report().orphans, [spot])
})

it("5: two retirements by one saga are one effect too many, also where capacity allows them", () => {
  const s = aStage()
  s.world.user({ edit: "scale", group: at, by: -1 })
  retire(s, old(s, 0))
  retire(s, old(s, 1))
  assert.include(broken(s), 5)
})

it("5: a repeated request that finds its work done is no second effect", () => {
  const s = aStage()
  const spot = launch(s)
  launch(s)
  s.pass(minutes(2))
  for (const maxSize of [9, 9]) codeOf(s.groups.setMaxSize({ group: web, maxSize }, aCaller(s)))
  for (const _ of [1, 2]) codeOf(s.ec2.terminate({ instance: spot }, aCaller(s)))
  assert.deepStrictEqual(broken(s), [])
  assert.strictEqual(s.world.report().writes["ec2:RunInstances"]?.effects, 1)
})

it("5: a knob may be turned again by one saga only after its owner has turned it", () => {
  const raise = (s: Stage, maxSize: number) => codeOf(s.groups.setMaxSize({ group: web, maxSize }, aCaller(s)))
  const s = aStage()
  raise(s, 9)
  s.world.user({ edit: "max-size", group: at, maxSize: 8 })
  raise(s, 9)
  assert.deepStrictEqual(broken(s), [])
  raise(s, 10)
  assert.deepStrictEqual(broken(s), [5])
})

it("7: a customer's member that is terminated past its group is seen", () => {
  const s = aStage()
  codeOf(s.ec2.terminate({ instance: old(s) }, aCaller(s)))
  assert.sameMembers(broken(s), [7, 1])
})

it("9: with the fence open a late write is executed and seen; with the fence it is refused and counted", () => {
  for (const fenceOff of [true, false]) {
    const s = aStage({ behaviours: { fenceOff } })
    codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s, { until: instant(s.now - 1) })))
    const { violations, refusedLate, instances } = s.world.report()
    assert.deepStrictEqual(
      violations.map(({ invariant }) => invariant),
      fenceOff ? [9] : []
    )
    assert.strictEqual(refusedLate, fenceOff ? 0 : 1)
    assert.strictEqual(instances, fenceOff ? 7 : 6)
  }
})

it("9: a holder whom a newer one has replaced is seen, even if the newer one only read", () => {
  const s = aStage()
  codeOf(s.ec2.instances({ ids: [], saga: "s1", page: null }, aCaller(s, { epoch: 2 })))
  launch(s, {}, { epoch: 1 })
  assert.deepStrictEqual(broken(s), [9])
})

it("22: a write in observe or recommend mode is refused and seen", () => {
  for (const mode of ["observe", "recommend"] as const) {
    const s = aStage()
    assert.strictEqual(codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s, { mode }))), "AccessDenied")
    assert.deepStrictEqual(broken(s), [22])
    assert.strictEqual(s.world.report().instances, 6)
    const t = aStage()
    t.world.setAccount(home.account, { mode })
    assert.strictEqual(codeOf(t.ec2.launchSpot(aLaunch(), aCaller(t))), "AccessDenied")
    assert.deepStrictEqual(broken(t), [22])
  }
})

it("24: a call for another tenant's account is refused and seen", () => {
  const s = aStage()
  assert.strictEqual(codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s, { tenant: "globex" as never }))), "AccessDenied")
  assert.deepStrictEqual(broken(s), [24])
})

it("every write is on record with its caller, its step and what became of it", () => {
  const s = aStage()
  launch(s)
  codeOf(
    s.ec2.launchSpot(aLaunch({ token: "t", zone: ZoneId.make("use1-az9") }), aCaller(s, { step: "again", epoch: 3 }))
  )
  const [first, second] = [...s.world.ground.rows.writes.rows.values()]
  assert.include(first, { saga: "s1", step: "launch", epoch: 1, outcome: "executed", action: "ec2:RunInstances" })
  assert.include(second, { step: "again", epoch: 3, outcome: "InvalidParameterValue", effect: null })
  assert.match(first?.effect ?? "", /^launch i-/)
})
