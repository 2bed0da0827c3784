/** What holds of every proposal, whatever the group and the market are, and when nothing is said. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { PlanClosed } from "../../schemas/approval.ts"
import type { Heard } from "../../schemas/decision.ts"
import { type GroupSeen, groupToken } from "../../schemas/group.ts"
import { instant } from "../../schemas/ids.ts"
import { poolToken, type PoolRisk } from "../../schemas/pool.ts"
import { GroupLeftAlone, LookAgain, Outlook, SpotProposed } from "../../schemas/proposal.ts"
import { ProposalRejected } from "../../schemas/safety.ts"
import {
  aBook,
  aDesk,
  aGroup,
  anAccount,
  anOpenPlan,
  aPolicy,
  aRef,
  aSweep,
  digest,
  heard,
  hour,
  later,
  minute,
  noon,
  type Shelf
} from "../../test/builders.ts"
import { groupOf, marketFrom, GroupRecipe, OddityRecipe } from "../../test/markets.ts"
import { restMs } from "./occasion.ts"
import { evolve, type OutlookFact, refusalMs, rules, unansweredMs } from "./policy.ts"

const Oddities = Schema.Array(OddityRecipe)

/** The world around the group: its row is fact 2 unless told otherwise. */
const around = (group: GroupSeen, shelf: Shelf = {}, over: Partial<Heard> = {}) =>
  heard({ book: aBook({ groups: [group], groupSeq: 2, pools: marketFrom(), ...shelf }), ...over })
const first = (group: GroupSeen, shelf: Shelf = {}, over: Partial<Heard> = {}): OutlookFact | undefined =>
  rules.decide(undefined, group, around(group, shelf, over))[0]
const after = (facts: ReadonlyArray<OutlookFact>, state?: Outlook) => facts.reduce<Outlook | undefined>(evolve, state)

it.prop(
  "a decision is the same whatever the order of the book's rows",
  { group: GroupRecipe, odd: Oddities },
  (given) => {
    const group = groupOf(given.group)
    const pools: ReadonlyArray<PoolRisk> = marketFrom(given.odd)
    const mixed = [...pools.slice(20), ...pools.slice(0, 20)].reverse()
    assert.deepStrictEqual(first(group, { pools: mixed }), first(group, { pools }))
  }
)

it.prop(
  "what was said is not said again, neither on a repeat nor on a wake-up",
  { group: GroupRecipe, odd: Oddities },
  (given) => {
    const group = groupOf(given.group)
    const now = around(group, { pools: marketFrom(given.odd) })
    const said = rules.decide(undefined, group, now)
    assert.lengthOf(said, 1)
    const state = after(said)!
    assert.isEmpty(rules.decide(state, group, now))
    assert.isEmpty(rules.decide(state, new LookAgain({ ...aRef(), by: "ada" }), now))
    assert.isEmpty(rules.wake!(state, now))
  }
)

const Late = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))
it.prop("old news of a group is no news", { group: GroupRecipe, seq: Late }, ({ group: recipe, seq }) => {
  const group = groupOf(recipe)
  const state = after(rules.decide(undefined, group, around(group, {}, { seq: 4 })))!
  assert.isEmpty(rules.decide(state, aGroup(), around(group, { groupSeq: 4 }, { seq })))
})

const group = aGroup()
const proposed = first(group) as SpotProposed
const proposing = evolve(undefined, proposed)
const closed = (over: Partial<PlanClosed> = {}) =>
  new PlanClosed({
    ...aRef(),
    hash: digest("b"),
    because: "complete",
    done: 1,
    undone: 0,
    refusedPools: [],
    at: later(noon, minute),
    ...over
  })
const closedAt = { [groupToken(group)]: later(noon, minute) }

