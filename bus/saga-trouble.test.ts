/** In trouble a saga goes back before the pivot and forward after it, or stops and says so; and every guard counts. */
import { assert, describe, it } from "@effect/vitest"
import { assertClean, at, begin, moments, through } from "../test/sim/saga-checks.ts"
import { type Break, SagaHouse, terms } from "../test/sim/saga-house.ts"

const calmly = through()
const boundaries = calmly.entries.map(({ n }) => n)
const commitAt = calmly.entries.find(({ committed }) => committed)!.n

const broken = (call: string, how: Break["how"], times: number, house = begin()) => {
  house.breaks = [{ call, how, times }]
  return house
}
const finished = (house: SagaHouse) => {
  house.finish()
  return house
}

describe("a call that goes wrong", () => {
  const before = ["toy:SetMax", "toy:Launch", "toy:Attach"]

  for (const how of ["before", "after"] as const) {
    it(`for good, ${how} its effect and before the pivot: the saga goes back, and nothing is left of it`, () => {
      for (const call of before) assertClean(finished(broken(call, how, 1)), "RolledBack", `${call} ${how}`)
    })
  }

  it("in silence, having had its effect: it is asked again and done once", () => {
    for (const call of [...before, "toy:Retire"]) {
      for (const times of [1, 3]) assertClean(finished(broken(call, "silence", times)), "Done", `${call} ${times}`)
    }
  })

  it("in silence for all of its step's time: before the pivot the saga goes back, past it it stops", () => {
    const silent = (call: string) => finished(broken(call, "silence", 1_000))
    assertClean(silent("toy:Launch"), "RolledBack", "launch")
    const stuck = silent("toy:Retire")
    const end = stuck.entries.at(-1)!
    assert.deepStrictEqual([stuck.wrongs, end.phase, end.step, end.code], [[], "Stuck", "retire", "NoAnswer"])
    assert.isAtLeast(end.at - end.stepAt, 30_000)
    assert.isAbove(stuck.world.retired, 5)
  })

  it("for good past the pivot: it never goes back, it is stuck, says so once and why, and is settled", () => {
    for (const [call, step, skip] of [
      ["toy:Retire", "retire", 0],
      ["toy:SetMax", "restore", 1]
    ] as const) {
      const house = begin()
      house.onEffect = () => {
        const left = house.effects.filter((effect) => effect.call === call).length
        if (left >= skip) house.breaks = [{ call, how: "before", times: 1_000 }]
      }
      if (skip === 0) house.breaks = [{ call, how: "before", times: 1_000 }]
      house.finish()
      assert.deepStrictEqual(house.wrongs, [])
      const end = house.entries.at(-1)!
      assert.deepStrictEqual([end.phase, end.step, end.code, end.way], ["Stuck", step, "Broken", "forward"])
      assert.deepStrictEqual(
        house.settled.map(({ phase }) => phase),
        ["Stuck"]
      )
      assert.strictEqual(house.open, 0)
    }
  })

  it("on the way back: it is stuck, and tells of both reasons", () => {
    const house = begin()
    house.breaks = [
      { call: "toy:Attach", how: "before", times: 1 },
      { call: "toy:Terminate", how: "before", times: 1 }
    ]
    house.finish()
    assert.deepStrictEqual(house.wrongs, [])
    const end = house.entries.at(-1)!
    assert.deepStrictEqual([end.phase, end.step, end.way], ["Stuck", "launch", "back"])
    assert.match(end.reason ?? "", /Broken.*turning back because.*Broken/)
  })
})

