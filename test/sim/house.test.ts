/**
 * A few lives of the whole house, with every promise watched: enough to see that the simulator itself keeps its own.
 */
import { assert, describe, it } from "@effect/vitest"
import { aimsOf, cells, impossible, nameOf } from "./coverage.ts"
import { drawOf } from "./draw.ts"
import { live } from "./life.ts"
import { mutants } from "./mutants.ts"
import { besiege } from "./siege.ts"

/** Fifteen virtual minutes: connect, plan, and the first swaps under every fault. */
const hours = 0.25

describe("the house in one process", () => {
  const lives = [1, 2, 3, 4, 5, 6].map((seed) => live(seed, hours))

  it("keeps every promise in six lives, and has swapped in each of them", () => {
    for (const { seed, violation, figures } of lives) {
      assert.isNull(violation, `seed ${seed}`)
      assert.isAbove(figures["writes"] ?? 0, 0, `seed ${seed} changed nothing in the cloud`)
    }
  })

  it("has as many histories as seeds", () => {
    assert.strictEqual(new Set(lives.map(({ hash }) => hash)).size, lives.length)
  })

  it("lives a seed again to the byte", () => {
    assert.deepStrictEqual({ ...live(3, hours), cpuMs: 0 }, { ...lives[2]!, cpuMs: 0 })
  })

  it("touches nothing after its log was lost", () => {
    const wiped = [...Array(30).keys()].find((seed) => drawOf(seed).kind === "wiped")
    assert.isDefined(wiped)
    assert.isNull(live(wiped, hours).violation)
  })

  it("notices at once where a swap ends the old machine before the new one serves", async () => {
    const naive = mutants.find(({ name }) => name === "naive: detach before attach")
    assert.isDefined(naive)
    const { caught } = await besiege(naive, [1, 2, 3], hours)
    assert.include(caught?.by ?? "nothing", "invariant 7")
  }, 60_000)
})

describe("the coverage table", () => {
  it("is aimed at whole by any seventy seeds in a row", () => {
    const aimed = new Set(Array.from({ length: 70 }, (_, i) => aimsOf(31 + i)).flatMap((aims) => aims.map(nameOf)))
    for (const cell of cells) assert.isTrue(aimed.has(nameOf(cell)), nameOf(cell))
  })

  it("leaves no cell out without a reason", () => {
    for (const [cell, why] of impossible) assert.isAbove(why.length, 20, cell)
  })
})
