/** The sweep over the simulated cloud: what it says, what it costs, and what it does when AWS says no. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Account } from "../../schemas/account.ts"
import { GroupName, type Instant, instant, Region } from "../../schemas/ids.ts"
import { type CloudRefusal, refusal } from "../_ports/cloud-refusal.ts"
import { Ec2, ec2Calls } from "../_ports/ec2.ts"
import { Groups, groupCalls } from "../_ports/group.ts"
import { Audit, type Calls, guarded, type Inner, type Shape, Whose } from "../_ports/port.ts"
import { Sts, stsCalls } from "../_ports/sts.ts"
import { aCaller, aGroup, aLaunch, codeOf, fleetOf, home, Stage } from "../_ports/world/stage.ts"
import { type Budget, budget } from "./budget.ts"
import { senseOf } from "../_ports/sense.ts"
import { round } from "./round.ts"
import { type How, type Refused, type Sight, sightOf, sweep, type Swept } from "./read.ts"

const account = new Account({
  ...fleetOf([]).accounts[0]!,
  status: "connected",
  reason: null,
  since: instant(0)
})
const free: Budget = { take: Effect.void, giveUp: Effect.void }
const usual: How = { isFull: false, isStandIn: false, budget: free }
const silent = Audit.of({ begun: () => Effect.succeed(""), ended: () => Effect.void })

/** Says no in the cloud's place, or nothing. */
type Veto = (call: string, input: unknown) => CloudRefusal | undefined
const vetoed = <C extends Calls>(calls: C, inner: Inner<C>, veto: Veto): Shape<C> => {
  const asked: Record<string, unknown> = {}
  for (const name of Object.keys(calls)) {
    const call = inner[name] as (input: unknown, caller: never) => Effect.Effect<unknown, CloudRefusal>
    asked[name] = (input: unknown, caller: never) =>
      Effect.suspend(() => {
        const no = veto(name, input)
        return no === undefined ? call(input, caller) : Effect.fail(no)
      })
  }
  return guarded(calls, asked as Inner<C>, silent)
}
const cloud = (stage: Stage, veto: Veto = () => undefined) =>
  Layer.mergeAll(
    Layer.succeed(Sts, vetoed(stsCalls, stage.sts, veto)),
    Layer.succeed(Ec2, vetoed(ec2Calls, stage.ec2, veto)),
    Layer.succeed(Groups, vetoed(groupCalls, stage.groups, veto))
  )

const sweepOf = (stage: Stage, sight: Sight, how: Partial<How> = {}, veto?: Veto) =>
  TestClock.setTime(stage.now).pipe(
    Effect.andThen(sweep(account, home.region, sight, { ...usual, ...how })),
    Effect.provideService(Whose, senseOf("discovery:1", account, home.region)),
    Effect.provide(cloud(stage, veto))
  )
const swept = (result: Swept | Refused): Swept => {
  if (result._tag === "Refused") throw result.refusal
  return result
}
/** Sweeps that must succeed, each with what the one before remembered. */
const again = (stage: Stage, before: Sight, how: Partial<How> = {}, veto?: Veto) =>
  Effect.map(sweepOf(stage, before, how, veto), swept)
const names = (result: Swept) => result.groups.map((group) => group.group)
const many = (count: number, size: number) =>
  Array.from({ length: count }, (_, n) => aGroup(size, { group: GroupName.make(`web-${String(n).padStart(3, "0")}`) }))

const house = (groups: ReadonlyArray<ReturnType<typeof aGroup>>) => {
  const stage = new Stage({ group: null })
  stage.world.plant(fleetOf(groups))
  return stage
}

it.effect("an unchanged account costs the pages of its groups and instances, and is not said again", () =>
  Effect.gen(function* () {
    const stage = house(many(250, 5))
    const first = yield* again(stage, sightOf([]))
    assert.strictEqual(first.groups.length, 250)
    assert.strictEqual(first.instances, 1_250)
    const next = yield* again(stage, first.sight)
    assert.deepStrictEqual([next.groups, next.gone, next.interrupted], [[], [], []])
    assert.strictEqual(next.calls, Math.ceil(250 / 100) + Math.ceil(1_250 / 1_000))
    assert.deepStrictEqual([next.done.groups, next.done.instances, next.done.calls], [250, 1_250, next.calls])
  })
)

