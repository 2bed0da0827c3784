/** A group swap in any weather: many histories, each with its own misfortunes, end clean. */
import { assert, describe, it } from "@effect/vitest"
import { rough } from "../../bus/memory-faults.sim.ts"
import { assertClean } from "./clean.ts"
import { through } from "./runs.ts"
import { SwapStage, type StageOptions } from "./stage.ts"

const stormy: StageOptions = {
  behaviours: {
    throttleRate: 0.1,
    internalErrorRate: 0.1,
    contentionRate: 0.2,
    noCapacityRate: 0.1,
    sickRate: 0.1,
    deadAtBootRate: 0.1,
    reclaimsPerHour: 4,
    unwarnedRate: 0.3
  }
}
const seeds = Array.from({ length: 30 }, (_, n) => ({ seed: n + 1 }))

describe("in bad weather", () => {
  it.each(seeds)(
    "seed $seed: throttled, contended, internal errors, and a reclaim now and then: the slate is clean",
    ({ seed }) => {
      assertClean(through({ seed, ...stormy }), ["Done", "RolledBack", "Refused"], { foreign: true })
    }
  )

  it.each(seeds)("seed $seed: a bus that loses, doubles, delays and forgets: the slate is clean", ({ seed }) => {
    assertClean(through({ seed, faults: rough }), ["Done", "RolledBack"])
  })

  it.each(seeds)(
    "seed $seed: all of it, and processes that die, sleep and are told to stop: the slate is clean",
    ({ seed }) => {
      const stage = new SwapStage({ seed, ...stormy, faults: rough })
      const { sim } = stage
      for (let round = 0; round < 10; round++) {
        sim.after(sim.between(0, 600_000), () => {
          const names = [...stage.procs.keys()]
          const proc = stage.procs.get(names[Math.floor(sim.random() * names.length)] ?? "a")
          if (proc === undefined || proc.state !== "up") return
          if (sim.chance(0.4)) {
            proc.kill()
            sim.after(sim.between(1_000, 60_000), () => stage.process(`${proc.name}${round}`))
          } else if (sim.chance(0.5)) {
            proc.pause()
            sim.after(sim.between(1_000, 180_000), () => proc.resume())
          } else {
            proc.terminate()
            sim.after(sim.between(1_000, 10_000), () => stage.process(`${proc.name}${round}`))
          }
        })
      }
      stage.order()
      assertClean(stage.finish(), ["Done", "RolledBack", "Refused"], { foreign: true })
    }
  )
})

describe("in an ordinary group, even and with room", () => {
  const plain: StageOptions = {
    size: 6,
    group: { minSize: 1, desired: 6, maxSize: 8, launchHooks: 0, terminateHooks: 0, targetGroups: [], alarms: [] },
    order: { alarms: [], canary: false }
  }
  it("no knob is turned", () => {
    const stage = through(plain)
    assertClean(stage, ["Done"])
    const turned = stage.sent.filter(({ isWrite, call }) => isWrite && /setMaxSize|suspend|resume/.test(call))
    assert.deepStrictEqual(turned, [])
  })
})
