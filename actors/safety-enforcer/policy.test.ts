/** What passes the enforcer, whoever proposes what: nothing but the five layers, recomputed from its own book. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { compositionOf, heldBecause } from "../../schemas/composition.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import { GroupName, microUsd, TenantId } from "../../schemas/ids.ts"
import { isOpenAt, Pool, PoolPriced, PoolRisk, poolToken, scoreAt } from "../../schemas/pool.ts"
import { SpotProposed } from "../../schemas/proposal.ts"
import { Floors, Move, planHash, Preset, productFloors, violationsOf } from "../../schemas/safe-plan.ts"
import { PlanApproved, ProposalRejected, SafeAlternativeFound } from "../../schemas/safety.ts"
import {
  aBook,
  aDesk,
  aGroup,
  anAccount,
  aPolicy,
  aPool,
  aSweep,
  digest,
  heard,
  hour,
  later,
  minute,
  noon,
  score,
  type Shelf,
  zone
} from "../../test/builders.ts"
import { groupOf, GroupRecipe, marketFrom, OddityRecipe, standing } from "../../test/markets.ts"
import { Hostile, honest, hostileMove, market, moveOf, poolAt, proposalOf } from "../../test/proposals.ts"
import { evolve, rules, type Verdict } from "./policy.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const judge = (proposal: SpotProposed, group: GroupSeen, shelf: Shelf = {}, at = noon): Verdict =>
  rules.decide(
    undefined,
    proposal,
    heard({ at, seq: 5, book: aBook({ groups: [group], groupSeq: 2, pools: marketFrom(), ...shelf }) })
  )[0]!
const planIn = (verdict: Verdict) => (verdict._tag === "ProposalRejected" ? undefined : verdict.plan)

const HostileMoves = Schema.Array(Hostile)
/** Moves that name pools on sale only: what is not would refuse the whole. */
const Sane = Schema.Array(Schema.Struct({ ...Hostile.fields, type: upTo(3), isElsewhere: Schema.Literal(1) }))

const assertSafe = (verdict: Verdict, proposal: SpotProposed, group: GroupSeen, pools: ReadonlyArray<PoolRisk>) => {
  const plan = planIn(verdict)
  if (plan === undefined) return
  const view = market(pools)
  const { parts, unknown } = compositionOf(group, plan.moves, view, noon)
  assert.isEmpty(unknown)
  assert.isEmpty(violationsOf(parts, productFloors, plan.preset))
  assert.deepStrictEqual([...plan.target], [...parts])
  assert.strictEqual(new Set(plan.moves.map((move) => move.old)).size, plan.moves.length)
  assert.strictEqual(new Set(plan.moves.map((move) => move.swap)).size, plan.moves.length)
  const asked = new Set(proposal.plan.moves.map((move) => `${move.old} ${move.swap}`))
  const places = new Set([
    ...proposal.plan.moves.map((move) => poolToken(move.pool)),
    ...proposal.candidates.map((one) => poolToken({ ...aPool(), ...one }))
  ])
  for (const move of plan.moves) {
    const member = group.members.find((one) => one.instance === move.old)!
    const { risk, priced } = view.offer(move.pool.zone, move.pool.instanceType)!
    assert.include([...asked], `${move.old} ${move.swap}`)
    assert.include([...places], poolToken(move.pool))
    assert.isUndefined(heldBecause(member))
    assert.isTrue(isOpenAt(risk, noon))
    assert.strictEqual(move.score, scoreAt(risk, noon))
    assert.strictEqual(move.pool.zone, member.zone)
    assert.strictEqual(move.pool.region, group.region)
    assert.strictEqual(move.newVcpu, view.type(member.instanceType)!.spec.vcpu)
    assert.strictEqual(move.spotPerHour, priced.spotPerHour)
    assert.isBelow(move.spotPerHour, move.onDemandPerHour)
  }
}