it.effect("a full sweep asks for every detail once, and says nothing where nothing changed", () =>
  Effect.gen(function* () {
    const stage = house(many(20, 3))
    const first = yield* again(stage, sightOf([]))
    const full = yield* again(stage, first.sight, { isFull: true })
    // identity, groups, instances, one batch of subnets; per group hooks, refreshes and its own template
    assert.strictEqual(full.calls, 4 + 20 * 3)
    assert.isEmpty(full.groups)
  })
)

it.effect("a change is said of its own group alone, for two calls more", () =>
  Effect.gen(function* () {
    const stage = house(many(20, 3))
    const first = yield* again(stage, sightOf([]))
    stage.world.user({ edit: "max-size", group: { ...home, group: GroupName.make("web-007") }, maxSize: 9 })
    const next = yield* again(stage, first.sight)
    assert.deepStrictEqual(names(next), ["web-007"])
    // its hooks, its refreshes, and its template, which it names as `$Latest`
    assert.strictEqual(next.calls, 2 + 3)
    assert.strictEqual(next.groups[0]?.maxSize, 9)
  })
)

it.effect("after a restart nothing known is said again, and what went meanwhile is said to be gone", () =>
  Effect.gen(function* () {
    const stage = house(many(3, 3))
    const first = yield* again(stage, sightOf([]))
    stage.world.user({ edit: "delete-group", group: { ...home, group: GroupName.make("web-001") } })
    stage.pass(600_000)
    const next = yield* again(stage, sightOf(first.groups))
    assert.deepStrictEqual([names(next), next.gone.map((one) => one.group)], [[], ["web-001"]])
    assert.isEmpty((yield* again(stage, next.sight)).gone)
  })
)

it.effect("an empty region is swept in two calls and holds nothing", () =>
  Effect.gen(function* () {
    const stage = house([])
    const first = yield* again(stage, sightOf([]))
    const next = yield* again(stage, first.sight)
    assert.deepStrictEqual([next.groups.length, next.instances, next.calls], [0, 0, 2])
  })
)

it.effect("DIS-4: a Spot instance taken without a warning is told exactly once", () =>
  Effect.gen(function* () {
    const stage = new Stage()
    const answer = codeOf(stage.ec2.launchSpot(aLaunch({}), aCaller(stage)))
    if (typeof answer === "string") throw new Error(answer)
    stage.pass(180_000)
    const first = yield* again(stage, sightOf([]))
    stage.world.reclaim(answer.instance, false)
    stage.pass(120_000)
    const next = yield* again(stage, first.sight)
    assert.deepStrictEqual(
      next.interrupted.map((one) => one.instance),
      [answer.instance]
    )
    assert.isEmpty((yield* again(stage, next.sight)).interrupted)
  })
)

it.effect("DIS-3: where AWS says `later` the sweep waits and asks again, and gives up after a minute", () =>
  Effect.gen(function* () {
    const stage = house(many(2, 3))
    let refusals = 3
    const busy: Veto = (call) =>
      call === "instances" && refusals-- > 0 ? refusal("ec2:DescribeInstances", "RequestLimitExceeded", "") : undefined
    const patient = yield* Effect.forkChild(sweepOf(stage, sightOf([]), {}, busy))
    yield* Effect.repeat(TestClock.adjust("5 seconds"), { times: 6 })
    const first = swept(yield* Fiber.join(patient))
    assert.strictEqual(first.groups.length, 2)
    refusals = Number.POSITIVE_INFINITY
    const hopeless = yield* Effect.forkChild(sweepOf(stage, first.sight, {}, busy))
    yield* Effect.repeat(TestClock.adjust("5 seconds"), { times: 20 })
    const refused = yield* Fiber.join(hopeless)
    assert.isTrue(refused._tag === "Refused" && refused.refusal.code === "RequestLimitExceeded")
    assert.strictEqual(refused.sight, first.sight, "what was known stays known")
  })
)

