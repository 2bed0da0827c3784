/** The look, over the simulated cloud: what it freezes, and each thing of AWS that it turns back for by name. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { aPool, aPoolRisk, score } from "../../test/builders.ts"
import { Digest, GroupName, InstanceType, instant, microUsd } from "../../schemas/ids.ts"
import { Move, productFloors } from "../../schemas/safe-plan.ts"
import { SwapOrdered } from "../../schemas/swap.ts"
import { Ec2, ec2Calls } from "../_ports/ec2.ts"
import { Groups, groupCalls } from "../_ports/group.ts"
import { Health, healthCalls } from "../_ports/health.ts"
import { Audit, guarded, Whose } from "../_ports/port.ts"
import { aCaller, aGroup, home, Stage, type StageOptions } from "../_ports/world/stage.ts"
import { Gatekeeper } from "./gatekeeper.ts"
import { look } from "./look.ts"
import { carriedTags, tagsAsSeen, tagsDigest } from "./machine.ts"

const web = { account: home.account, region: home.region, group: "web" }
const oldOf = (stage: Stage) => {
  const found = stage.web().members.find(({ zone }) => zone === "use1-az1")
  if (found === undefined) throw new Error("nobody in the first zone")
  return found.instance
}
const orderFor = (stage: Stage) =>
  new SwapOrdered({
    tenant: home.tenant,
    account: home.account,
    region: home.region,
    group: GroupName.make("web"),
    move: new Move({
      swap: "s1",
      old: oldOf(stage),
      oldType: InstanceType.make("m5.large"),
      oldVcpu: 2,
      pool: aPool(),
      newVcpu: 2,
      score: score(0.95),
      onDemandPerHour: microUsd(0.096),
      spotPerHour: microUsd(0.035)
    }),
    plan: Digest.make("a".repeat(64)),
    preset: "strict",
    floors: productFloors,
    canary: false,
    bakeMs: 0,
    alarms: [],
    alone: true,
    approvedBy: "ann",
    notAfter: instant(stage.now + 60_000),
    signature: ""
  })
const silent = Audit.of({ begun: () => Effect.succeed(""), ended: () => Effect.void })
const looked = (stage: Stage) =>
  TestClock.setTime(stage.now).pipe(
    Effect.andThen(look(orderFor(stage))),
    Effect.provideService(Whose, {
      caller: aCaller(stage, { until: null }),
      lease: Effect.succeed(instant(stage.now + 60_000))
    }),
    Effect.provideService(Gatekeeper, { read: () => Effect.succeed({ revision: 1, risk: aPoolRisk() }) }),
    Effect.provide(
      Layer.mergeAll(
        Layer.succeed(Ec2, guarded(ec2Calls, stage.ec2, silent)),
        Layer.succeed(Groups, guarded(groupCalls, stage.groups, silent)),
        Layer.succeed(Health, guarded(healthCalls, stage.health, silent))
      )
    )
  )
const turnedBack = (stage: Stage) =>
  Effect.map(Effect.flip(looked(stage)), (no) => (no._tag === "TurnBack" ? [no.code, no.message] : [no._tag]))
const staged = (options: StageOptions = {}) => new Stage({ group: aGroup(9), ...options })

it.effect("an ordinary group is looked at, and the digest of its tags frozen in place of their values", () =>
  Effect.gen(function* () {
    const stage = staged({ group: aGroup(9, { tags: { Name: "web", "db-password": "hunter2" } }) })
    const frozen = yield* looked(stage)
    assert.strictEqual(frozen.tags, tagsDigest(stage.web()))
    assert.notInclude(JSON.stringify(frozen), "hunter2")
  })
)

it.effect("trap 11: the replacement is launched from the version that the old one runs, not from a newer one", () =>
  Effect.gen(function* () {
    const stage = staged()
    stage.world.publish(web, "lt-web", { imageId: "ami-new" }, true)
    assert.strictEqual((yield* looked(stage)).version, 1)
  })
)

it.effect("trap 15: a launch carries the group's tags, without AWS's own, ours before theirs, and at most fifty", () =>
  Effect.gen(function* () {
    const tags = { Name: "web", ManagedBy: "terraform", "aws:cloudformation:stack-name": "s" }
    const stage = staged({ group: aGroup(9, { tags }) })
    assert.deepStrictEqual(carriedTags(stage.web()), { Name: "web" })
    const many = Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`tag-${n}`, "x"]))
    assert.include((yield* turnedBack(staged({ group: aGroup(9, { tags: many }) })))[1], "more than 50")
  })
)

it.effect("trap 16: tags that changed since the look are not launched with, a repeat would be another request", () =>
  Effect.gen(function* () {
    const stage = staged()
    const seen = tagsDigest(stage.web())
    assert.deepStrictEqual(yield* tagsAsSeen(stage.web(), seen), { Name: "web" })
    stage.world.user({ edit: "tag-group", group: web, tags: { Name: "other" } })
    assert.strictEqual((yield* Effect.flip(tagsAsSeen(stage.web(), seen))).code, "Foreign")
  })
)

it.effect("traps 23 and 41: a member to which an address or a volume is tied stays", () =>
  Effect.gen(function* () {
    const stage = staged()
    stage.world.user({ edit: "bind", instance: oldOf(stage), what: ["an Elastic IP"] })
    const [code, message] = yield* turnedBack(stage)
    assert.strictEqual(code, "NotMovable")
    assert.include(message, "an Elastic IP")
  })
)

it.effect("trap 14: where the old one is not healthy behind a target group, its replacement would not be either", () =>
  Effect.gen(function* () {
    const stage = staged({ group: aGroup(9, { targetGroups: ["tg"] }) })
    assert.deepStrictEqual((yield* looked(stage)).targetGroups, ["tg"])
    stage.world.user({ edit: "suspend", group: web, process: "AZRebalance" })
    stage.world.user({ edit: "target", instance: oldOf(stage), targetGroup: "tg", isHealthy: false })
    assert.include((yield* turnedBack(stage))[1], "is unhealthy in tg")
  })
)

it.effect("trap 5: with ReplaceUnhealthy suspended nobody would replace a Spot member that AWS takes", () =>
  Effect.gen(function* () {
    const stage = staged()
    stage.world.user({ edit: "suspend", group: web, process: "ReplaceUnhealthy" })
    assert.include((yield* turnedBack(stage))[1], "ReplaceUnhealthy is suspended")
  })
)

it.effect("traps 10 and 15: settings of the group and of its template that a swap cannot keep are named", () =>
  Effect.gen(function* () {
    const held = staged()
    held.world.user({ edit: "forbid", group: web, obstacles: ["placement group"] })
    assert.include((yield* turnedBack(held))[1], "placement group")
    const stage = staged()
    stage.world.publish(web, "lt-web", { obstacles: ["hibernation"] }, true)
    const old = stage.world.ground.rows.instances.get(oldOf(stage))
    if (old === undefined) throw new Error("no old one")
    Object.assign(old, { from: { id: "lt-web", version: "2" } })
    stage.world.ground.mark(old)
    assert.include((yield* turnedBack(stage))[1], "asks for hibernation")
  })
)