describe("told to go on", () => {
  /** Stuck: past the pivot, or on the way back. */
  const stuck = (way: "forward" | "back", house = begin()) => {
    house.breaks =
      way === "forward"
        ? [{ call: "toy:Retire", how: "before", times: 1 }]
        : [
            { call: "toy:Attach", how: "before", times: 1 },
            { call: "toy:Terminate", how: "before", times: 1 }
          ]
    house.finish()
    assert.strictEqual(house.phase, "Stuck")
    return house
  }
  const resumed = (house: SagaHouse, what: string, expected: "Done" | "RolledBack") => {
    house.resume("s1")
    house.finish()
    const ends = house.settled.map(({ phase }) => phase)
    assert.deepStrictEqual([house.wrongs, house.phase, ends], [[], expected, ["Stuck", expected]], what)
    const done = ["s1 runs", "s1 is attached", "the old machine is gone"]
    assert.deepStrictEqual(house.world.traces, expected === "Done" ? done : [], what)
  }

  it("a stuck saga ends as if it had never been stuck, its reasons with it", () => {
    const forward = stuck("forward")
    resumed(forward, "forward", "Done")
    assert.deepStrictEqual([forward.entries.at(-1)?.code, forward.entries.at(-1)?.reason], [null, null])
    assert.strictEqual(forward.world.retired, 1)
    const back = stuck("back")
    resumed(back, "back", "RolledBack")
    // why it turned back, not what it got stuck on
    assert.strictEqual(back.entries.at(-1)?.code, "Broken")
  })

  it("a saga may get stuck again, and go on again", () => {
    const house = stuck("forward")
    house.breaks = [{ call: "toy:Retire", how: "before", times: 1 }]
    house.resume("s1")
    house.finish()
    assert.deepStrictEqual([house.wrongs, house.phase], [[], "Stuck"])
    house.resume("s1")
    house.finish()
    assert.deepStrictEqual([house.wrongs, house.phase, house.settled.length], [[], "Done", 3])
  })

  it("what has ended otherwise, and what was never begun, does not go on", () => {
    const house = through()
    const { length } = house.entries
    house.resume("s1")
    house.finish()
    assert.deepStrictEqual([house.wrongs, house.entries.length, house.open], [[], length, 0])
  })

  it("a word from before it got stuck, and one about an earlier time, are old news", () => {
    const early = begin()
    early.breaks = [{ call: "toy:Retire", how: "before", times: 1 }]
    early.resume("s1")
    early.finish()
    assert.deepStrictEqual([early.wrongs, early.phase, early.settled.length], [[], "Stuck", 1])
    const again = stuck("forward")
    const first = again.entries.at(-1)!.at
    again.breaks = [{ call: "toy:Retire", how: "before", times: 1 }]
    for (const _ of [1, 2]) {
      again.resume("s1", first)
      again.finish()
      assert.deepStrictEqual([again.wrongs, again.phase, again.settled.length], [[], "Stuck", 2])
    }
  })

  for (const way of ["forward", "back"] as const) {
    it(`a saga survives kill, pause and SIGTERM after any entry, ${way}`, () => {
      for (const n of [1, 2, 3, 4, 5]) {
        for (const how of ["kill", "pause", "terminate"] as const) {
          const house = stuck(way)
          const last = house.entries.length
          house.onEntry = (entry, proc) => {
            if (entry.n !== last + n) return
            house.onEntry = () => {}
            proc[how]()
            if (how === "pause") house.sim.after(4 * terms.leaseMs, () => proc.resume())
          }
          resumed(house, `${how} at ${n} entries after`, way === "forward" ? "Done" : "RolledBack")
        }
      }
    })
  }
})

it("what a step noted before it acted outlives whoever noted it", () => {
  const house = begin()
  house.onEffect = (_, proc) => {
    house.onEffect = () => {}
    proc.kill() // the maximum is raised, and nobody alive has seen it as it was
  }
  assertClean(finished(house), "Done", "killed after the first effect")
  assert.deepStrictEqual(house.entries.at(-1)?.made["~max"], house.world.maxBefore)
  assert.deepStrictEqual(house.entries.at(-1)?.made["raise"], house.world.maxBefore + 1)
})

describe("the way back", () => {
  const back = () => broken("toy:Attach", "before", 1_000)
  const calmBack = finished(back())
  const ofBack = calmBack.entries.map(({ n }) => n)

  for (const ms of moments) {
    it(`survives kill, pause and SIGTERM ${ms} ms after any of its entries`, () => {
      for (const n of ofBack) {
        for (const how of ["kill", "pause", "terminate"] as const) {
          const house = at(
            n,
            ms,
            (house, proc) => {
              proc[how]()
              if (how === "pause") house.sim.after(4 * terms.leaseMs, () => proc.resume())
            },
            back()
          )
          assertClean(house, "RolledBack", `${how} ${ms} ms after entry ${n}`)
        }
      }
    })
  }

  it("does no harm when an undo has had its effect and nobody heard of it", () => {
    for (const [n] of calmBack.effects.entries()) {
      const house = back()
      let seen = 0
      house.onEffect = (_, proc) => {
        if (seen++ === n) proc.kill()
      }
      assertClean(finished(house), "RolledBack", `killed at effect ${n}`)
    }
  })
})

describe("a word to stop", () => {
  it("turns the saga back wherever it is before the pivot, and is not heard past it", () => {
    for (const n of boundaries) {
      for (const ms of moments) {
        let isHalted = false
        const house = at(
          n,
          ms,
          () => {
            isHalted = true
          },
          begin({ halted: () => (isHalted ? "the account is halted" : undefined) })
        )
        assertClean(house, "either", `halted ${ms} ms after entry ${n}`)
        if (n >= commitAt) assert.strictEqual(house.phase, "Done", `entry ${n}`)
        if (n < commitAt - 1) assert.strictEqual(house.phase, "RolledBack", `entry ${n}`)
        if (house.phase === "RolledBack") assert.strictEqual(house.entries.at(-1)?.code, "Halted")
      }
    }
  })

  it("cuts short what is being waited for", () => {
    let haltedAt = Number.POSITIVE_INFINITY
    const house = begin({ halted: () => (haltedAt < Number.POSITIVE_INFINITY ? "halted" : undefined) })
    house.onEntry = ({ phase, step }) => {
      if (phase === "Outcome" && step === "launch" && house.sim.now < haltedAt) haltedAt = house.sim.now
    }
    assertClean(finished(house), "RolledBack", "halted while the machine boots")
    assert.isBelow(house.entries.at(-1)!.at - haltedAt, 2_000)
  })

  it("spoken before the beginning begins nothing", () => {
    const house = finished(begin({ halted: () => "the account is halted" }))
    assertClean(house, "RolledBack", "halted")
    assert.deepStrictEqual(house.effects, [])
  })
})

