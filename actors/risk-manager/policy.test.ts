/** What holds for every pool, whatever is heard of it, in whatever order, however often. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  isOpenAt,
  type PoolPriced,
  PoolRisk,
  Provenance,
  scoreAgeMs,
  type SpotInterrupted
} from "../../schemas/pool.ts"
import { AccountId, instant, TenantId } from "../../schemas/ids.ts"
import { aPriced, anInterruption, day, heard, hour, instanceId, later, noon } from "../../test/builders.ts"
import { hitsMax, witnessesIn } from "./evidence.ts"
import { evolve, rules } from "./policy.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
/** A loss, told in small numbers: they collide often, as real ones do. */
const Loss = Schema.Struct({
  tenant: upTo(3),
  account: upTo(2),
  instance: upTo(12),
  hoursAgo: upTo(340),
  lateBy: upTo(9)
})
const Losses = Schema.Array(Loss)
type LossRecipe = typeof Loss.Type

const lossOf = (loss: LossRecipe): SpotInterrupted =>
  anInterruption({
    tenant: TenantId.make(`t${loss.tenant}`),
    account: AccountId.make(`00000000000${loss.account}`),
    instance: instanceId(loss.instance),
    at: later(noon, -loss.hoursAgo * hour)
  })
type Told = readonly [message: SpotInterrupted | PoolPriced, at: number]
const told = (loss: LossRecipe): Told => [lossOf(loss), lossOf(loss).at + loss.lateBy * hour]

const hear = (risk: PoolRisk | undefined, [message, at]: Told) =>
  rules.decide(risk, message, heard({ at: instant(at) })).reduce<PoolRisk | undefined>(evolve, risk)
const hearAll = (messages: ReadonlyArray<Told>) => messages.reduce<PoolRisk | undefined>(hear, undefined)
const wakeAt = (risk: PoolRisk, at: number) => rules.wake!(risk, heard({ at: instant(at) })).reduce(evolve, risk)

/** What others act upon, once everything that was to end by noon has ended. */
const settled = (risk: PoolRisk | undefined) =>
  risk === undefined ? undefined : new PoolRisk({ ...wakeAt(risk, noon + 10 * hour), scoredAt: noon, priced: null })

const priced: Told = [aPriced({ readAt: later(noon, -400 * hour) }), noon - 400 * hour]

it.prop("order and repetition of hits do not matter", { losses: Losses }, ({ losses }) => {
  const once = [priced, ...losses.map(told)]
  const mixed = [...once, ...once].reverse()
  const odd = [...once.filter((_, i) => i % 2 === 1), ...once.filter((_, i) => i % 2 === 0), ...once]
  assert.deepStrictEqual(settled(hearAll(mixed)), settled(hearAll(once)))
  assert.deepStrictEqual(settled(hearAll(odd)), settled(hearAll(once)))
})

const mute = Schema.Struct({ ...Loss.fields, environment: Schema.Literals(["PROD", "LAB"]), provenance: Provenance })
it.prop(
  "the lab, experiments, own bids and the unexplained poison nothing",
  { before: Losses, loss: mute },
  (given) => {
    const { environment, provenance } = given.loss
    const risk = hearAll(given.before.map(told))
    const hit = anInterruption({ ...lossOf(given.loss), environment, provenance })
    const facts = rules.decide(risk, hit, heard({ at: hit.at }))
    if (environment === "LAB" || provenance !== "reclaimed") assert.isEmpty(facts)
  }
)

const untilOf = (risk: PoolRisk | undefined) => (risk?.gate._tag === "poisoned" ? risk.gate.until : 0)
it.prop("whatever is heard late, no quarantine is lifted or shortened", { before: Losses, loss: Loss }, (given) => {
  const risk = hearAll([priced, ...given.before.map(told)])
  assert.isAtLeast(untilOf(hear(risk, told(given.loss))), untilOf(risk))
})

it.prop(
  "a pool that lost PROD capacity stays shut for 15 days from the newest loss, then opens by itself",
  {
    losses: Losses
  },
  ({ losses }) => {
    const risk = hearAll(losses.map(told))
    if (risk === undefined) return
    const newest = Math.max(...losses.map((loss) => lossOf(loss).at))
    assert.isFalse(isOpenAt(risk, newest + 15 * day - 1))
    assert.isTrue(isOpenAt(risk, newest + 15 * day))
    assert.deepStrictEqual(wakeAt(risk, newest + 15 * day).gate, { _tag: "open" })
  }
)

