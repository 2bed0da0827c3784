/** A group swap whose replacement is lost in the very seconds in which the group's owner changes what he wants. */
import { assert, describe, it } from "@effect/vitest"
import { assertClean } from "./clean.ts"
import { replacementOf, through, web } from "./runs.ts"
import type { StageOptions, SwapStage } from "./stage.ts"

const roomy = { minSize: 1, maxSize: 12 } as const
/** So long after the loss, or before it, in milliseconds: before the group knows, as it replaces, and once it has. */
const moments = [-1_000, 0, 500, 5_000, 20_000, 60_000, 180_000]
const swaps = [
  { alone: true, who: "a swap alone" },
  { alone: false, who: "a swap beside others" }
]

/** The replacement is taken while it bakes, and something else happens so long after that. */
const losing = (ms: number, options: StageOptions, act: (stage: SwapStage) => void) =>
  through(options, (stage) => {
    const { sim } = stage
    stage.onEntry = ({ phase, step, mark }) => {
      if (phase !== "Intent" || step !== "bake" || mark !== "move") return
      sim.after(5_000, () => stage.world.reclaim(replacementOf(stage), false))
      sim.after(5_000 + ms, () => act(stage))
    }
  })

for (const { alone, who } of swaps) {
  // beside others no knob of the group may be turned
  const even = { size: 6, group: { ...roomy, desired: 6, launchHooks: 0 } } as const
  const options: StageOptions = alone ? { group: roomy } : { ...even, order: { alone } }
  describe(`${who} has lost its replacement`, () => {
    for (const by of [-1, -2, 1, 2]) {
      it.each(moments)(`and the owner scales by ${by}, %i ms after: he has as many as he wants`, (ms) => {
        const stage = losing(ms, options, (stage) => stage.world.user({ edit: "scale", group: web, by }))
        assertClean(stage, ["RolledBack", "Done"], { foreign: true })
        assert.strictEqual(stage.group.desired, stage.before.members.length + by)
        assert.isAtLeast(stage.servingMin, stage.before.members.length + Math.min(0, by) - 1)
      })
    }
    it.each(moments)("and another member is lost as well, %i ms after: the group is as large as it was", (ms) => {
      const stage = losing(ms, options, (stage) => {
        const other = stage.group.members.find(({ id }) => id !== stage.old && id !== replacementOf(stage))
        if (other !== undefined) stage.world.user({ edit: "terminate", instance: other.id })
      })
      assertClean(stage, ["RolledBack", "Done"], { foreign: true })
      assert.strictEqual(stage.group.desired, stage.before.members.length)
    })
    it.each(moments)("and the owner takes a member out, desired with it, %i ms after: he has one fewer", (ms) => {
      const stage = losing(ms, options, (stage) => {
        const other = stage.group.members.find(
          ({ id, state }) => id !== stage.old && id !== replacementOf(stage) && state === "InService"
        )
        if (other !== undefined) stage.world.user({ edit: "detach", instance: other.id, decrement: true })
      })
      assertClean(stage, ["RolledBack", "Done"], { foreign: true })
      assert.strictEqual(stage.group.desired, stage.before.members.length - 1)
    })
  })
}

describe("a swap in a group at its minimum has lost its replacement", () => {
  it.each(moments)(
    "and a policy of the owner scales in, %i ms after: the group is at its minimum, and settled",
    (ms) => {
      const stage = losing(ms, {}, (stage) => stage.world.user({ edit: "scale", group: web, by: -1 }))
      assertClean(stage, ["RolledBack", "Done"], { foreign: true })
      assert.deepStrictEqual([stage.group.desired, stage.group.minSize], [7, 7])
    }
  )
})

describe("whoever may not read the group's record does not guess what became of a lost replacement", () => {
  const denied = { step: "attach", part: "undo", call: "groups.activities", k: 1, how: "refused" } as const
  const lost = (by: number) =>
    losing(500, { group: roomy, breaks: [denied] }, (stage) => {
      if (by !== 0) stage.world.user({ edit: "scale", group: web, by })
    })
  it.each([0, 1])("told to go on once he may, with %i more wanted: as many as its owner wants", (by) => {
    const stage = lost(by)
    assertClean(stage, ["Stuck"], { code: "UnauthorizedOperation" })
    assertClean(stage.resume(), ["RolledBack"], { foreign: true })
    assert.strictEqual(stage.group.desired, stage.before.members.length + by)
  })
  it("with one fewer wanted, that may have put right what the swap had added: its owner is asked", () => {
    const stage = lost(-1)
    assertClean(stage.resume(), ["Stuck"], { code: "GroupChanged" })
    assert.strictEqual(stage.group.desired, stage.before.members.length)
  })
})
