/** A group swap and the quarantine of its pool: once it was said, nothing is launched there, and all is taken back. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { rough } from "../../bus/memory-faults.sim.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { unseal } from "../../schemas/envelope.ts"
import { instant } from "../../schemas/ids.ts"
import { matches } from "../../schemas/message.ts"
import type { Entry } from "../../schemas/saga.ts"
import { assertClean } from "./clean.ts"
import { atFirst, through } from "./runs.ts"
import { SwapStage, type StageOptions } from "./stage.ts"
import { sleeps } from "./wire.ts"

const day = 86_400_000
/** How long after a quarantine was said a launch may still come. */
const graceMs = 5_000

const poison = (stage: SwapStage) =>
  stage.score({ gate: { _tag: "poisoned", until: instant(Math.floor(stage.sim.now) + 15 * day) } })
const launchesSent = (stage: SwapStage) => stage.sent.filter(({ call }) => call === "ec2.launchSpot")

const poisonedAt = (is: (entry: Entry) => boolean, options: StageOptions = {}) =>
  through(
    options,
    atFirst(is, (stage, { phase }, proc) => {
      poison(stage)
      // whoever holds it sleeps past his lease: another one comes to the launch
      if (phase === "Outcome") sleeps(proc)
    })
  )

describe("a pool that is poisoned", () => {
  const calm = through()
  const before = calm.entries.filter(({ phase, n }) => {
    const launch = calm.entries.findIndex((entry) => entry.step === "launch" && entry.phase === "Outcome")
    return phase !== "Undo" && n <= launch
  })
  it.each(before.map(({ n, phase, step }) => ({ n, at: `${phase} ${step}`.trim() })))(
    "at entry $n ($at), after the look: nothing is launched, and the swap is undone for it",
    ({ n }) => {
      const stage = poisonedAt((entry) => entry.n === n)
      assertClean(stage, ["RolledBack"], { code: "Poisoned" })
      assert.strictEqual(launchesSent(stage).length, 0)
    }
  )

  it("once the replacement is launched: the swap goes on, as it was decided before", () => {
    const stage = through({}, (stage) => {
      stage.onEntry = ({ phase, step }) => void (phase === "Outcome" && step === "launch" && poison(stage))
    })
    assertClean(stage, ["Done"])
  })

  const unheard = { step: "launch", part: "do", call: "ec2.launchSpot", k: 1 } as const
  const asPoisoned = (options: StageOptions) =>
    through(options, (stage) => {
      stage.onSent = ({ call, k }) => void (call === "ec2.launchSpot" && k === 1 && poison(stage))
    })
  it.each(["throttled", "lost", "crash-before", "pause-after"] as const)(
    "as a launch is %s: it is not repeated, for the repeat could be the one that launches",
    (how) => {
      const stage = asPoisoned({ breaks: [{ ...unheard, how }] })
      assertClean(stage, ["RolledBack"], { code: "Poisoned" })
      assert.strictEqual(launchesSent(stage).length, 1)
    }
  )
  it.each(["unanswered", "failed-after", "crash-after", "late"] as const)(
    "as a launch had its effect and was %s: it is found by its tag, invisible as it is, and ended",
    (how) => {
      const stage = asPoisoned({ breaks: [{ ...unheard, how }], behaviours: { lagMs: [30_000, 30_000] } })
      assertClean(stage, ["RolledBack"], { code: "Poisoned" })
      assert.strictEqual(launchesSent(stage).length, 1)
    }
  )

  it("while the log has no leader to ask: nothing is launched until it answers, and then for ever not", () => {
    const stage = through({}, (stage) => {
      stage.onEntry = ({ phase, step }) => {
        if (phase !== "Intent" || step !== "launch") return
        poison(stage)
        stage.server.loseLeader(9_000)
      }
    })
    assertClean(stage, ["RolledBack"], { code: "Poisoned" })
    assert.strictEqual(stage.launches.length, 0)
  })

  it("while a launch is announced, for ten seconds as the log loses its leader: it is not sent", () => {
    const stage = through({}, (stage) => {
      const { server, sim } = stage
      const stop = server.onAppend(({ subject, data }) => {
        if (!matches(callBegun.filter, subject)) return
        if (Result.getOrThrow(unseal(callBegun, data)).action !== "ec2:RunInstances") return
        stop()
        const { faults } = server
        server.faults = { ...faults, lostReply: 1 }
        sim.after(1, () => {
          server.faults = faults
          poison(stage)
          server.loseLeader(9_000)
        })
      })
    })
    assertClean(stage, ["RolledBack"], { code: "Poisoned" })
    assert.strictEqual(launchesSent(stage).length, 0)
    assert.deepInclude(
      stage.said(callEnded).find(({ step }) => step === "launch"),
      { code: "Poisoned" }
    )
  })

  const seeds = Array.from({ length: 40 }, (_, n) => ({ seed: n + 1 }))
  it.each(seeds)(
    "seed $seed: at any time, over a bus that loses and delays, no launch comes more than five seconds later",
    ({ seed }) => {
      const stage = new SwapStage({ seed, faults: rough, behaviours: { throttleRate: 0.2, internalErrorRate: 0.2 } })
      const { sim } = stage
      let saidAt = Number.POSITIVE_INFINITY
      stage.onEntry = ({ phase, step, mark }) => {
        if (phase !== "Planned" || step !== "" || mark !== "move") return
        sim.after(sim.between(0, 2_000), () => {
          saidAt = sim.now
          poison(stage)
          if (sim.chance(0.5)) stage.server.loseLeader(sim.between(1_000, 9_000))
        })
      }
      stage.order()
      assertClean(stage.finish(), ["Done", "RolledBack", "Refused"], { foreign: true })
      for (const { at } of stage.launches) assert.isAtMost(at, saidAt + graceMs)
    }
  )
})