/** Oddities of the very pools that sane moves ask for. */
const Near = Schema.Array(Schema.Struct({ ...OddityRecipe.fields, type: upTo(3) }))
const World = { group: GroupRecipe, odd: Near }
it.prop(
  "whatever is proposed, what passes is inside the five layers, recomputed from the book",
  {
    ...World,
    moves: Schema.Union([HostileMoves, Sane]),
    preset: Preset,
    loose: upTo(100),
    spare: Schema.Array(upTo(17))
  },
  (given) => {
    const group = groupOf(given.group)
    const pools = marketFrom(given.odd)
    const wished = new Floors({
      ...productFloors,
      poolShareMax: 1,
      onDemandShareMin: 0,
      zonesMin: 0,
      scoreMin: given.loose / 100
    })
    const places = given.spare.map((t) => poolAt((t % 4) + 1, t))
    const proposal = proposalOf(group, given.moves.map(hostileMove), { floors: wished, preset: given.preset }, places)
    const verdict = judge(proposal, group, { pools })
    assertSafe(verdict, proposal, group, pools)
    if (planIn(verdict) !== undefined) assert.strictEqual(planIn(verdict)!.preset, "strict")
  }
)

it.prop("a plan that is safe is approved exactly as it was proposed", { group: GroupRecipe }, (given) => {
  const group = groupOf({ ...given.group, members: given.group.members.slice(0, 4) })
  const moves = honest(group)
  if (moves.length === 0) return
  const proposal = proposalOf(group, moves)
  const verdict = judge(proposal, group)
  assert.instanceOf(verdict, PlanApproved)
  assert.strictEqual(planHash(planIn(verdict)!), proposal.hash)
})

it.prop(
  "missing and stale rows refuse by name, whatever is proposed",
  { group: GroupRecipe, moves: Sane, lack: upTo(5) },
  ({ group: recipe, moves, lack }) => {
    if (moves.length === 0) return
    const group = groupOf(recipe)
    const proposal = proposalOf(group, moves.map(hostileMove))
    const newerHit = [{ witness: "a/1", instance: "i", at: later(noon, 1) }]
    const lacking: ReadonlyArray<readonly [Shelf, ProposalRejected["because"]]> = [
      [{ groups: [] }, "stale"],
      [{ pools: [] }, "stale"],
      [{ pools: marketFrom([], later(noon, -hour - 1)) }, "stale"],
      [{ pools: marketFrom().map((risk) => new PoolRisk({ ...risk, hits: newerHit })) }, "stale"],
      [{ accounts: [] }, "account-not-ready"],
      [{ accounts: [anAccount({ tenant: TenantId.make("other") })] }, "account-not-ready"]
    ]
    const [shelf, because] = lacking[lack]!
    const verdict = judge(proposal, group, shelf)
    assert.strictEqual(verdict instanceof ProposalRejected && verdict.because, because)
  }
)

it.prop(
  "a message heard before is not judged again, in whatever order repeats come",
  { seqs: Schema.Array(upTo(9)), isSafe: Schema.Boolean },
  ({ seqs, isSafe }) => {
    const group = aGroup()
    const moves = honest(group)
    const proposal = proposalOf(group, isSafe ? moves : moves.map((move) => new Move({ ...move, swap: "no name" })))
    const book = aBook({ groups: [group], groupSeq: 2, pools: marketFrom() })
    const hear = (state: ReturnType<typeof evolve> | undefined, seq: number) =>
      rules.decide(state, proposal, heard({ seq, book })).reduce<ReturnType<typeof evolve> | undefined>(evolve, state)
    const all = [1, ...seqs]
    // A plan that passed is silent; one that was rejected may come again, as a newer message.
    const newer = all.filter((seq, i) => all.slice(0, i).every((before) => before < seq)).length
    const counts = all.reduce(hear, undefined)?.counts
    assert.deepStrictEqual([counts?.approved, counts?.rejected], isSafe ? [1, 0] : [0, newer])
  }
)

const steady = (count: number, zones = 3) =>
  aGroup({ members: Array.from({ length: count }, (_, n) => standing(n + 1, (n % zones) + 1)) })
