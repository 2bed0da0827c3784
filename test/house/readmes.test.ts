/** An actor's README speaks of the words that it really hears and says, and of no others as its own. */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { approvalDesk } from "../../actors/approval-desk/actor.ts"
import { onboarder } from "../../actors/onboarder/actor.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { safetyEnforcer } from "../../actors/safety-enforcer/actor.ts"
import { spotOptimizer } from "../../actors/spot-optimizer/actor.ts"
import type { Mind } from "../../bus/mind.ts"
import { roads } from "../../schemas/catalogue.ts"

const minds: ReadonlyArray<Mind<any>> = [
  onboarder,
  riskManager,
  spotOptimizer(1),
  safetyEnforcer,
  approvalDesk({ sign: () => "" }, 1)
]

/** The README's tables: what stands between backticks in their rows. */
export const wordsIn = (readme: string): ReadonlySet<string> => {
  const rows = readme.split("\n").filter((line) => line.startsWith("|"))
  return new Set(rows.flatMap((row) => [...row.matchAll(/`([A-Za-z]+)`/g)].map(([, word]) => word ?? "")))
}

/** Words that the table lacks. */
export const missingIn = (readme: string, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const there = wordsIn(readme)
  return words.filter((word) => !there.has(word))
}

const readmeOf = (actor: string) => readFileSync(new URL(`../../actors/${actor}/README.md`, import.meta.url), "utf8")
const actors = readdirSync(new URL("../../actors", import.meta.url)).filter((name) => !name.startsWith("_"))

describe("the READMEs", () => {
  it("of minds name every word heard and said, in their tables", () => {
    for (const { name, hears, says } of minds) {
      const words = [...hears.map(({ road }) => road.tag), ...says.map(({ tag }) => tag)]
      assert.deepStrictEqual(missingIn(readmeOf(name), words), [], name)
    }
  })

  it("of all actors name every fact that the catalogue calls theirs", () => {
    assert.isAtLeast(actors.length, 9)
    for (const actor of actors) {
      const theirs = roads.filter(({ owner, kind }) => owner === actor && kind !== "cmd").map(({ tag }) => tag)
      assert.deepStrictEqual(missingIn(readmeOf(actor), theirs), [], actor)
    }
  })

  it("would not get away with a word left out", () => {
    assert.deepStrictEqual(missingIn("| hears | `FrogLeapt` |\n`PondSeen` in prose", ["FrogLeapt", "PondSeen"]), [
      "PondSeen"
    ])
  })
})
