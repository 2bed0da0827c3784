/** What holds for a gate that people and evidence shut together, in whatever order their words are heard. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { instant, TenantId } from "../../schemas/ids.ts"
import { ClearPool, holdMsMax, isOpenAt, PoolRisk, QuarantinePool } from "../../schemas/pool.ts"
import { aPool, aPoolRisk, anInterruption, aPriced, day, heard, hour, instanceId, noon } from "../../test/builders.ts"
import { evolve, type RiskFact, type RiskMessage, rules } from "./policy.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
/** Few instances and short holds: they meet often. */
const Word = Schema.Union([
  Schema.Struct({ is: Schema.Literal("lost"), instance: upTo(3), tenant: upTo(2), hoursLate: upTo(3) }),
  Schema.Struct({ is: Schema.Literal("held"), hours: upTo(600) }),
  Schema.Struct({ is: Schema.Literal("cleared") })
])
const Words = Schema.Array(Word).check(Schema.isMaxLength(12))
type Said = typeof Word.Type

interface Stored {
  readonly message: RiskMessage
  readonly at: number
  readonly seq: number
}
const because = "the zone was flooded"
const person = { tenant: TenantId.make("acme"), pool: aPool(), because, by: "ada" }

/** As the log has it: each later than the one before, by an hour. */
const storedOf = (word: Said, i: number): Stored => {
  const at = noon + i * hour
  const seq = 10 + i
  if (word.is === "cleared") return { message: new ClearPool(person), at, seq }
  if (word.is === "held") {
    return { message: new QuarantinePool({ ...person, until: instant(at + word.hours * hour) }), at, seq }
  }
  const lost = { tenant: TenantId.make(`t${word.tenant}`), instance: instanceId(word.instance) }
  return { message: anInterruption({ ...lost, at: instant(at - word.hoursLate * hour) }), at, seq }
}

const factsOf = (risk: PoolRisk | undefined, { message, at, seq }: Stored): ReadonlyArray<RiskFact> =>
  rules.decide(risk, message, heard({ at: instant(at), seq }))
const hear = (risk: PoolRisk | undefined, stored: Stored) =>
  factsOf(risk, stored).reduce<PoolRisk | undefined>(evolve, risk)
const hearAll = (all: ReadonlyArray<Stored>, from?: PoolRisk) => all.reduce(hear, from)
const wakeAt = (risk: PoolRisk, at: number) =>
  rules.wake!(risk, heard({ at: instant(at), seq: 0 })).reduce(evolve, risk)

/** What others act upon, once everything has been heard that was said. */
const settled = (risk: PoolRisk | undefined, at: number) =>
  risk && new PoolRisk({ ...wakeAt(risk, at), scoredAt: noon, score: null, terms: null, priced: null })

/** By the words alone: when the last ends of what was said after the newest clearing. */
const endOf = (words: ReadonlyArray<Said>): number => {
  const cleared = words.findLastIndex(({ is }) => is === "cleared")
  const known = new Set(words.slice(0, Math.max(0, cleared)).flatMap((one) => (one.is === "lost" ? one.instance : [])))
  let hold = 0
  let loss = 0
  for (const [i, word] of words.entries()) {
    if (i <= cleared) continue
    if (word.is === "held" && word.hours > 0) hold = noon + (i + word.hours) * hour
    if (word.is === "lost" && !known.has(word.instance)) {
      loss = Math.max(loss, noon + (i - word.hoursLate) * hour + 15 * day)
    }
  }
  return Math.max(hold, loss)
}

it.prop(
  "the gate is shut until the later of evidence and of the newest hold ends, and no longer",
  { words: Words },
  (all) => {
    const risk = hearAll(all.words.map(storedOf))
    const end = endOf(all.words)
    if (risk === undefined) return assert.strictEqual(end, 0)
    const now = noon + all.words.length * hour
    if (end > now) assert.isFalse(isOpenAt(risk, end - 1))
    assert.isTrue(isOpenAt(risk, Math.max(end, now)))
    assert.strictEqual(wakeAt(risk, Math.max(end, now)).gate._tag, "open")
  }
)

it.prop(
  "order and repetition of losses, holds and clearings do not matter",
  { words: Words, turn: upTo(11) },
  (all) => {
    const once = all.words.map(storedOf)
    const now = noon + once.length * hour
    const orders = [
      [...once].reverse(),
      [...once, ...once],
      [...once.slice(all.turn), ...once.slice(0, all.turn), ...once],
      [...once.filter((_, i) => i % 2 === 1), ...once.filter((_, i) => i % 2 === 0)]
    ]
    for (const order of orders) assert.deepStrictEqual(settled(hearAll(order), now), settled(hearAll(once), now))
  }
)

