/** The steps that people are shown are those that the executor walks: same names, order and point of no return. */
import { assert, describe, it } from "@effect/vitest"
import { groupSwap } from "../../actors/executor/group-swap.saga.ts"
import { orphanSweep } from "../../actors/executor/orphan-sweep.saga.ts"
import { labelOf, stepsOf } from "../../schemas/steps.ts"

describe("the steps of a swap", () => {
  const shown = stepsOf(groupSwap.name)

  it("are the saga's own, in its order and of its kinds", () => {
    const walked = [
      ...groupSwap.looks.map(({ name }) => ({ step: name, kind: "look" })),
      ...groupSwap.steps.map(({ name, kind }) => ({ step: name, kind }))
    ]
    assert.deepStrictEqual(
      shown.map(({ step, kind }) => ({ step, kind })),
      walked
    )
    assert.lengthOf(
      shown.filter(({ kind }) => kind === "pivot"),
      1
    )
  })

  it("each have a label of their own", () => {
    const labels = shown.map(({ label }) => label)
    assert.strictEqual(new Set(labels).size, shown.length)
    for (const label of labels) assert.match(label, /^[A-Z][a-z' ]{3,40}$/)
    assert.strictEqual(labelOf(groupSwap.name, "launch"), "Launch the replacement")
  })

  it("of a sweep are the saga's own too, and none of them is a point of no return", () => {
    const { looks, steps, name } = orphanSweep
    assert.deepStrictEqual(
      stepsOf(name).map(({ step, kind }) => ({ step, kind })),
      [
        ...looks.map((one) => ({ step: one.name, kind: "look" })),
        ...steps.map((one) => ({ step: one.name, kind: one.kind }))
      ]
    )
    assert.strictEqual(labelOf(name, "end"), "End the instance left behind")
  })

  it("are none for a saga that nobody knows, whatever it is called", () => {
    for (const name of ["", "constructor", "__proto__", "group-swap-2"]) {
      assert.isEmpty(stepsOf(name))
      assert.strictEqual(labelOf(name, "x"), "x")
    }
  })
})