const grave = { NORMAL: 0, UNCERTAIN: 1, RISKY: 2 } as const
it.prop("more evidence never calms the herd before its time", { before: Losses, loss: Loss }, (given) => {
  const at = instant(noon + 9 * hour)
  const risk = wakeAt(hearAll([priced, ...given.before.map(told)])!, at)
  const after = hear(risk, [lossOf(given.loss), at])!
  assert.isAtLeast(grave[after.herd._tag], grave[risk.herd._tag])
  assert.isAtMost(after.score!, risk.score!)
})

it.prop(
  "what is remembered is bounded, and a herd once called outlives what is forgotten",
  { n: upTo(99) },
  ({ n }) => {
    const herd = [0, 1, 2].map((tenant) => told({ tenant, account: 0, instance: 200 + tenant, hoursAgo: 5, lateBy: 0 }))
    const flood = Array.from({ length: n }, (_, i) =>
      told({ tenant: 0, account: 0, instance: i, hoursAgo: 2, lateBy: 0 })
    )
    const risk = hearAll([priced, ...herd, ...flood])!
    assert.isAtMost(risk.hits.length, hitsMax)
    assert.strictEqual(risk.herd._tag, "RISKY")
  }
)

it.prop("after every decision the score is as new as the evidence", { losses: Losses }, ({ losses }) => {
  const risk = hearAll([priced, ...losses.map(told)])!
  assert.isNotNull(scoreAgeMs(risk, noon + 10 * hour))
})

it.prop("an older price line never replaces a newer one", { minutes: Schema.Array(upTo(99)) }, ({ minutes }) => {
  const lines = minutes.map((m): Told => [aPriced({ readAt: later(noon, m * 60_000) }), noon + m * 60_000])
  const risk = hearAll(lines)
  assert.strictEqual(risk?.priced?.readAt, lines.length === 0 ? undefined : noon + Math.max(...minutes) * 60_000)
})

const loses = (tenant: number, hoursAgo: number, account = 0): Told =>
  told({ tenant, account, instance: tenant * 10 + account, hoursAgo, lateBy: 0 })

describe("the herd", () => {
  it("is UNCERTAIN with two tenants in a day, until a day after the last, and costs 0.10", () => {
    const risk = hearAll([priced, loses(0, 20), loses(1, 10)])!
    assert.deepStrictEqual(risk.herd, { _tag: "UNCERTAIN", until: later(noon, 14 * hour) })
    const calm = hearAll([priced, loses(0, 20)])!
    assert.closeTo(calm.score! - risk.score!, 0.1, 1e-9)
    assert.strictEqual(wakeAt(risk, noon + 14 * hour).herd._tag, "NORMAL")
    assert.strictEqual(wakeAt(risk, noon + 14 * hour).score, calm.score)
  })
  it("is RISKY with three, as long as a quarantine, and costs 0.20 in all", () => {
    const risk = hearAll([priced, loses(0, 20), loses(1, 10), loses(2, 1)])!
    assert.deepStrictEqual(risk.herd, { _tag: "RISKY", until: later(noon, 15 * day - hour) })
    assert.closeTo(hearAll([priced])!.score! - risk.score!, 0.2, 1e-9)
  })
  it("does not see two tenants that are more than a day apart", () => {
    assert.strictEqual(hearAll([loses(0, 40), loses(1, 10)])!.herd._tag, "NORMAL")
  })
  it("counts the accounts of a lone tenant at a discount: three for two witnesses, five for three", () => {
    const hits = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ witness: `acme/${i}`, instance: `i-${i}`, at: noon }))
    assert.deepStrictEqual(
      [0, 1, 2, 3, 5].map((n) => witnessesIn(hits(n))),
      [0, 1, 1.5, 2, 3]
    )
  })
})

it("a hit whose clock runs ahead poisons from when it was heard", () => {
  const risk = hear(undefined, [anInterruption({ at: later(noon, 400 * day) }), noon])!
  assert.strictEqual(untilOf(risk), noon + 15 * day)
})
