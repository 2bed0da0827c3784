/** A saga ends clean wherever its process dies, sleeps or is told nothing. A toy is swapped, by the real runner. */
import { assert, describe, it } from "@effect/vitest"
import { assertClean, at, begin, moments, through } from "../test/sim/saga-checks.ts"
import { SagaHouse, terms } from "../test/sim/saga-house.ts"

const second = 1_000

/** How many entries, and how many effects, a run without trouble has. */
const calmly = through()
const boundaries = calmly.entries.map(({ n }) => n)

describe("in calm", () => {
  it("a saga goes through its phases, renews its lease while it waits, and says its end once", () => {
    assertClean(calmly, "Done", "calm")
    const phases = calmly.entries
      .filter(({ mark }) => mark === "move")
      .map(({ phase, step }) => `${phase} ${step}`.trim())
    assert.deepStrictEqual(
      [...new Set(phases)],
      [
        "Planned",
        ...["raise", "launch", "attach"].flatMap((step) => [`Intent ${step}`, `Outcome ${step}`]),
        "Commit retire",
        "Outcome retire",
        "Intent restore",
        "Outcome restore",
        "Done restore"
      ]
    )
    assert.isAtLeast(calmly.entries.filter(({ mark }) => mark === "beat").length, 1)
    const frozen = calmly.entries.filter(({ phase }) => phase === "Planned").map(({ made }) => made)
    assert.deepStrictEqual(frozen, [{ "~looked": true, group: { max: 4 } }], "a plan is frozen whole, once")
    assert.strictEqual(calmly.world.retired, 1)
  })

  it("an order repeated after the end is settled without any effect", () => {
    const house = through()
    const { length } = house.effects
    const stored = house.server.log.lastSeq
    house.order("s1")
    house.sim.runFor(60 * second)
    assert.strictEqual(house.effects.length, length)
    assert.strictEqual(house.server.log.lastSeq, stored + 1)
    assert.strictEqual(house.open, 0)
  })

  it("a look that refuses begins nothing, and says so once", () => {
    const house = new SagaHouse()
    for (const name of ["a", "b"]) house.process(name)
    house.order("s1", false)
    house.finish()
    assert.deepStrictEqual(
      house.entries.map(({ phase, code }) => [phase, code]),
      [["Refused", "NotWelcome"]]
    )
    assert.deepStrictEqual([house.effects, house.wrongs], [[], []])
    assert.deepStrictEqual(
      house.settled.map(({ phase }) => phase),
      ["Refused"]
    )
    assert.strictEqual(house.open, 0)
  })

  it("two runners that begin one saga at once: one wins, the other touches nothing", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const house = new SagaHouse({ seed, mode: seed % 2 === 0 ? "R3" : "R1" })
      for (const name of ["a", "b"]) house.process(name)
      house.order("s1")
      house.order("s1") // the same saga, delivered to both
      house.finish()
      assertClean(house, "Done", `seed ${seed}`)
      assert.strictEqual(new Set(house.effects.map(({ by }) => by)).size, 1, `seed ${seed}`)
    }
  })
})

describe("kill -9", () => {
  for (const ms of moments) {
    it(`${ms} ms after any entry: another process carries the saga to its end`, () => {
      for (const n of boundaries) {
        const house = at(n, ms, (_, proc) => proc.kill())
        assertClean(house, "Done", `killed ${ms} ms after entry ${n}`)
        const hasNext = n < boundaries.length
        if (hasNext) assert.strictEqual(new Set(house.entries.map(({ by }) => by)).size, 2, `entry ${n}`)
      }
    })
  }

  it("after any effect, before its answer: what was done is found, not done anew", () => {
    for (const [n] of calmly.effects.entries()) {
      const house = begin()
      let seen = 0
      house.onEffect = (_, proc) => {
        if (seen++ === n) proc.kill()
      }
      house.finish()
      assertClean(house, "Done", `killed at effect ${n}`)
      assert.strictEqual(house.world.attached.length, 1)
    }
  })

  it("of one process after the other, at every entry, leaves the last one to finish", () => {
    const names = Array.from({ length: 6 }, (_, n) => `p${n}`)
    const house = begin({}, names)
    house.onEntry = (entry, proc) => {
      const up = [...house.procs.values()].filter(({ state }) => state === "up")
      if (up.length > 1 && entry.mark === "move") house.sim.after(20, () => proc.kill())
    }
    house.finish()
    assertClean(house, "Done", "killed one by one")
    assert.isAtLeast(Math.max(...house.entries.map(({ epoch }) => epoch)), 5)
  })
})

describe("a pause longer than the lease", () => {
  const asleepMs = 4 * terms.leaseMs
  for (const ms of moments) {
    it(`${ms} ms after any entry: who wakes finds the saga taken and does nothing more`, () => {
      for (const n of boundaries) {
        const house = at(n, ms, (house, proc) => {
          proc.pause()
          house.sim.after(asleepMs, () => proc.resume())
        })
        assertClean(house, "Done", `paused ${ms} ms after entry ${n}`)
      }
    })
  }

  it("between the look at the lease and the call is what the cloud's fence is for: it refuses the call", () => {
    for (const isFenced of [true, false]) {
      let late = 0
      for (const [n] of calmly.effects.entries()) {
        const house = begin({ isFenced })
        let seen = 0
        house.onLeased = (proc) => {
          if (seen++ !== n) return
          proc.pause()
          house.sim.after(asleepMs, () => proc.resume())
        }
        house.finish()
        late += house.late
        if (isFenced) assertClean(house, "Done", `paused before call ${n}`)
        else
          assert.isTrue(
            house.wrongs.some((wrong) => wrong.includes("after the end of its lease")),
            `call ${n}`
          )
      }
      assert.strictEqual(late, isFenced ? calmly.effects.length : 0)
    }
  })
})

describe("SIGTERM", () => {
  for (const ms of moments) {
    it(`${ms} ms after any entry: the saga is let go, and the next process need not wait for the lease`, () => {
      for (const n of boundaries.slice(0, -1)) {
        let toldAt = 0
        const house = at(n, ms, (house, proc) => {
          toldAt = house.sim.now
          proc.terminate()
        })
        assertClean(house, "Done", `told to stop ${ms} ms after entry ${n}`)
        const taken = house.entries.find(({ mark }) => mark === "taken")
        if (house.entries.at(-1)?.epoch === 1) continue // it had just ended
        assert.isDefined(taken, `entry ${n}`)
        assert.isBelow(taken!.at - toldAt, 500, `entry ${n}: the successor waited`)
      }
    })
  }
})