it.effect("a detail that one group refuses stands in that group's way alone", () =>
  Effect.gen(function* () {
    const stage = house(many(3, 3))
    const noHooks: Veto = (call, input) =>
      call === "hooks" && (input as { group: string }).group === "web-001"
        ? refusal("autoscaling:DescribeLifecycleHooks", "AccessDenied", "")
        : undefined
    const first = yield* again(stage, sightOf([]), {}, noHooks)
    assert.deepStrictEqual(
      first.groups.map((one) => one.obstacles),
      [[], ["cannot see lifecycle hooks: AccessDenied"], []]
    )
    const lenient = yield* again(stage, first.sight, { isFull: true, isStandIn: true }, noHooks)
    assert.deepStrictEqual(names(lenient), ["web-001"])
    assert.isEmpty(lenient.groups[0]!.obstacles)
  })
)

it.effect("one lost subnet blinds its own group, not the region", () =>
  Effect.gen(function* () {
    const stage = house(many(2, 3))
    const lost = stage.web("web-000").subnets[0]!
    const noSubnet: Veto = (call, input) =>
      call === "subnets" && (input as { subnets: ReadonlyArray<string> }).subnets.includes(lost)
        ? refusal("ec2:DescribeSubnets", "InvalidSubnetID.NotFound", "")
        : undefined
    const first = yield* again(stage, sightOf([]), {}, noSubnet)
    assert.deepStrictEqual(first.groups[0]!.obstacles, [`cannot see subnet ${lost}: InvalidSubnetID.NotFound`])
    assert.strictEqual(first.groups[0]!.subnets.length, 2)
  })
)

it.effect("a listing that names the same page for ever is refused", () =>
  Effect.gen(function* () {
    const loop = { ...new Stage().ec2, instances: () => Effect.succeed({ instances: [], next: "again" }) }
    const stage = Object.assign(house([]), { ec2: loop })
    const result = yield* sweepOf(stage, sightOf([]))
    assert.isTrue(result._tag === "Refused" && result.refusal.code === "CloudOptim.PageLoop")
  })
)

it.effect("a role that leads into another account is refused before anything is listed", () =>
  Effect.gen(function* () {
    const other = { identity: () => Effect.succeed({ account: "999999999999" as never, arn: "" }) }
    const result = yield* sweepOf(Object.assign(house(many(2, 3)), { sts: other }), sightOf([]))
    assert.isTrue(result._tag === "Refused" && result.refusal.code === "CloudOptim.WrongAccount" && result.calls === 1)
  })
)

it.effect("an account that refuses is answered for with code and mend, and the others are swept", () =>
  Effect.gen(function* () {
    const stage = house(many(2, 3))
    const stranger = new Account({
      ...account,
      account: "999988887777" as never,
      regions: [home.region, Region.make("eu-west-1")]
    })
    const done = yield* round([stranger, account], {
      by: "discovery:1",
      concurrency: 2,
      at: instant(stage.now) as Instant,
      hasRead: () => false,
      sightOf: () => sightOf([]),
      howFor: () => Effect.succeed(usual)
    }).pipe(Effect.provide(cloud(stage)))
    assert.deepStrictEqual(
      done.map((one) => one.sweeps.map((sweep) => sweep._tag)),
      [["Refused", "Refused"], ["Swept"]]
    )
    assert.isNotNull(done[0]!.answered.code)
    assert.include(done[0]!.answered.message, "eu-west-1")
    assert.strictEqual(done[1]!.answered.code, null)
  })
)

it.effect.prop(
  "the budget never lets more through than a fifth of AWS's bucket, and lets everybody through in the end",
  { pauses: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3_000 }))), giveUp: Schema.Boolean },
  ({ pauses, giveUp }) =>
    Effect.gen(function* () {
      const one = yield* budget()
      if (giveUp) yield* one.giveUp
      let through = 0
      const all = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 60 }),
          () =>
            Effect.andThen(
              one.take,
              Effect.sync(() => through++)
            ),
          {
            concurrency: "unbounded"
          }
        )
      )
      let ms = 0
      for (const pause of pauses) {
        yield* TestClock.adjust(pause)
        ms += pause
        assert.isAtMost(through, (giveUp ? 0 : 20) + (ms * 4) / 1_000 + 1e-9)
      }
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(all)
      assert.strictEqual(through, 60)
    })
)
