/** The door of an account tried on purpose: which check fails, what it proves, and who hears of it. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { openBook } from "../../bus/book.ts"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import {
  Account,
  AccountConnected,
  accountConnected,
  AccountVerified,
  accountVerified,
  VerifyAccount,
  verifyAccount
} from "../../schemas/account.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { open, unseal } from "../../schemas/envelope.ts"
import { instant, Region, TenantId } from "../../schemas/ids.ts"
import { refusal } from "../_ports/cloud-refusal.ts"
import { Ec2, ec2Calls } from "../_ports/ec2.ts"
import { groupCalls, Groups } from "../_ports/group.ts"
import { Audit, guarded, type Inner } from "../_ports/port.ts"
import { Sts, stsCalls } from "../_ports/sts.ts"
import { aGroup, fleetOf, home, Stage } from "../_ports/world/stage.ts"
import { runPorter } from "./porter.ts"
import { verify, wrongExternalId } from "./verify.ts"

const planted = fleetOf([aGroup(6)]).accounts[0]!
const account = new Account({ ...planted, status: "connected", reason: null, since: instant(0) })
const silent = Audit.of({ begun: () => Effect.succeed(""), ended: () => Effect.void })

interface Odd {
  readonly sts?: Partial<Inner<typeof stsCalls>>
  readonly groups?: Partial<Inner<typeof groupCalls>>
}
const cloud = (stage: Stage, odd: Odd = {}) =>
  Layer.mergeAll(
    Layer.succeed(Sts, guarded(stsCalls, { ...stage.sts, ...odd.sts }, silent)),
    Layer.succeed(Ec2, guarded(ec2Calls, stage.ec2, silent)),
    Layer.succeed(Groups, guarded(groupCalls, { ...stage.groups, ...odd.groups }, silent))
  )
const tried = (of: Account = account, odd: Odd = {}) =>
  Effect.map(
    verify(of, { process: "discovery:1", asker: "eve" }).pipe(Effect.provide(cloud(new Stage(), odd))),
    ({ checks }) => checks
  )
const outcomes = (checks: AccountVerified["checks"]) => checks.map(({ check, ok }) => `${check}: ${String(ok)}`)

it.effect("an account in order passes every check, and each says what was seen", () =>
  Effect.gen(function* () {
    const checks = yield* tried()
    assert.deepStrictEqual(outcomes(checks), [
      "role: true",
      "external-id: true",
      `groups in ${home.region}: true`,
      `instances in ${home.region}: true`
    ])
    assert.isTrue(checks.every(({ mend, details }) => mend === null && details !== ""))
  })
)

it.effect("a role that lets in whoever comes, whatever he names, is told as the fault that it is", () =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const admits: Inner<typeof stsCalls>["admits"] = ({ externalId }) => Effect.succeed(asked.push(externalId) > 0)
    const open = (yield* tried(account, { sts: { admits } })).find(({ check }) => check === "external-id")
    assert.isFalse(open?.ok)
    assert.include(open?.mend ?? "", "sts:ExternalId")
    assert.deepStrictEqual([asked, wrongExternalId === account.externalId], [[wrongExternalId], false])
  })
)

it.effect("a role that is shut to us fails by AWS's own code with the mend, and its other refusals prove nothing", () =>
  Effect.gen(function* () {
    const checks = yield* tried(new Account({ ...account, externalId: "of-somebody-else" }))
    assert.deepStrictEqual(
      checks.map(({ ok }) => ok),
      [false, null, false, false]
    )
    assert.match(checks[0]?.details ?? "", /^AccessDenied: .*sts:AssumeRole/)
    assert.include(checks[0]?.mend ?? "", "external id")
  })
)

it.effect("own credentials know no external id: it is said that this was not tried", () =>
  Effect.gen(function* () {
    const own: Inner<typeof stsCalls>["identity"] = () => Effect.succeed({ account: account.account, arn: "us" })
    const ambient = new Account({ ...account, roleArn: null, externalId: null })
    const [role, other] = yield* tried(ambient, { sts: { identity: own } })
    assert.deepStrictEqual([role?.ok, other?.ok, other?.mend], [true, null, null])
    assert.include(other?.details ?? "", "no role is assumed")
  })
)

it.effect(
  "a role that leads elsewhere, a read that is denied and a region that is closed each fail by themselves",
  () =>
    Effect.gen(function* () {
      const elsewhere: Inner<typeof stsCalls>["identity"] = () =>
        Effect.succeed({ account: "999988887777" as Account["account"], arn: "arn" })
      assert.deepInclude((yield* tried(account, { sts: { identity: elsewhere } }))[0], { check: "role", ok: false })
      const denied = () => Effect.fail(refusal("autoscaling:DescribeAutoScalingGroups", "AccessDenied", "denied"))
      assert.deepStrictEqual(outcomes((yield* tried(account, { groups: { groups: denied } })).slice(2)), [
        `groups in ${home.region}: false`,
        `instances in ${home.region}: true`
      ])
      const wide = new Account({ ...account, regions: [home.region, Region.make("eu-west-1")] })
      const byRegion = (yield* tried(wide)).slice(2)
      assert.deepStrictEqual(
        byRegion.map(({ ok }) => ok),
        [true, true, false, false]
      )
      assert.include(byRegion[2]?.mend ?? "", "enable the region")
    })
)

/** A porter at the door of `of`, and what the log says of orders given to him. */
const answersTo = (of: Account, orders: ReadonlyArray<VerifyAccount>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const { status: _s, reason: _r, since: at, ...wish } = of
    const fact = new AccountConnected({ ...wish, at })
    yield* bus.append([draftOf(accountConnected, fact, { schema: Account, value: of })])
    const { seq } = yield* bus.append(orders.map((order) => draftOf(verifyAccount, order)))
    const book = yield* openBook([accounts], [])
    yield* Effect.forkScoped(runPorter("discovery:1", book).pipe(Effect.provide(cloud(new Stage()))))
    for (let n = 0; n < 50; n++) yield* TestClock.adjust(100)
    const said = yield* bus.scan(seq, 100)
    return said.flatMap(({ data }) => {
      const one = unseal(accountVerified, data)
      return Result.isSuccess(one) ? [{ fact: one.success, cause: Result.getOrThrow(open(data)).cause }] : []
    })
  }).pipe(Effect.scoped, Effect.provide(MemoryBus.alone()))
const orderOf = (tenant = account.tenant) => new VerifyAccount({ tenant, account: account.account, by: "eve" })

it.effect(
  "an order is answered once, as its cause; another tenant's, and one for an account that was left, not at all",
  () =>
    Effect.gen(function* () {
      const [answer, ...more] = yield* answersTo(account, [orderOf()])
      assert.deepStrictEqual([answer?.fact.by, answer?.cause, more.length], ["eve", 2, 0])
      assert.isTrue(answer?.fact.checks.every(({ ok }) => ok))
      assert.lengthOf(yield* answersTo(account, [orderOf(TenantId.make("rival"))]), 0)
      assert.lengthOf(yield* answersTo(new Account({ ...account, status: "disconnected" }), [orderOf()]), 0)
    })
)
