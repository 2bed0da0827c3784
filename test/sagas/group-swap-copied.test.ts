/** Whoever launches more like ours copies its tags: a swap that turns back ends what it launched, and nothing else. */
import { assert, describe, it } from "@effect/vitest"
import type { InstanceId } from "../../schemas/ids.ts"
import { copyOf } from "../sim/copied.ts"
import { assertClean } from "./clean.ts"
import { ringing, through } from "./runs.ts"
import type { Break, SwapStage } from "./stage.ts"

const copies = (stage: SwapStage, made: Array<InstanceId>) =>
  stage.replacements.slice(0, 1).forEach((one) => made.push(copyOf(stage.world, one)))

/** Runs to its end where the owner copies the replacement as soon as the step is reached. */
const copiedAt = (step: string, breaks: ReadonlyArray<Break> = []) => {
  const made: Array<InstanceId> = []
  const stage = through({ breaks }, (stage) => {
    ringing(stage)
    const ring = stage.onEntry
    stage.onEntry = (entry, proc) => {
      if (made.length === 0 && entry.step === step) copies(stage, made)
      ring(entry, proc)
    }
  })
  assert.lengthOf(made, 1)
  const states = made.map((id) => stage.world.ground.rows.instances.get(id)?.state)
  return { stage, states }
}

describe("an instance that its owner launched with our tags", () => {
  it.each(["attach", "bake"])("outlives the swap that turns back, from %s on", (step) => {
    const { stage, states } = copiedAt(step)
    assertClean(stage, ["RolledBack"], { code: "Alarm" })
    assert.deepStrictEqual(states, ["running"])
  })

  it("outlives it where the launch was never answered, and what was launched is ended all the same", () => {
    const lost = { step: "launch", part: "do", call: "ec2.launchSpot", k: 1, how: "unanswered", times: 99 } as const
    const made: Array<InstanceId> = []
    const stage = through({ breaks: [lost] }, (stage) => {
      stage.onSent = ({ call, k }) => {
        if (call === "ec2.launchSpot" && k === 3) copies(stage, made)
        if (call === "ec2.launchSpot" && k === 4) stage.stop("halt")
      }
    })
    assertClean(stage, ["RolledBack"])
    assert.deepStrictEqual(
      made.map((id) => stage.world.ground.rows.instances.get(id)?.state),
      ["running"]
    )
  })
})
