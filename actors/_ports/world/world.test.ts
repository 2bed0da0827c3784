/**
 * Whatever is done to the world, in any order: its arithmetic holds, its memory is whole, and a seed is one history.
 */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { GroupName, type InstanceId, instant, ZoneId } from "../../../schemas/ids.ts"
import { Counts } from "./counts.ts"
import { LogBroken } from "./log.ts"
import { aCaller, aGroup, aLaunch, codeOf, home, prng, Stage } from "./stage.ts"

const web = GroupName.make("web")
const at = { account: home.account, region: home.region, group: "web" }

/** What may happen next; the seed chooses about whom. */
const deeds: ReadonlyArray<(s: Stage, pick: <A>(from: ReadonlyArray<A>) => A | undefined) => unknown> = [
  (s) => {
    const zone = ZoneId.make("use1-az1")
    const n = s.world.ground.rows.writes.rows.size
    return codeOf(
      s.ec2.launchSpot(aLaunch({ token: `t${n}`, zone, subnet: `subnet-3333-${zone}` }), aCaller(s, { saga: `s${n}` }))
    )
  },
  (s, pick) => withOne(pick(all(s, "spot")), (instance) => s.groups.attach({ group: web, instance }, aCaller(s))),
  (s, pick) => withOne(pick(members(s)), (instance) => s.groups.retire({ group: web, instance }, aCaller(s))),
  (s, pick) => withOne(pick(all(s, "spot")), (instance) => s.ec2.terminate({ instance }, aCaller(s))),
  (s, pick) => codeOf(s.groups.setMaxSize({ group: web, maxSize: pick([5, 7, 8, 9, 12]) ?? 9 }, aCaller(s))),
  (s, pick) => s.world.user({ edit: "scale", group: at, by: pick([-2, -1, 1, 2]) ?? 1 }),
  (s, pick) => {
    const instance = pick(members(s))
    return instance !== undefined && s.world.user({ edit: "terminate", instance })
  },
  (s, pick) => {
    const instance = pick(members(s))
    return instance !== undefined && s.world.user({ edit: "detach", instance, decrement: pick([true, false]) ?? true })
  },
  (s, pick) => {
    const instance = pick(all(s, "spot"))
    return instance !== undefined && s.world.reclaim(instance, pick([true, false]) ?? true)
  },
  (s, pick) => s.pass(pick([100, 7_000, 40_000, 200_000]) ?? 1_000)
]
const withOne = (id: InstanceId | undefined, call: (id: InstanceId) => Parameters<typeof codeOf>[0]) =>
  id === undefined ? undefined : codeOf(call(id))
const all = (s: Stage, lifecycle: string) =>
  [...s.world.ground.rows.instances.rows.values()].filter((row) => row.lifecycle === lifecycle).map(({ id }) => id)
const members = (s: Stage) => s.web().members.map(({ instance }) => instance)

const play = (s: Stage, seed: number, script: ReadonlyArray<number>, each: () => void = () => {}) => {
  const random = prng(seed)
  const pick = <A>(from: ReadonlyArray<A>): A | undefined => from[Math.floor(random() * from.length)]
  for (const n of script) {
    deeds[n % deeds.length]?.(s, pick)
    each()
  }
}

const Script = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))).check(
  Schema.isMinLength(10),
  Schema.isMaxLength(60)
)
const Seed = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
const hooked = aGroup(6, { maxSize: 9, minSize: 2, launchHooks: 1, terminateHooks: 1, targetGroups: ["tg"] })

it.prop(
  "attach and retire in any order keep desired between min and max",
  { seed: Seed, script: Script },
  ({ seed, script }) => {
    const s = new Stage({ seed, group: hooked })
    play(s, seed, script, () => {
      const { minSize, desired, maxSize } = s.web()
      assert.isAtMost(desired, maxSize)
      assert.isAtLeast(desired, minSize)
    })
  }
)

it.prop(
  "left alone, a group comes to have what it desires, in zones as even as can be",
  { seed: Seed, script: Script },
  ({ seed, script }) => {
    const s = new Stage({ seed, group: hooked })
    play(s, seed, script)
    s.pass(3_600_000)
    const { members, desired } = s.web()
    const serving = members.filter(({ state }) => state === "InService")
    assert.deepStrictEqual([members.length, serving.length], [desired, desired])
    const zones = ["use1-az1", "use1-az2", "use1-az4"].map(
      (zone) => members.filter((each) => each.zone === zone).length
    )
    assert.isAtMost(Math.max(...zones) - Math.min(...zones), 1)
    assert.isFalse(s.world.ground.agenda.has("reconcile", `${home.account}/${home.region}/web`), "restless")
  }
)

it.prop(
  "the sums that invariants are judged by are those of a fresh count",
  { seed: Seed, script: Script },
  ({ seed, script }) => {
    const s = new Stage({ seed, group: hooked })
    play(s, seed, script)
    const fresh = new Counts()
    for (const row of s.world.ground.rows.instances.rows.values()) fresh.place(row)
    const { counts } = s.world.ground
    const positive = (sums: ReadonlyMap<string, number>) => [...sums].filter(([, sum]) => sum !== 0).sort()
    const sets = (of: ReadonlyMap<string, ReadonlySet<string>>) =>
      [...of].map(([key, ids]) => [key, [...ids].sort()]).sort()
    assert.deepStrictEqual(positive(counts.serving), positive(fresh.serving))
    assert.deepStrictEqual(positive(counts.addresses), positive(fresh.addresses))
    assert.deepStrictEqual(positive(counts.vcpus), positive(fresh.vcpus))
    assert.deepStrictEqual(sets(counts.members), sets(fresh.members))
    assert.deepStrictEqual(sets(counts.ofSaga), sets(fresh.ofSaga))
  }
)

