/** Each call of a swap has its beginning and one end on record, also where whoever made it can no longer tell. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { CallEnded, callBegun, callEnded } from "../../schemas/audit.ts"
import { unseal } from "../../schemas/envelope.ts"
import { matches } from "../../schemas/message.ts"
import { assertClean } from "./clean.ts"
import { through } from "./runs.ts"
import type { StageOptions, SwapStage } from "./stage.ts"

const cutOff = (stage: SwapStage) => stage.said(callEnded).filter(({ code }) => code === "CloudOptim.CutOff")
const holderOf = (by: string) => by.split(":")[0]
const writes = [
  { step: "max", call: "groups.setMaxSize" },
  { step: "hold", call: "groups.suspend" },
  { step: "launch", call: "ec2.launchSpot" },
  { step: "attach", call: "groups.attach" },
  { step: "retire", call: "groups.retire" },
  { step: "restore", call: "groups.setMaxSize" }
] as const
const processes = Array.from({ length: 6 }, (_, n) => `p${n}`)
const dying = (at: (typeof writes)[number], how: "crash-before" | "crash-after", times = 1): StageOptions => ({
  breaks: [{ ...at, part: "do", k: 1, times, how }],
  processes
})

describe("a process that dies in the middle of a call", () => {
  for (const how of ["crash-before", "crash-after"] as const) {
    it.each(writes)(`(${how}) in $step: whoever takes over says that the end of it is unknown`, (at) => {
      const stage = through(dying(at, how))
      assertClean(stage, ["Done"])
      const [ended, ...others] = cutOff(stage)
      assert.isDefined(ended)
      assert.isEmpty(others)
      assert.deepInclude(ended, { step: at.step, outcome: "unknown" })
      const begun = stage.said(callBegun).find(({ call }) => call === ended?.call)
      assert.deepStrictEqual([ended?.by, ended?.action, ended?.saga], [begun?.by, begun?.action, begun?.saga])
      assert.strictEqual(stage.procs.get(holderOf(ended?.by ?? "") ?? "")?.state, "dead")
    })
  }

  it("followed by two more who die in it as well: all three calls are ended", () => {
    const stage = through(dying({ step: "attach", call: "groups.attach" }, "crash-before", 3))
    assertClean(stage, ["Done"])
    assert.strictEqual(cutOff(stage).length, 3)
    assert.strictEqual(new Set(cutOff(stage).map(({ by }) => by)).size, 3)
  })

  it("followed by one who dies as he ends that call, before the saga is his: it is ended once", () => {
    let deaths = 0
    const stage = through(dying({ step: "attach", call: "groups.attach" }, "crash-after"), ({ server, procs, sim }) => {
      server.onAppend(({ subject, data }) => {
        if (!matches(callEnded.filter, subject) || deaths > 0) return
        if (Result.getOrElse(unseal(callEnded, data), () => undefined)?.code !== "CloudOptim.CutOff") return
        deaths++
        // whoever may be at it: all of them but one
        sim.after(0, () => [...procs.values()].slice(0, -1).forEach((proc) => proc.kill()))
      })
    })
    assertClean(stage, ["Done"])
    assert.deepStrictEqual([deaths, cutOff(stage).length], [1, 1])
  })
})

describe("a bus that is away for two minutes", () => {
  it.each(writes)(
    "as the end of a call of $step is to be put down: the call is not without an end",
    ({ step, call }) => {
      const stage = through({}, (stage) => {
        let isAway = false
        stage.onSent = (place) => {
          if (isAway || place.step !== step || place.call !== call || place.part !== "do") return
          isAway = true
          stage.server.loseLeader(120_000)
        }
      })
      assertClean(stage, ["Done"])
      assert.isAtMost(cutOff(stage).length, 1)
    }
  )
})

describe("a process that sleeps past its lease in a call", () => {
  it("finds it ended when it wakes, and says nothing more of it", () => {
    const pause = { step: "attach", part: "do", call: "groups.attach", k: 1, how: "pause-after" } as const
    const stage = through({ breaks: [pause] })
    assertClean(stage, ["Done"])
    assert.deepStrictEqual(
      cutOff(stage).map((ended: CallEnded) => [ended.step, ended.outcome]),
      [["attach", "unknown"]]
    )
  })
})
