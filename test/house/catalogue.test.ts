/** Every word that travels is in the catalogue, once, and every road has a subject of five tokens. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { roads } from "../../schemas/catalogue.ts"
import { event, matches, tokensOf } from "../../schemas/message.ts"
import { declaredIn, forgotten, repeated } from "./catalogue.ts"
import { pathsOfHouse, readSource, report } from "./tree.ts"

const schemas = pathsOfHouse()
  .filter((path) => /^schemas\/.*\.ts$/.test(path) && !path.endsWith(".test.ts"))
  .map(readSource)
const declared = schemas.flatMap(declaredIn)

describe("the catalogue", () => {
  it("has every event, command and tick that schemas declares", () => {
    assert.strictEqual(report(forgotten(declared, readSource("schemas/catalogue.ts").text)), "")
    assert.strictEqual(roads.length, declared.length)
    assert.isAtLeast(declared.length, 20)
    assert.isAtLeast(new Set(declared.map(({ path }) => path)).size, 5)
  })

  it("uses every name once", () => {
    assert.deepStrictEqual(repeated(roads.map(({ name }) => name)), [])
    assert.deepStrictEqual(repeated(declared.map(({ name }) => name)), [])
  })

  it("names roads in kebab case, and their filters have five tokens", () => {
    for (const { name, filter, owner, kind } of roads) {
      assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      assert.match(owner, /^[a-z]+(-[a-z]+)*$/)
      assert.strictEqual(filter.split(".").length, 5, filter)
      assert.isTrue(filter.startsWith(`${kind}.`), filter)
    }
  })
})

describe("every message there can be", () => {
  for (const road of roads) {
    it.prop(
      `of ${road.name} travels under five tokens that its filter matches`,
      { message: road.schema },
      ({ message }) => {
        const subject = road.subject(message)
        assert.deepInclude(tokensOf(subject), { kind: road.kind, name: road.name, about: road.about(message) })
        assert.isTrue(matches(road.filter, subject), `${road.filter} does not match ${subject}`)
      }
    )
  }
})

describe("the inspector would notice", () => {
  const file = {
    path: "schemas/frog.ts",
    text: `export const frogLeapt = event("pond", FrogLeapt, about)\n// const x = command("pond")\n`
  }

  it("a word that the catalogue lacks, whatever else it lists", () => {
    const found = declaredIn(file)
    assert.deepStrictEqual(found, [{ path: "schemas/frog.ts", name: "frogLeapt", kind: "event" }])
    assert.lengthOf(
      forgotten(found, `export const roads: ReadonlyArray<Road> = [toadLeapt]\nexport const y = frogLeapt`),
      1
    )
    assert.isEmpty(forgotten(found, `export const roads = [\n  toadLeapt,\n  frogLeapt\n]`))
  })

  it("a name that is used twice", () => {
    assert.deepStrictEqual(repeated(["a", "b", "a"]), ["a"])
  })

  it("a key that would split the subject", () => {
    class Leapt extends Schema.TaggedClass<Leapt>()("Leapt", { frog: Schema.String }) {}
    const safe = event("pond", Leapt, { account: () => "all", key: (e) => [e.frog] })
    assert.strictEqual(safe.subject(new Leapt({ frog: "a.b" })), "evt.all.pond.leapt.a_b")
    const split = event("pond", Leapt, { account: (e) => e.frog, key: (e) => [e.frog] })
    assert.isUndefined(tokensOf(split.subject(new Leapt({ frog: "a.b" }))))
  })
})