it.prop(
  "what was heard once says nothing a second time, be it of evidence or of people",
  { words: Words },
  ({ words }) => {
    const all = words.map(storedOf)
    const risk = hearAll(all)
    for (const stored of all) assert.isEmpty(factsOf(risk, stored), stored.message._tag)
  }
)

it.prop("people move neither herd nor score", { words: Words }, ({ words }) => {
  const all = words.map(storedOf)
  const scored = aPoolRisk({ priced: aPriced({ readAt: noon }), scoredAt: noon })
  const people = all.filter(({ message }) => message._tag === "QuarantinePool" || message._tag === "ClearPool")
  const both = hearAll(all, scored)
  const alone = hearAll(
    all.filter((one) => !people.includes(one)),
    scored
  )
  assert.deepStrictEqual([both?.herd, both?.score, both?.hits], [alone?.herd, alone?.score, alone?.hits])
})

describe("a person's word", () => {
  const lost = (i: number, instance: number): Stored => storedOf({ is: "lost", instance, tenant: 0, hoursLate: 0 }, i)
  const held = (i: number, hours: number): Stored => storedOf({ is: "held", hours }, i)
  const cleared = (i: number): Stored => storedOf({ is: "cleared" }, i)
  const isShut = (all: ReadonlyArray<Stored>, at: number) => !isOpenAt(hearAll(all)!, at)

  it("shuts a pool that nobody has scored yet", () => {
    const risk = hearAll([held(0, 2)])!
    assert.deepStrictEqual([risk.gate, risk.held?.because], [{ _tag: "poisoned", until: noon + 2 * hour }, because])
    assert.isTrue(isOpenAt(risk, noon + 2 * hour))
  })

  it("never shortens what evidence says, and outlasts it where it is longer", () => {
    assert.isTrue(isShut([lost(0, 1), held(1, 2)], noon + 15 * day - 1))
    assert.isTrue(isShut([lost(0, 1), held(1, 20 * 24)], noon + 20 * day))
  })

  it("is replaced by a newer one, be it shorter, and never by an older one", () => {
    const [long, short] = [held(0, 9), held(1, 1)]
    assert.isFalse(isShut([long, short], noon + 2 * hour))
    assert.isFalse(isShut([short, long], noon + 2 * hour))
  })

  it("opens what was known, and not what is told afterwards of another instance", () => {
    assert.isFalse(isShut([lost(0, 1), held(1, 9), cleared(2)], noon + 2 * hour))
    assert.isTrue(isShut([lost(0, 1), cleared(1), lost(2, 2)], noon + 15 * day))
    // the loss of the first one, told once more by its absence
    assert.isFalse(isShut([lost(0, 1), cleared(1), lost(2, 1)], noon + 3 * hour))
  })

  it("leaves a quarantine that is ordered after it, whichever is heard first", () => {
    assert.isTrue(isShut([held(2, 3), cleared(1)], noon + 4 * hour))
    assert.isTrue(isShut([cleared(1), held(2, 3)], noon + 4 * hour))
  })

  it("says of a loss that it had opened already that its quarantine has ended", () => {
    const facts = factsOf(hearAll([cleared(1)]), lost(0, 1))
    assert.deepInclude(facts[0], { _tag: "PoolPoisoned", until: instant(noon + hour) })
  })

  it("reaches no further than 90 days, and says nothing where it was over before it was stored", () => {
    const far = { ...held(0, 1), message: new QuarantinePool({ ...person, until: instant(noon + 400 * day) }) }
    assert.strictEqual(hearAll([far])?.held?.until, noon + holdMsMax)
    assert.isUndefined(hearAll([{ ...far, message: new QuarantinePool({ ...person, until: noon }) }]))
  })
})

it("a row from before there were holds is read, and what it lost can be cleared", () => {
  const hit = { witness: "acme/1", instance: "i-1", at: instant(noon) }
  const old = Schema.encodeSync(PoolRisk)(
    aPoolRisk({ gate: { _tag: "poisoned", until: instant(noon + 15 * day) }, hits: [hit] })
  )
  assert.notProperty(old, "held")
  const risk = Schema.decodeUnknownSync(PoolRisk)(old)
  assert.isFalse(isOpenAt(hear(risk, storedOf({ is: "held", hours: 1 }, 0))!, noon + 14 * day))
  assert.isTrue(isOpenAt(hear(risk, storedOf({ is: "cleared" }, 0))!, noon))
})