describe("a bus that loses words", () => {
  const weather = { lostReply: 0.2, lostRequest: 0.2, duplicate: 0.1, lostAck: 0.1 }
  for (const mode of ["R1", "R3"] as const) {
    it(`${mode}: no entry is written twice, whatever was lost of its append or its answer`, () => {
      for (let seed = 1; seed <= 15; seed++) {
        const house = begin({ seed, mode, faults: { ...weather, inFlight: 0.1, conflict: 0.1 }, busLoss: 0.05 })
        assertClean(finished(house), "either", `seed ${seed}`)
      }
    })
  }

  it("costs a holder time and never the saga, as long as the lease lasts", () => {
    const weathers = [{ lostReply: 0.3 }, { lostRequest: 0.3 }, { inFlight: 0.3 }, { conflict: 0.3 }]
    for (const faults of weathers) {
      for (let seed = 1; seed <= 5; seed++) {
        const patient = { terms: { leaseMs: 60_000 } } as const
        const house = finished(begin({ seed, mode: "R3", faults, ...patient }))
        assert.strictEqual(house.entries.at(-1)?.epoch, 1, `${Object.keys(faults)[0]} seed ${seed}`)
        assertClean(house, "either", `${Object.keys(faults)[0]} seed ${seed}`)
      }
    }
  })

  it("with clocks apart, killed and paused at random, on a cloud that loses answers: clean in 60 histories", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const house = new SagaHouse({ seed, mode: seed % 2 ? "R1" : "R3", cloudWire: { min: 1, max: 400, lose: 0.1 } })
      const { sim } = house
      const names = ["a", "b", "c"]
      for (const [n, name] of names.entries()) house.process(name, (n - 1) * 200)
      house.order("s1")
      for (let round = 0; round < 12; round++) {
        sim.after(sim.between(0, 60_000), () => {
          const proc = house.procs.get(names[Math.floor(sim.random() * 3)]!)!
          if (sim.chance(0.5)) proc.terminate()
          else proc.pause()
          sim.after(sim.between(500, 12_000), () => (proc.state === "dead" ? house.process(proc.name) : proc.resume()))
        })
      }
      assertClean(finished(house), "either", `seed ${seed}`)
    }
  })
})

/** Every entry and every call is a place to sleep; what is found wrong over all of them. */
const wrongsOf = (options: ConstructorParameters<typeof SagaHouse>[0]) => {
  const wrongs: Array<string> = []
  for (const n of boundaries) {
    for (const ms of moments) {
      const house = begin({ seed: n, ...options })
      house.order("s1")
      const asleep = at(
        n,
        ms,
        (house, proc) => {
          proc.pause()
          house.sim.after(1.7 * terms.leaseMs, () => proc.resume())
        },
        house
      )
      wrongs.push(...asleep.wrongs)
    }
  }
  return wrongs
}

describe("without one of its guards the protocol is seen to break", () => {
  it("with all of them it is not", () => {
    assert.deepStrictEqual(wrongsOf({}), [])
  })

  it("the condition on the journal's last entry: without it the journal forks", () => {
    const forgetful = wrongsOf({
      tamper: (bus) => ({
        ...bus,
        append: (drafts) => bus.append(drafts.map(({ subject, data }) => ({ subject, data })))
      })
    })
    assert.isTrue(forgetful.some((wrong) => wrong.startsWith("journal fork")))
  })

  it("the lease that outlasts a call: without it calls are begun that no lease covers", () => {
    const hasty = wrongsOf({
      terms: { callTimeoutMs: -terms.leaseMs, skewMs: terms.skewMs + terms.callTimeoutMs + terms.leaseMs }
    })
    assert.isTrue(hasty.some((wrong) => wrong.includes("without lease for it")))
  })

  it("the wait for another holder's claim: without it a saga is taken while its holder may act", () => {
    const greedy = wrongsOf({ terms: { skewMs: -1_000_000 } })
    assert.isTrue(greedy.some((wrong) => wrong.startsWith("stolen lease")))
  })
})