const group = steady(30)
const safe = honest(group)
const proposal = proposalOf(group, safe)
/** The market with one pool spoilt. */
const spoilt = (token: string, over: Partial<PoolRisk>) =>
  marketFrom().map((risk) => (poolToken(risk.pool) === token ? new PoolRisk({ ...risk, ...over }) : risk))
const shut = (token: string) => spoilt(token, { gate: { _tag: "poisoned", until: later(noon, hour) } })

describe("the cheapest change that passes", () => {
  const first = poolToken(safe[0]!.pool)
  it("leads moves of a poisoned pool to another pool that the proposal weighed", () => {
    const some = proposalOf(group, safe.slice(0, 6), {}, [poolAt(1, 8), poolAt(1, 6), poolAt(2, 6)])
    const verdict = judge(some, group, { pools: shut(first) })
    assert.instanceOf(verdict, SafeAlternativeFound)
    assertSafe(verdict, some, group, shut(first))
    assert.lengthOf(planIn(verdict)!.moves, 6)
    assert.isTrue(verdict instanceof SafeAlternativeFound && verdict.violations[0]!.details.includes("poisoned until"))
  })
  it("does the same for a pool whose score fell, and for one that got dear", () => {
    const priced = marketFrom().find((risk) => poolToken(risk.pool) === first)!.priced!
    const dear = { priced: new PoolPriced({ ...priced, spotPerHour: priced.onDemandPerHour }) }
    for (const pools of [spoilt(first, { score: score(0.74) }), spoilt(first, dear)]) {
      const some = proposalOf(group, safe.slice(0, 6), {}, [poolAt(1, 8), poolAt(1, 6), poolAt(2, 6)])
      const verdict = judge(some, group, { pools })
      assert.instanceOf(verdict, SafeAlternativeFound)
      assertSafe(verdict, some, group, pools)
      assert.lengthOf(planIn(verdict)!.moves, 6)
    }
  })
  it("leaves them on demand where no other pool was weighed", () => {
    const only = safe.filter((move) => poolToken(move.pool) === first)
    const other = safe.filter((move) => move.pool.zone !== only[0]!.pool.zone)
    const some = proposalOf(group, [...only, ...other])
    const verdict = judge(some, group, { pools: shut(first) })
    assert.deepStrictEqual(
      planIn(verdict)?.moves.map((move) => move.old),
      other.map((move) => move.old)
    )
  })
  it("splits a pool that holds too much, and keeps the rest on demand", () => {
    const crowded = proposalOf(
      group,
      group.members.filter((one) => one.zone === zone(1)).map((one) => moveOf(group, one.instance, poolAt(1, 2)))
    )
    const kept = planIn(judge(crowded, group))!
    assert.lengthOf(kept.moves, 6)
    const split = planIn(judge(proposalOf(group, crowded.plan.moves, {}, [poolAt(1, 0)]), group))!
    assert.lengthOf(split.moves, 10)
  })
  it("drops a member that is gone, or Spot by now, and says so", () => {
    const [gone, ...rest] = group.members
    const verdict = judge(proposal, aGroup({ members: rest }), { groupSeq: 3 })
    assert.instanceOf(verdict, SafeAlternativeFound)
    assert.notInclude(
      planIn(verdict)!.moves.map((move) => move.old),
      gone!.instance
    )
    assert.include((verdict as SafeAlternativeFound).changes.join(), `${gone!.instance} stays: is no member any more`)
  })
  it("sends one member under one swap's name, and each member once", () => {
    const [a, b, ...rest] = safe
    const twice = proposalOf(group, [
      a!,
      new Move({ ...b!, swap: a!.swap }),
      new Move({ ...a!, swap: b!.swap }),
      ...rest
    ])
    const verdict = judge(twice, group)
    assertSafe(verdict, twice, group, marketFrom())
    assert.lengthOf(planIn(verdict)!.moves, safe.length - 1)
  })
  it("puts the book's figures in the place of claims, prices too", () => {
    const flattering = proposalOf(
      group,
      safe.map((move) => new Move({ ...move, spotPerHour: microUsd(0.000001), score: score(1) }))
    )
    const verdict = judge(flattering, group) as SafeAlternativeFound
    assert.deepStrictEqual([...verdict.plan.moves], [...safe])
    assert.isEmpty(verdict.violations)
  })
})

