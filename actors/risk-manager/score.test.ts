/** The score: between 0 and 1, worse with every term, weighted by what all customers have seen together. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { AdvisorBand, type RiskTerms } from "../../schemas/pool.ts"
import { aPriced, aSpec, type } from "../../test/builders.ts"
import { scoreOf, structureRisk, termsOf, weightsAt } from "./score.ts"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Hours = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
const Terms = { advisor: Share, volatility: Share, structure: Share, own: Share, herd: Share, hours: Hours }

it.prop("a score lies in [0, 1] and never rises when a term does", { ...Terms, more: Share }, (given) => {
  const { more, hours, ...four } = given
  const terms: typeof RiskTerms.Type = { ...four, weights: weightsAt(hours) }
  const score = scoreOf(terms)
  assert.isTrue(score >= 0 && score <= 1)
  for (const name of ["advisor", "volatility", "structure", "own", "herd"] as const) {
    assert.isAtMost(scoreOf({ ...terms, [name]: Math.min(1, terms[name] + more) }), score)
  }
})

it.prop(
  "weights always sum to 100 and own evidence never loses weight as hours grow",
  { a: Hours, b: Hours },
  (given) => {
    const [few, many] = [weightsAt(Math.min(given.a, given.b)), weightsAt(Math.max(given.a, given.b))]
    assert.closeTo(few[0] + few[1] + few[2] + few[3], 100, 1e-9)
    assert.isAtLeast(many[3], few[3])
  }
)

it.prop(
  "the machine's own term lies in [0, 1]",
  {
    vcpu: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 900 })),
    zonesOffering: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })),
    familyBreadth: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
  },
  ({ vcpu, zonesOffering, familyBreadth }) => {
    const risk = structureRisk(aPriced({ spec: aSpec({ vcpu }), zonesOffering, familyBreadth }))
    assert.isTrue(risk >= 0 && risk <= 1)
  }
)

it("the weights at the edges of the product's table", () => {
  const at = (hours: number) => weightsAt(hours)
  assert.deepStrictEqual(at(0), [60, 30, 10, 0])
  assert.deepStrictEqual(at(9_999), [60, 30, 10, 0])
  assert.deepStrictEqual(at(10_000), [50, 30, 10, 10])
  assert.deepStrictEqual(at(49_999), [50, 30, 10, 10])
  assert.deepStrictEqual(at(50_000), [45, 30, 10, 15])
  assert.deepStrictEqual(at(200_000), [45, 30, 10, 15])
  assert.deepStrictEqual(at(350_000), [40, 30, 10, 20])
  assert.deepStrictEqual(at(500_000), [35, 30, 10, 25])
  assert.deepStrictEqual(at(5_000_000), [35, 30, 10, 25])
})

const calm = { zonesOffering: 3, familyBreadth: 8, spec: aSpec({ vcpu: 1 }) }
const scored = (band: typeof AdvisorBand.Type | null, volatility: number) =>
  scoreOf(termsOf(aPriced({ ...calm, band, volatility }), { _tag: "NORMAL" }, 0))

it("without collective hours band 2 never passes, band 1 up to a third of volatility, band 0 up to 0.83", () => {
  assert.isBelow(scored(2, 0), 0.75)
  assert.isAtLeast(scored(1, 0.33), 0.75)
  assert.isBelow(scored(1, 0.34), 0.75)
  assert.isAtLeast(scored(0, 0.83), 0.75)
  assert.isBelow(scored(0, 0.84), 0.75)
})

it("a pool that the advisor does not know is as bad as its worst band", () => {
  assert.strictEqual(scored(null, 0), scored(4, 0))
})

it("a bigger, older, rarer machine is riskier", () => {
  const of = (name: string, vcpu: number, zonesOffering = 3, familyBreadth = 8) =>
    structureRisk(aPriced({ spec: aSpec({ instanceType: type(name), vcpu }), zonesOffering, familyBreadth }))
  assert.strictEqual(of("m6i.medium", 1), 0)
  assert.isAbove(of("m6i.8xlarge", 32), of("m6i.large", 2))
  assert.isAbove(of("m3.large", 2), of("m4.large", 2))
  assert.isAbove(of("m6i.large", 2, 1), of("m6i.large", 2, 2))
  assert.isAbove(of("m6i.large", 2, 3, 2), of("m6i.large", 2, 3, 5))
})
