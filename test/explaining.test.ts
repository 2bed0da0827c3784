/** What planner and enforcer said is decided again from the ledger: the same comes out, or what differs is named. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { safetyEnforcer } from "../actors/safety-enforcer/actor.ts"
import { spotOptimizer } from "../actors/spot-optimizer/actor.ts"
import { Bus } from "../bus/bus.ts"
import { runMind } from "../bus/mind.ts"
import { pools } from "../schemas/catalogue.ts"
import { open, unseal } from "../schemas/envelope.ts"
import { GroupRef, groupSeen, sweepDone } from "../schemas/group.ts"
import { microUsd } from "../schemas/ids.ts"
import { MarketRead, marketRead, PoolRisk, PoolScored, poolScored } from "../schemas/pool.ts"
import { groupLeftAlone, Outlook, SpotProposed, spotProposed } from "../schemas/proposal.ts"
import { planApproved } from "../schemas/safety.ts"
import {
  aGroup,
  aMember,
  aPool,
  aPoolRisk,
  aPriced,
  aSweep,
  later,
  minute,
  noon,
  score,
  type,
  zone
} from "./builders.ts"
import { ask, book, callerOf, remark, say, stage, stated } from "./gateway/rows-stage.ts"
import { connect, type Whose } from "./gateway/tenants.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme")
const explained = (id: string | number) =>
  Effect.map(ask("explain", eve, { params: { id: String(id) } }), ({ json }) => json)

const types = ["m5.large", "m6i.large"]
const terms = { advisor: 0, volatility: 0, structure: 0.1, own: 0, herd: 0, weights: [60, 30, 10, 0] as const }
const scoreAs = (value: number, at = noon) =>
  Effect.forEach(
    types.flatMap((name) => [1, 2, 3].map((n) => aPool({ zone: zone(n), instanceType: type(name) }))),
    (pool) => {
      const priced = aPriced({ pool, readAt: at })
      const risk = aPoolRisk({ pool, priced, score: score(value), scoredAt: at })
      return say(poolScored, new PoolScored({ pool, score: score(value), terms, priced, at }), stated(risk, PoolRisk))
    }
  )

const group = aGroup({
  tenant: whose.tenant as never,
  account: whose.account as never,
  readAt: noon,
  members: Array.from({ length: 12 }, (_, i) => aMember(i + 1, { zone: zone((i % 3) + 1) }))
})

/** Says a proposal as the optimizer would, made with the rows that are named. */
const sayAs = (road: typeof spotProposed, fact: SpotProposed, read: Readonly<Record<string, number>>) => {
  const ref = new GroupRef({ tenant: fact.tenant, account: fact.account, region: fact.region, group: fact.group })
  const outlook = { ref, groupSeq: 1, proposed: fact.hash, alone: null, details: "", monthlySavings: microUsd(1) }
  return say(road, fact, stated(new Outlook({ ...outlook, refused: {}, at: fact.at }), Outlook), { read })
}

/** Planner and enforcer at work until the test ends. */
const minds = Effect.forkScoped(
  Effect.all([runMind(spotOptimizer(60_000)), runMind(safetyEnforcer)], { concurrency: "unbounded" })
)

/** The newest fact of a road about the group. */
const last = (road: typeof spotProposed | typeof planApproved) =>
  Bus.use((bus) => bus.recall(road.subject(group as never))).pipe(Effect.orDie)

layer(stage())("a decision", (it) => {
  it.effect("comes out again in every field, whatever became of market and group since", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* connect(whose)
      yield* scoreAs(0.9)
      const { region, product } = group
      yield* remark(marketRead, new MarketRead({ region, product, types: types.map(type), pools: 6, readAt: noon }))
      yield* remark(sweepDone, aSweep({ tenant: group.tenant, account: group.account }))
      yield* minds
      yield* say(groupSeen, group)
      for (let i = 0; i < 100 && (yield* last(planApproved)) === undefined; i++) yield* TestClock.adjust("100 millis")
      // the world goes on: every pool is worse now, and the group another one
      yield* scoreAs(0.2, later(noon, minute))
      yield* say(groupSeen, aGroup({ ...group, desired: 3, members: group.members.slice(0, 3) }))
      yield* book
      for (const road of [spotProposed, planApproved]) {
        const said = yield* last(road)
        const json = yield* explained(said?.seq ?? 0)
        assert.deepInclude(json, { rerunAgrees: true, rerunHash: json.hash })
        assert.match(json.rerunSays, /the same in every field/)
      }
    })
  )

  it.effect("that is altered after it was made does not, and the field is named", () =>
    Effect.gen(function* () {
      const said = (yield* last(spotProposed))!
      const { read = {} } = yield* Effect.fromResult(open(said.data))
      const fact = yield* Effect.fromResult(unseal(spotProposed, said.data))
      const altered = new SpotProposed({ ...fact, monthlySavings: microUsd(1_000_000) })
      const seq = yield* sayAs(spotProposed, altered, read)
      // pools are read from before anything was scored there: nothing could have been planned on them
      const poolless = yield* sayAs(spotProposed, fact, { ...read, [pools.name]: 1 })
      yield* book
      const json = yield* explained(seq)
      assert.deepInclude(json, { rerunAgrees: false, hash: fact.hash, rerunHash: fact.hash })
      assert.match(json.rerunSays, /differs in monthlySavings$/)
      const other = yield* explained(poolless)
      assert.isFalse(other.rerunAgrees)
      assert.match(other.rerunSays, /it would be GroupLeftAlone$/)
    })
  )

  it.effect("to leave a group alone comes out again too", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(later(noon, 2 * minute))
      yield* minds
      const small = aGroup({ ...group, group: "small" as never, members: group.members.slice(0, 1) })
      yield* say(groupSeen, small)
      const alone = Bus.use((bus) => bus.recall(groupLeftAlone.subject(small as never)))
      for (let i = 0; i < 100 && (yield* alone) === undefined; i++) yield* TestClock.adjust("100 millis")
      yield* book
      const json = yield* explained((yield* alone)?.seq ?? 0)
      assert.deepInclude(json, { kind: "left-alone", rerunAgrees: true, rerunHash: json.hash })
    })
  )
})