describe("a rejection", () => {
  const why = (shelf: Shelf, over: Partial<SpotProposed> = {}, at = noon) => {
    const verdict = judge(new SpotProposed({ ...proposal, ...over }), group, shelf, at)
    return verdict instanceof ProposalRejected ? verdict.because : verdict._tag
  }
  it("waits for a sweep of the last two minutes and scores of the last hour", () => {
    assert.strictEqual(why({}, {}, later(noon, 2 * minute)), "PlanApproved")
    assert.strictEqual(why({}, {}, later(noon, 2 * minute + 1)), "stale")
    assert.strictEqual(
      why({ sweeps: [aSweep({ startedAt: later(noon, hour) })] }, {}, later(noon, hour)),
      "PlanApproved"
    )
    assert.strictEqual(why({ sweeps: [aSweep({ startedAt: later(noon, hour) })] }, {}, later(noon, hour + 1)), "stale")
    assert.strictEqual(why({ groupSeq: 1 }), "stale")
  })
  it("meets accounts that observe, are refused, or are another tenant's", () => {
    assert.strictEqual(why({ accounts: [anAccount({ mode: "observe" })] }), "account-not-ready")
    assert.strictEqual(
      why({ accounts: [anAccount({ status: "refused", reason: "AccessDenied" })] }),
      "account-not-ready"
    )
    assert.strictEqual(why({}, { tenant: TenantId.make("other") }), "account-not-ready")
  })
  it("meets plans of another group, under another hash, and groups that are not ours", () => {
    assert.strictEqual(why({}, { group: GroupName.make("other") }), "unsafe")
    assert.strictEqual(why({}, { hash: digest("f") }), "unsafe")
    assert.strictEqual(why({ groups: [aGroup({ ...group, owner: "karpenter" })] }), "unsafe")
    assert.strictEqual(why({ desks: [aDesk({ policy: aPolicy({ excludedGroups: ["web"] }) })] }), "unsafe")
  })
  it("names what is wrong where no change passes", () => {
    const two = steady(30, 2)
    const verdict = judge(proposalOf(two, [moveOf(two, two.members[0]!.instance, poolAt(1, 2))]), two)
    assert.isTrue(verdict instanceof ProposalRejected && verdict.violations[0]!.type === "az_distribution")
  })
})

it("the preset for small groups passes only where the policy names it", () => {
  const four = steady(4)
  const moves = four.members
    .slice(0, 3)
    .map((one) => moveOf(four, one.instance, new Pool({ ...poolAt(1, 2), zone: one.zone })))
  const small = proposalOf(four, moves, { preset: "small-group" })
  assert.instanceOf(judge(small, four), ProposalRejected)
  const desks = [aDesk({ policy: aPolicy({ presets: ["small-group"] }) })]
  assert.strictEqual(planIn(judge(small, four, { desks }))?.preset, "small-group")
})

it("a rejected plan may come again, an approved one only when its scores have aged", () => {
  const verdict = judge(proposal, group)
  const state = evolve(undefined, verdict)
  const again = (of: typeof state, ms: number) => {
    const at = later(noon, ms)
    const shelf = { groups: [group], groupSeq: 2, pools: marketFrom([], at), sweeps: [aSweep({ startedAt: at })] }
    return rules.decide(of, proposal, heard({ at, seq: 9, book: aBook(shelf) }))
  }
  assert.isEmpty(again(state, hour - 1))
  assert.lengthOf(again(state, hour), 1)
  assert.lengthOf(again(evolve(undefined, judge(proposal, group, { groups: [] })), minute), 1)
})