describe("between plans", () => {
  it("says nothing while the desk has a plan of the group, but remembers a group it never spoke of", () => {
    const desks = [aDesk({ plans: [anOpenPlan()] })]
    assert.isEmpty(rules.decide(proposing, group, around(group, { desks }, { seq: 9 })))
    assert.strictEqual((first(group, { desks }) as GroupLeftAlone).because, "awaiting-sweep")
  })
  it("plans again only on a sweep that began after the plan closed", () => {
    const desks = [aDesk({ closedAt })]
    const state = after(
      rules.decide(proposing, closed(), around(group, { desks }, { at: later(noon, minute + 9) })),
      proposing
    )!
    assert.strictEqual(state.alone, "awaiting-sweep")
    const early = around(group, { desks, groupSeq: 9 }, { at: later(noon, minute + 9), seq: 9 })
    assert.isEmpty(rules.decide(proposing, group, early))
    const shelf = (startedAt: number) => ({ desks, sweeps: [aSweep({ startedAt: instant(startedAt) })] })
    const at = later(noon, minute + 2_000)
    assert.isEmpty(rules.wake!(state, around(group, shelf(noon + minute), { at })))
    const [again] = rules.wake!(state, around(group, shelf(noon + minute + 1_000), { at }))
    assert.instanceOf(again, SpotProposed)
  })
  it("names its swaps anew after a plan has closed: the old names have had their end", () => {
    const sweeps = [aSweep({ startedAt: later(noon, 2 * minute) })]
    const again = first(
      group,
      { desks: [aDesk({ closedAt })], sweeps },
      { at: later(noon, 3 * minute) }
    ) as SpotProposed
    const names = new Set(proposed.plan.moves.map((move) => move.swap))
    assert.isFalse(again.plan.moves.some((move) => names.has(move.swap)))
    assert.strictEqual(names.size, proposed.plan.moves.length)
  })
  it("does not ask a pool that refused a launch until its time is over", () => {
    const pool = poolToken(proposed.plan.moves[0]!.pool)
    const message = closed({ because: "a-swap-failed", refusedPools: [pool] })
    const now = around(group, {}, { at: later(noon, minute + 9) })
    const state = after(rules.decide(proposing, message, now), proposing)!
    assert.isEmpty(rules.decide(state, message, now))
    const pools = marketFrom([], later(noon, 5 * minute))
    const at = (ms: number) => {
      const sweeps = [aSweep({ startedAt: later(noon, ms - 1) })]
      return rules.wake!(state, around(group, { sweeps, pools }, { at: later(noon, ms) }))[0] as SpotProposed
    }
    const poolsAt = (ms: number) => at(ms).plan.moves.map((move) => poolToken(move.pool))
    assert.notInclude(poolsAt(6 * minute), pool)
    assert.include(poolsAt(minute + refusalMs), pool)
  })
  it("learns of a refusing pool even when it has planned before it hears of the end", () => {
    const early = evolve(undefined, new SpotProposed({ ...proposed, at: later(noon, 2 * minute) }))
    const [said] = rules.decide(early, closed({ refusedPools: ["a"] }), around(group, {}, { at: later(noon, minute) }))
    assert.deepStrictEqual(Object.keys(said?.refused ?? {}), ["a"])
    assert.isEmpty(rules.decide(early, closed(), around(group)))
  })
  it("takes a person's no for an answer until the group changes or somebody asks", () => {
    const now = (seq: number) =>
      around(
        group,
        { groupSeq: seq, sweeps: [aSweep({ startedAt: later(noon, 3 * minute) })] },
        { at: later(noon, 3 * minute) }
      )
    const state = after(rules.decide(proposing, closed({ because: "refused" }), now(2)), proposing)!
    assert.strictEqual(state.alone, "turned-down")
    assert.isEmpty(rules.wake!(state, now(2)))
    assert.instanceOf(rules.wake!(state, now(3))[0], SpotProposed)
    assert.instanceOf(rules.decide(state, new LookAgain({ ...aRef(), by: "ada" }), now(2))[0], SpotProposed)
  })
  it("rests after a plan that failed at once with no pool to blame, unless somebody asks", () => {
    const message = closed({ because: "a-swap-failed", done: 0, undone: 1 })
    const state = after(rules.decide(proposing, message, around(group, {}, { at: message.at })), proposing)!
    const at = (ms: number) => {
      const when = later(message.at, ms)
      return around(group, { sweeps: [aSweep({ startedAt: when })] }, { at: when, seq: 9 })
    }
    assert.strictEqual(state.alone, "backing-off")
    assert.isEmpty(rules.wake!(state, at(restMs - 1)))
    assert.isEmpty(rules.decide(state, group, at(restMs - 1)))
    assert.instanceOf(rules.decide(state, new LookAgain({ ...aRef(), by: "ada" }), at(minute))[0], SpotProposed)
    assert.instanceOf(rules.wake!(state, at(restMs))[0], SpotProposed)
  })
  it("proposes again after a refusal by the enforcer, but not before another sweep", () => {
    const ages = { inventoryMs: null, scoresMs: null }
    const no = (hash = proposed.hash) =>
      new ProposalRejected({
        ...aRef(),
        proposal: hash,
        ages,
        violations: [],
        because: "stale",
        details: "old",
        at: noon
      })
    assert.isEmpty(rules.decide(proposing, no(digest("c")), around(group)))
    const state = after(rules.decide(proposing, no(), around(group)), proposing)!
    assert.isEmpty(rules.wake!(state, around(group)))
    const sweeps = [aSweep({ startedAt: later(noon, minute) })]
    assert.instanceOf(rules.wake!(state, around(group, { sweeps }, { at: later(noon, minute) }))[0], SpotProposed)
  })
  it("takes a proposal back that nobody answered in an hour", () => {
    const fresh = { pools: marketFrom([], later(noon, hour)), sweeps: [aSweep({ startedAt: later(noon, hour - 1) })] }
    assert.isEmpty(rules.wake!(proposing, around(group, fresh, { at: later(noon, unansweredMs - 1) })))
    const [back] = rules.wake!(proposing, around(group, fresh, { at: later(noon, unansweredMs) }))
    assert.strictEqual((back as GroupLeftAlone).because, "awaiting-sweep")
  })
})

describe("a group is left alone", () => {
  const because = (shelf: Shelf, over: Partial<GroupSeen> = {}, at = noon) => {
    const said = first(aGroup(over), shelf, { at })
    return said instanceof GroupLeftAlone ? said.because : said?._tag
  }
  it("while its account observes, is refused or is stopped, or the policy names it", () => {
    assert.strictEqual(because({ accounts: [anAccount({ mode: "observe" })] }), "observed-only")
    assert.strictEqual(
      because({ accounts: [anAccount({ status: "refused", reason: "AccessDenied" })] }),
      "observed-only"
    )
    assert.strictEqual(because({ desks: [aDesk({ stop: "halt" })] }), "awaiting-sweep")
    assert.strictEqual(because({ desks: [aDesk({ policy: aPolicy({ excludedGroups: ["web"] }) })] }), "not-ours")
  })
  it("when it was last read over two minutes ago, unless a later sweep had nothing to add", () => {
    const at = later(noon, 2 * minute + 1)
    assert.strictEqual(because({}, {}, at), "awaiting-sweep")
    assert.strictEqual(because({ sweeps: [aSweep({ startedAt: later(noon, minute) })] }, {}, at), "SpotProposed")
  })
})
