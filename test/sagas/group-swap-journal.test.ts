/** A group swap ends clean wherever its process dies, sleeps, is told to stop or has to do its work twice. */
import { assert, describe, it } from "@effect/vitest"
import type { Proc } from "../sim/engine.ts"
import { assertClean, type Ending } from "./clean.ts"
import { nameOf, ringing, through } from "./runs.ts"
import type { SwapStage } from "./stage.ts"
import { fates, retried } from "./wire.ts"

const nothing = () => {}
const runs = [
  { way: "forward", prepare: nothing, ending: "Done" as Ending },
  { way: "back", prepare: ringing, ending: "RolledBack" as Ending }
]

/** Does something to the writer of the n-th entry, so many milliseconds after it is stored. */
const befalls = (n: number, ms: number, act: (proc: Proc) => void, prepare: (stage: SwapStage) => void) =>
  through({}, (stage) => {
    prepare(stage)
    const { onEntry } = stage
    stage.onEntry = (entry, proc) => {
      onEntry(entry, proc)
      if (entry.n !== n || entry.epoch > 1) return
      stage.sim.after(ms, () => {
        stage.wasEnded = stage.isEnded
        act(proc)
      })
    }
  })

for (const { way, prepare, ending } of runs) {
  const calm = through({}, prepare)
  const cases = calm.entries.flatMap((entry) =>
    fates.flatMap(([what, act, moments]) =>
      // beats differ in nothing but their time
      moments.slice(0, entry.mark === "beat" ? 1 : undefined).map((ms) => {
        const { n } = entry
        const title = `${nameOf(entry)}: who ${what} ${ms} ms after entry ${n} leaves a swap that is ${ending}`
        return { title, n, ms, act }
      })
    )
  )
  describe(`at every entry of the way ${way}`, () => {
    it.each(cases)("$title", ({ n, ms, act }) => {
      const stage = befalls(n, ms, act, prepare)
      assertClean(stage, [ending])
      // it may have ended before its fate met it; else another process had to end it
      assert.strictEqual(stage.entries.at(-1)?.epoch, stage.wasEnded ? 1 : 2)
    })
  })

  describe(`all the way ${way}`, () => {
    it("every write arriving twice changes nothing more than arriving once", () => {
      assertClean(through({ everyWrite: "twice" }, prepare), [ending])
    })

    it("every write being thrown away twenty seconds late by the network changes nothing", () => {
      const stage = through({ firstOfEveryWrite: "late" }, prepare)
      assertClean(stage, [ending])
    })

    for (const how of retried) {
      it(`every do and every undo is done twice where the first try of each write ends in ${how}`, () => {
        const stage = through(
          { firstOfEveryWrite: how, processes: Array.from({ length: 12 }, (_, n) => `p${n}`) },
          prepare
        )
        assertClean(stage, [ending])
        const writes = stage.sent.filter(({ isWrite }) => isWrite)
        assert.isAtLeast(writes.filter(({ k }) => k === 1).length, way === "forward" ? 7 : 4)
      })
    }

    it("one process after the other dying at every move leaves the last one to finish", () => {
      const stage = through({ processes: Array.from({ length: 30 }, (_, n) => `p${n}`) }, (stage) => {
        prepare(stage)
        const { onEntry } = stage
        stage.onEntry = (entry, proc) => {
          onEntry(entry, proc)
          if (entry.mark === "move") stage.sim.after(30, () => proc.kill())
        }
      })
      assertClean(stage, [ending])
      assert.isAtLeast(stage.entries.at(-1)?.epoch ?? 0, 10)
    })
  })
}
