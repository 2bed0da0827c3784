/** What a swap left behind is ended once and cleanly, whichever call goes wrong and wherever its process dies. */
import { assert, describe, it } from "@effect/vitest"
import { needsOf } from "../../bus/saga.ts"
import { orphanSweep } from "../../actors/executor/orphan-sweep.saga.ts"
import { minute } from "../builders.ts"
import type { Proc } from "../sim/engine.ts"
import { assertEnded, leftBehind, orphanIn, saidOf, seen, soundFaults, sweep, sweepsIn } from "./orphan-stage.ts"
import type { Place, SwapStage } from "./stage.ts"
import { fates, howsOf, retried } from "./wire.ts"

const calm = sweep(leftBehind())

/** Each distinct call of the look, the saga's own look, its step and what it waits for. */
const places: ReadonlyArray<Place & { readonly isWrite: boolean }> = calm.sent
  .filter(({ step, k }) => k === 1 && ["", "confirm", "end"].includes(step))
  .map(({ step, part, call, k, isWrite }) => ({ step, part, call, k, isWrite }))

const cases = places.flatMap((place) =>
  howsOf(place).map((how) => ({
    title: `${place.step || "before"}: ${place.call} to ${place.part} it, ${how}`,
    how,
    place
  }))
)

describe("without any trouble", () => {
  it("one saga ends it, with the right to do that alone, and a repeat finds the closed journal", () => {
    assertEnded(calm)
    assert.deepStrictEqual(needsOf(orphanSweep), ["ec2:TerminateInstances"])
    assert.deepStrictEqual(
      sweepsIn(calm).map(({ phase }) => phase),
      ["Planned", "Intent", "Outcome", "Done"]
    )
    const { length } = calm.entries
    sweep(calm)
    assert.strictEqual(calm.entries.length, length)
    assertEnded(calm)
  })
  it("the look, the saga and the moment of the call each read it anew", () => {
    const looks = calm.sent.filter(({ call }) => call === "ec2.terminationProtected").map(({ step }) => step)
    assert.deepStrictEqual(looks.slice(-3), ["", "confirm", "end"])
  })
})

describe("whatever goes wrong with one call", () => {
  it.each(cases)("$title: it is ended, by now or by the next fact", ({ how, place: { isWrite: _, ...place } }) => {
    const stage = sweep(leftBehind({ breaks: [{ ...place, how }] }))
    assert.strictEqual(stage.broken.at(-1)?.how, how, "the break did not happen")
    if (how === "refused" || how === "refused-after") {
      assert.deepStrictEqual(saidOf(stage), ["refused"])
      assert.deepStrictEqual(soundFaults(stage), [])
      assert.notStrictEqual(sweepsIn(stage).at(-1)?.phase, "Done")
      stage.sim.runFor(20 * minute)
      if (how === "refused") sweep(stage)
      assert.notStrictEqual(orphanIn(stage).state, "running")
      assert.deepStrictEqual(soundFaults(stage), [])
      return
    }
    assertEnded(stage)
  })
})

const befalls = (stage: SwapStage, n: number, ms: number, act: (proc: Proc) => void) => {
  stage.onEntry = (entry, proc) => {
    if (entry.saga !== orphanSweep.name || entry.n !== n || entry.epoch > 1) return
    stage.sim.after(ms, () => act(proc))
  }
  return sweep(stage)
}

describe("at every entry", () => {
  const moments = sweepsIn(calm).flatMap(({ n, phase }) =>
    fates.flatMap(([what, act, all]) =>
      all.map((ms) => ({ title: `${phase}: who ${what} ${ms} ms later`, n, ms, act }))
    )
  )
  it.each(moments)("$title leaves it to another one, who ends it", ({ n, ms, act }) => {
    assertEnded(befalls(leftBehind(), n, ms, act))
  })
  it("one process after the other dying at every move leaves the last one to finish", () => {
    const stage = leftBehind({ processes: Array.from({ length: 12 }, (_, n) => `p${n}`) })
    stage.onEntry = ({ mark }, proc) => {
      if (mark === "move") stage.sim.after(30, () => proc.kill())
    }
    assertEnded(sweep(stage))
  })
})

describe("done twice", () => {
  it("every write arriving twice, and the fact as well, ends it once", () => {
    const stage = leftBehind({ everyWrite: "twice", breaks: [] })
    assertEnded(
      sweep(stage, () => {
        const { id } = orphanIn(stage)
        for (let i = 0; i < 5; i++) seen(stage, id)
      })
    )
    assert.strictEqual(new Set(sweepsIn(stage).map(({ id }) => id)).size, 1)
  })
  it.each(retried)("its step is done again where the first try ends in %s", (how) => {
    assertEnded(sweep(leftBehind({ breaks: [{ step: "end", part: "do", call: "ec2.terminate", k: 1, how }] })))
  })
})
