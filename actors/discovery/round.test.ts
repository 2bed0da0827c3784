/** Rounds over many accounts: what a role that refuses us costs, and that its answer is told whenever it has to be. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import {
  Account,
  AccountAnswered,
  accountAnswered,
  AccountConnected,
  accountConnected,
  AccountDisconnected,
  accountDisconnected
} from "../../schemas/account.ts"
import { unseal } from "../../schemas/envelope.ts"
import { AccountId, type Instant, instant, Region } from "../../schemas/ids.ts"
import { type CloudRefusal, refusal } from "../_ports/cloud-refusal.ts"
import { Ec2, ec2Calls } from "../_ports/ec2.ts"
import { groupCalls, Groups } from "../_ports/group.ts"
import { Audit, type Caller, guarded, type Inner } from "../_ports/port.ts"
import { Sts, stsCalls } from "../_ports/sts.ts"
import { fleetOf, Stage } from "../_ports/world/stage.ts"
import { runDiscovery } from "./actor.ts"
import type { Budget } from "./budget.ts"
import { sightOf } from "./read.ts"
import { type Plan, round } from "./round.ts"

const [planted] = fleetOf([]).accounts
const account = new Account({ ...planted!, status: "connected", reason: null, since: instant(0) })
const silent = Audit.of({ begun: () => Effect.succeed(""), ended: () => Effect.void })
const free: Budget = { take: Effect.void, giveUp: Effect.void }
const denied = refusal("sts:AssumeRole", "AccessDenied", "the role does not trust us")
const regionsOf = (count: number) => Array.from({ length: count }, (_, n) => Region.make(`us-east-${n + 1}`))

/** A cloud of empty regions, each of which answers as `says` has it; `asked` has the region of every call. */
const cloudOf = (says: (region: Region, account: AccountId) => CloudRefusal | undefined) => {
  const asked: Array<Region> = []
  const answer =
    <A>(of: (caller: Caller) => A) =>
    (_: unknown, caller: Caller): Effect.Effect<A, CloudRefusal> =>
      Effect.suspend(() => {
        asked.push(caller.region)
        const no = says(caller.region, caller.account)
        return no === undefined ? Effect.succeed(of(caller)) : Effect.fail(no)
      })
  const stage = new Stage()
  const sts: Inner<typeof stsCalls> = {
    ...stage.sts,
    identity: answer((caller) => ({ account: caller.account, arn: "us" }))
  }
  const groups = { ...stage.groups, groups: answer(() => ({ groups: [], next: null })) }
  const ec2 = { ...stage.ec2, instances: answer(() => ({ instances: [], next: null })) }
  const layer = Layer.mergeAll(
    Layer.succeed(Sts, guarded(stsCalls, sts, silent)),
    Layer.succeed(Groups, guarded(groupCalls, groups, silent)),
    Layer.succeed(Ec2, guarded(ec2Calls, ec2, silent))
  )
  return { asked, layer }
}
const plan: Plan = {
  by: "discovery:1",
  concurrency: 4,
  at: instant(0),
  hasRead: () => false,
  sightOf: () => sightOf([]),
  howFor: () => Effect.succeed({ isFull: false, isStandIn: false, budget: free })
}

it.effect("a role that refuses us costs one call a round, however many regions are named with it", () =>
  Effect.gen(function* () {
    const many = Array.from(
      { length: 40 },
      (_, n) => new Account({ ...account, account: AccountId.make(`${900000000000 + n}`), regions: regionsOf(50) })
    )
    const { asked, layer } = cloudOf(() => denied)
    const rounds = yield* round(many, plan).pipe(Effect.provide(layer))
    assert.strictEqual(asked.length, 40)
    for (const { sweeps, answered } of rounds) {
      assert.deepStrictEqual(
        sweeps.map(({ region }) => region),
        regionsOf(50)
      )
      assert.isTrue(sweeps.every((one) => one._tag === "Refused" && one.refusal.code === "AccessDenied"))
      assert.strictEqual(answered.code, "AccessDenied")
      assert.include(answered.message, "us-east-50")
    }
  })
)

it.effect("what a region alone refuses is asked of the others, and so is a role that one of them let in", () =>
  Effect.gen(function* () {
    const wide = new Account({ ...account, regions: regionsOf(4) })
    const tagsWhere = (says: Parameters<typeof cloudOf>[0], hasRead: Plan["hasRead"] = () => false) => {
      const { asked, layer } = cloudOf(says)
      return Effect.map(round([wide], { ...plan, hasRead }).pipe(Effect.provide(layer)), ([one]) => ({
        tags: one!.sweeps.map(({ _tag }) => _tag),
        code: one!.answered.code,
        first: asked[0]
      }))
    }
    const [first, , third] = wide.regions
    const others = [
      refusal("sts:AssumeRole", "RegionDisabledException", ""),
      refusal("sts:AssumeRole", "InvalidClientTokenId", ""),
      refusal("autoscaling:DescribeAutoScalingGroups", "AccessDenied", "")
    ]
    for (const no of others) {
      const { tags, code } = yield* tagsWhere((region) => (region === first ? no : undefined))
      assert.deepStrictEqual([tags, code], [["Refused", "Swept", "Swept", "Swept"], null])
    }
    // read before, the third is asked first: it shows that the role still lets us in
    const byRegion = yield* tagsWhere(
      (region) => (region === third ? undefined : denied),
      (_, region) => region === third
    )
    assert.deepStrictEqual(byRegion, { tags: ["Refused", "Refused", "Swept", "Refused"], code: null, first: third })
  })
)

const connected = (at: number) => {
  const state = new Account({ ...account, since: instant(at), connectedAt: instant(at) })
  const { status: _s, reason: _r, since, answeredAt: _a, ...wish } = state
  const fact = new AccountConnected({ ...wish, at: since })
  return draftOf(accountConnected, fact, { schema: Account, value: state })
}
const left = (at: Instant) => {
  const { tenant, account: id } = account
  const fact = new AccountDisconnected({ tenant, account: id, because: "moved", by: "eve", at })
  const value = new Account({ ...account, status: "disconnected", since: at, answeredAt: at })
  return draftOf(accountDisconnected, fact, { schema: Account, value })
}

it.effect("disconnected and connected again between two rounds, a refused account is said to be refused again", () =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const { layer } = cloudOf(() => denied)
    yield* bus.append([connected(0)])
    const terms = { by: "discovery:1", everyMs: 60_000, fullEveryMs: 3_600_000, speed: 1, isStandIn: false }
    yield* Effect.forkScoped(runDiscovery(terms).pipe(Effect.provide(layer)))
    const answers = Effect.map(bus.scan(0, 1_000), (stored) =>
      stored.flatMap(({ data }): ReadonlyArray<AccountAnswered> => {
        const one = unseal(accountAnswered, data)
        return Result.isSuccess(one) ? [one.success] : []
      })
    )
    const rounds = (count: number) => Effect.repeat(TestClock.adjust("1 second"), { times: count * 60 - 1 })
    yield* rounds(3)
    assert.lengthOf(yield* answers, 1)
    yield* bus.append([left(instant(181_000))])
    yield* bus.append([connected(182_000)])
    yield* rounds(3)
    const [, again, ...more] = yield* answers
    assert.deepStrictEqual([again?.code, more.length], ["AccessDenied", 0])
    assert.isAtLeast(again?.at ?? 0, 182_000)
  }).pipe(Effect.scoped, Effect.provide(MemoryBus.alone()))
)