it.prop(
  "the world that reads its lines is the world that wrote them, and goes on from there",
  { seed: Seed, script: Script },
  ({ seed, script }) => {
    const lines: Array<string> = []
    const s = new Stage({ seed, group: hooked, keep: (line) => lines.push(line) })
    play(s, seed, script)
    for (const from of [lines, [s.world.snapshot()]]) {
      const again = new Stage({ seed, group: null, lines: from })
      assert.deepStrictEqual(rowsOf(again), rowsOf(s))
      assert.strictEqual(again.world.nextDue(), s.world.nextDue())
      assert.deepStrictEqual(again.world.ground.counts.serving, positiveOnly(s, again))
      again.now = s.now
      again.pass(3_600_000)
      assert.strictEqual(again.web().members.length, again.web().desired)
    }
  }
)
/** Time itself is not kept: it passes without us. */
const rowsOf = (s: Stage): unknown => JSON.parse(s.world.snapshot()).put
/** A count that came down to nought is the same as one that never was. */
const positiveOnly = (s: Stage, again: Stage) => {
  const sums = new Map([...s.world.ground.counts.serving].filter(([key]) => again.world.ground.counts.serving.has(key)))
  return sums
}

it.prop("one seed is one history", { seed: Seed, script: Script }, ({ seed, script }) => {
  const rates = {
    noCapacityRate: 0.1,
    contentionRate: 0.1,
    sickRate: 0.1,
    unhealthyTargetRate: 0.1,
    reclaimsPerHour: 5
  }
  const history = () => {
    const lines: Array<string> = []
    const s = new Stage({ seed, group: hooked, behaviours: rates, keep: (line) => lines.push(line) })
    play(s, seed, script)
    s.pass(600_000)
    return lines.join("\n")
  }
  assert.strictEqual(history(), history())
})

it("a torn last line is an entry that never happened; a torn line in the middle is refused", () => {
  const lines: Array<string> = []
  const s = new Stage({ group: aGroup(6), keep: (line) => lines.push(line) })
  const before = s.world.snapshot()
  codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s)))
  const torn = [...lines.slice(0, -1), String(lines.at(-1)).slice(0, 40)]
  assert.strictEqual(new Stage({ group: null, lines: torn }).world.snapshot(), before)
  assert.throws(() => new Stage({ group: null, lines: [...torn, ...lines] }), LogBroken)
})

it("a host that only sets its alarm when told misses nothing", () => {
  let alarm: number | undefined
  const s = new Stage({ group: aGroup(6), wake: (at) => (alarm = at) })
  const [first] = members(s)
  if (first === undefined) throw new Error("no member")
  s.world.user({ edit: "terminate", instance: first })
  for (let i = 0; alarm !== undefined && i < 1_000; i++) {
    s.now = alarm
    alarm = undefined
    s.world.advance()
  }
  assert.isUndefined(s.world.nextDue())
  assert.strictEqual(s.web().members.filter(({ state }) => state === "InService").length, 6)
})

it("a call is on record before its answer leaves", () => {
  const lines: Array<string> = []
  const s = new Stage({ keep: (line) => lines.push(line) })
  const before = lines.length
  codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s)))
  assert.strictEqual(lines.length, before + 1)
  assert.include(lines.at(-1), "ec2:RunInstances")
})

it("speed divides durations and multiplies the refill, and leaves leases alone", () => {
  const s = new Stage({ speed: 60, behaviours: { throttling: true, bootMs: [40_000, 40_000], lagMs: [0, 0] } })
  for (let i = 0; i < 5; i++) codeOf(s.ec2.launchSpot(aLaunch({ token: `t${i}` }), aCaller(s, { saga: `s${i}` })))
  assert.strictEqual(codeOf(s.ec2.launchSpot(aLaunch({ token: "t5" }), aCaller(s))), "RequestLimitExceeded")
  s.pass(100)
  assert.isObject(codeOf(s.ec2.launchSpot(aLaunch({ token: "t6" }), aCaller(s, { saga: "s6" }))))
  s.pass(40_000 / 60 - 100)
  assert.strictEqual(s.world.report().spotRunning, 5)
  const late = aCaller(s, { until: instant(s.now + 500) })
  s.pass(499)
  assert.isUndefined(codeOf(s.groups.setMaxSize({ group: web, maxSize: 9 }, late)))
  s.pass(1)
  assert.strictEqual(codeOf(s.groups.setMaxSize({ group: web, maxSize: 8 }, late)), "AccessDenied")
})

it("300 idle instances cost nothing: advancing takes under 50 microseconds, 10,000 calls under a second", () => {
  const s = new Stage({ group: aGroup(300) })
  const per = (times: number, run: () => void) => {
    const started = performance.now()
    for (let i = 0; i < times; i++) run()
    return (performance.now() - started) / times
  }
  const [first] = members(s)
  if (first === undefined) throw new Error("no member")
  const caller = aCaller(s)
  const advance = per(20_000, () => {
    s.now += 1
    s.world.advance()
  })
  const call = per(10_000, () => codeOf(s.ec2.statusOk({ instance: first }, caller)))
  const read = per(2_000, () => codeOf(s.groups.groups({ names: [web], page: null }, caller)))
  assert.isBelow(advance * 1000, 50)
  assert.isBelow(call * 10_000, 1000)
  assert.isBelow(read * 10_000, 1000)
})
