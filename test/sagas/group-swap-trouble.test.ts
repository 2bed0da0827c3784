/** A group swap in a world that lives on: Spot is taken, owners change their minds, answers get lost. */
import { assert, describe, it } from "@effect/vitest"
import { ownTags } from "../../actors/_ports/ec2.ts"
import { home } from "../../actors/_ports/world/stage.ts"
import type { Entry } from "../../schemas/saga.ts"
import { minute } from "../builders.ts"
import { assertClean } from "./clean.ts"
import { atFirst, endingsAt, entriesOf, replacementOf, settledAs, struckAt, through, web } from "./runs.ts"
import { alarm, type StageOptions, SwapStage, targetGroup } from "./stage.ts"

/** When something happens, as the journal tells it: at that entry, or so many milliseconds after it. */
interface When {
  readonly name: string
  readonly is: (entry: Entry) => boolean
  readonly ms: number
}
const when = (name: string, phase: Entry["phase"], step: string, ms: number): When => ({
  name,
  is: (entry) => entry.phase === phase && entry.step === step,
  ms
})
const moments = {
  booting: when("while the replacement boots", "Outcome", "launch", 5_000),
  checked: when("while its status checks run", "Outcome", "launch", 45_000),
  joining: when("as it is attached", "Outcome", "attach", 500),
  baking: when("while it bakes", "Outcome", "bake", 20_000),
  committed: when("between Commit and the call that retires", "Commit", "retire", 0),
  retired: when("once the old one retires", "Outcome", "retire", 0),
  going: when("while the old one shuts down", "Outcome", "gone", 10_000)
} as const

/** One swap in which something happens once, at that moment. */
const meeting = (moment: When, act: (stage: SwapStage) => void, options: StageOptions = {}) =>
  through(
    options,
    atFirst(moment.is, (stage) => void stage.sim.after(moment.ms, () => act(stage)))
  )
const knobsOf = ({ minSize, desired, maxSize, suspended }: SwapStage["group"]) => ({
  minSize,
  desired,
  maxSize,
  suspended
})
const beforePivot = [moments.booting, moments.checked, moments.joining, moments.baking]
const afterPivot = [moments.committed, moments.retired, moments.going]

describe("the replacement is taken by AWS", () => {
  for (const isWarned of [true, false]) {
    const how = isWarned ? "with two minutes' notice" : "without notice"
    it.each(beforePivot)(`$name, ${how}: the group is whole again, and the swap RolledBack or Done`, (moment) => {
      const stage = meeting(moment, (stage) => assert.isTrue(stage.world.reclaim(replacementOf(stage), isWarned)))
      assertClean(stage, isWarned ? ["RolledBack", "Done"] : ["RolledBack"], { foreign: true })
    })
    it.each(afterPivot)(`$name, ${how}: the swap is Done, saves nothing, and the group is whole again`, (moment) => {
      const stage = meeting(moment, (stage) => assert.isTrue(stage.world.reclaim(replacementOf(stage), isWarned)))
      assertClean(stage, ["Done"], { foreign: true })
    })
  }
  it("as its process dies, having attached it unheard: desired is as before", () => {
    const crash = { step: "attach", part: "do", call: "groups.attach", k: 1, how: "crash-after" } as const
    const stage = through({ breaks: [crash] }, (stage) => {
      stage.onSent = ({ step, call }) => {
        if (step === "attach" && call === "groups.attach")
          stage.sim.after(500, () => stage.world.reclaim(replacementOf(stage), false))
      }
    })
    assertClean(stage, ["RolledBack"], { foreign: true })
  })
  it("and the group does not notice for ten minutes: the old one stays until somebody else serves", () => {
    const stage = meeting(moments.baking, (stage) => stage.world.reclaim(replacementOf(stage), false), {
      behaviours: { reconcileMs: 10 * minute },
      group: { targetGroups: [] }
    })
    assertClean(stage, ["Done"], { foreign: true })
    assert.isAtLeast(stage.servingMin, stage.before.members.length)
  })
  it("as an alarm rings: what is dying already needs no retiring", () => {
    const stage = meeting(moments.baking, (stage) => {
      stage.world.setAlarm(home.account, home.region, alarm, "ALARM")
      stage.world.reclaim(replacementOf(stage), false)
    })
    assertClean(stage, ["RolledBack"], { foreign: true })
  })
  it("while the whole house sleeps for two hours: it wakes and turns back", () => {
    const stage = meeting(moments.baking, (stage) => {
      for (const proc of stage.procs.values()) {
        proc.pause()
        stage.sim.after(120 * minute, () => proc.resume())
      }
      stage.world.reclaim(replacementOf(stage), false)
    })
    assertClean(stage, ["RolledBack"], { foreign: true })
  })
})

describe("an owner", () => {
  it.each([...beforePivot, moments.committed])(
    "ends the old instance $name: the group is as large as he wants it",
    (moment) => {
      const stage = meeting(moment, (stage) => stage.world.user({ edit: "terminate", instance: stage.old }))
      assertClean(stage, moment === moments.committed ? ["Done"] : ["RolledBack"], { foreign: true })
    }
  )
  for (const decrement of [true, false]) {
    const how = decrement ? "and one fewer is wanted" : "and another takes its place"
    const roomy = { group: { minSize: 1 } }
    it.each([...beforePivot, moments.committed])(
      `takes the old instance out of the group $name, ${how}: no more is left than he wants`,
      (moment) => {
        const stage = meeting(
          moment,
          (stage) => stage.world.user({ edit: "detach", instance: stage.old, decrement }),
          roomy
        )
        assertClean(stage, moment === moments.committed ? ["Done"] : ["RolledBack"], { foreign: true })
      }
    )
  }
  it.each([moments.joining, moments.baking])(
    "takes the replacement out of the group $name: it is ended, as it is ours, and the group is whole",
    (moment) => {
      const stage = meeting(moment, (stage) =>
        stage.world.user({ edit: "detach", instance: replacementOf(stage), decrement: false })
      )
      assertClean(stage, ["RolledBack"], { foreign: true })
    }
  )
  it.each([moments.joining, moments.baking])(
    "takes the replacement out of the group $name, and desired back: it is ended, and nothing else is touched",
    (moment) => {
      const stage = meeting(moment, (stage) => {
        stage.world.user({ edit: "detach", instance: replacementOf(stage), decrement: true })
      })
      assert.deepStrictEqual(settledAs(stage), ["undone ReplacementDied"])
      assert.deepStrictEqual(
        stage.group.members.map(({ id }) => id),
        stage.before.members.map(({ id }) => id)
      )
      assert.deepStrictEqual(knobsOf(stage.group), knobsOf(stage.before))
    }
  )
  it("takes our tag off the replacement, and the account is halted: it is found by its name, and ended", () => {
    const stage = meeting(moments.checked, (stage) => {
      stage.world.user({ edit: "untag", instance: replacementOf(stage), tag: ownTags.saga })
      stage.stop("halt")
    })
    assertClean(stage, ["RolledBack"], { code: "Halted" })
  })
  it("takes the replacement out of the group once the old one is gone: it is his, and saves us nothing", () => {
    const stage = meeting(moments.going, (stage) => {
      stage.world.user({ edit: "detach", instance: replacementOf(stage), decrement: false })
    })
    assert.deepStrictEqual(settledAs(stage), ["done ReplacementDied"])
    assert.deepStrictEqual(knobsOf(stage.group), knobsOf(stage.before))
  })
  it.each(beforePivot)(
    "takes the right to act away $name: the swap is Stuck, says so, and still serves enough",
    (moment) => {
      const stage = meeting(moment, (stage) => stage.world.setAccount(home.account, { refuses: "AccessDenied" }))
      assertClean(stage, ["Stuck"], { code: "AccessDenied" })
      assert.isAtLeast(stage.servingMin, stage.before.members.length)
    }
  )
  it.each([...beforePivot, ...afterPivot])("raises MaxSize $name: it stays as he wants it", (moment) => {
    const stage = meeting(moment, (stage) => stage.world.user({ edit: "max-size", group: web, maxSize: 12 }))
    assertClean(stage, ["Done"], { foreign: true })
    assert.strictEqual(stage.group.maxSize, 12)
  })
  it.each([...beforePivot, ...afterPivot])("wants two more $name: he has two more", (moment) => {
    const stage = meeting(moment, (stage) => stage.world.user({ edit: "scale", group: web, by: 2 }), {
      group: { maxSize: 12 }
    })
    assertClean(stage, ["Done", "RolledBack"], { foreign: true })
    assert.strictEqual(stage.group.desired, 9)
  })
  it.each([...beforePivot, ...afterPivot])("wants two fewer $name: he has two fewer", (moment) => {
    const stage = meeting(moment, (stage) => stage.world.user({ edit: "scale", group: web, by: -2 }), {
      group: { minSize: 1, maxSize: 12 }
    })
    assertClean(stage, ["Done", "RolledBack"], { foreign: true })
    assert.strictEqual(stage.group.desired, 5)
  })
  it.each([...beforePivot, ...afterPivot])("deletes the group $name: nothing of ours is left running", (moment) => {
    const stage = meeting(moment, (stage) => stage.world.user({ edit: "delete-group", group: web }))
    assertClean(stage, ["Done", "RolledBack"], { foreign: true })
    assert.strictEqual(stage.replacements.filter(({ state }) => state === "running").length, 0)
  })
  it("scales out into the room that we made: MaxSize stays raised, as he needs it now", () => {
    const stage = meeting(moments.booting, (stage) => stage.world.user({ edit: "scale", group: web, by: 1 }))
    assert.deepStrictEqual(settledAs(stage), ["undone ValidationError"])
    assert.deepStrictEqual([stage.group.desired, stage.group.maxSize, stage.group.members.length], [8, 8, 8])
    assert.deepStrictEqual(stage.group.suspended, [])
  })
  it("suspends Launch meanwhile: he finds it suspended, and AZRebalance as it was", () => {
    const stage = meeting(moments.baking, (stage) =>
      stage.world.user({ edit: "suspend", group: web, process: "Launch" })
    )
    assertClean(stage, ["Done"], { foreign: true })
    assert.deepStrictEqual(stage.group.suspended, ["Launch"])
  })
  it("begins an instance refresh before the order: nothing is begun", () => {
    const stage = through({}, (stage) => stage.world.user({ edit: "refreshing", group: web, isOn: true }))
    assertClean(stage, ["Refused"], { code: "Obstacle" })
  })
})

describe("the users of the group are unwell", () => {
  it("an alarm rings in the bake: it is undone, and says which", () => {
    const stage = meeting(moments.baking, (stage) => stage.world.setAlarm(home.account, home.region, alarm, "ALARM"))
    assertClean(stage, ["RolledBack"], { code: "Alarm" })
  })
  it("an alarm that was named is not there: it is undone, as nobody would tell us", () => {
    assertClean(through({ order: { alarms: [alarm, "no-such"] } }), ["RolledBack"], { code: "AlarmMissing" })
  })
  it("the replacement's target turns bad in the bake: it is undone", () => {
    const stage = meeting(moments.baking, (stage) =>
      stage.world.user({ edit: "target", instance: replacementOf(stage), targetGroup, isHealthy: false })
    )
    assertClean(stage, ["RolledBack"], { foreign: true })
  })
  it("another target is bad in the bake: it is undone", () => {
    const stage = meeting(moments.baking, (stage) => {
      const other = stage.before.members.find(({ id }) => id !== stage.old)
      stage.world.user({ edit: "target", instance: other!.id, targetGroup, isHealthy: false })
    })
    assertClean(stage, ["RolledBack"], { foreign: true, code: "UnhealthyTargets" })
  })
  it("an order that is no canary does not wait for the bake, yet an alarm undoes it as well", () => {
    const quick = through({ order: { canary: false } })
    assertClean(quick, ["Done"])
    const ringing = through({ order: { canary: false } }, (stage) =>
      stage.world.setAlarm(home.account, home.region, alarm, "ALARM")
    )
    assertClean(ringing, ["RolledBack"], { code: "Alarm" })
  })
})

describe("the launch", () => {
  const { zone, instanceType } = { zone: "use1-az1", instanceType: "m6i.large" } as const
  it.each([
    "InsufficientInstanceCapacity",
    "UnfulfillableCapacity",
    "MaxSpotInstanceCountExceeded",
    "SpotMaxPriceTooLow"
  ])("finds %s: it is undone at once, with that code", (code) => {
    const stage = through({}, (stage) => stage.world.refusePool(zone as never, instanceType as never, code))
    assertClean(stage, ["RolledBack"], { code })
    const { startedAt = 0, at = 0 } = stage.entries.at(-1) ?? {}
    assert.isBelow(at - startedAt, 10_000)
  })
  it("is answered, and invisible for thirty seconds: it is waited for", () => {
    assertClean(through({ behaviours: { lagMs: [30_000, 30_000] } }), ["Done"])
  })
  const unheard = { step: "launch", part: "do", call: "ec2.launchSpot", k: 1, how: "unanswered" } as const
  it("is never answered and taken meanwhile: its token is used up, and the swap undone", () => {
    const stage = through({ breaks: [unheard] }, (stage) => {
      stage.onEntry = ({ phase, step }) => {
        if (phase === "Intent" && step === "launch")
          stage.sim.after(5_000, () => stage.world.reclaim(replacementOf(stage), false))
      }
    })
    assertClean(stage, ["RolledBack"], { code: "IdempotentInstanceTerminated" })
  })
  for (const how of ["unanswered", "failed-after", "refused-after", "crash-after", "pause-after", "late"] as const) {
    it(`had its effect, was ${how} and is invisible as the account is halted: it does not leak`, () => {
      const stage = through({ breaks: [{ ...unheard, how }], behaviours: { lagMs: [30_000, 30_000] } }, (stage) => {
        stage.onSent = ({ step, call }) => {
          if (step === "launch" && call === "ec2.launchSpot") stage.sim.after(100, () => stage.stop("halt"))
        }
      })
      assertClean(stage, ["RolledBack"])
      assert.strictEqual(stage.replacements.length, 1)
    })
  }
  it("is never answered for all of its time: it is undone", () => {
    assertClean(through({ breaks: [{ ...unheard, times: 1_000 }] }), ["RolledBack"])
    assertClean(through({ breaks: [{ ...unheard, how: "lost", times: 1_000 }] }), ["RolledBack"], {
      code: "CloudOptim.NoAnswer"
    })
  })
  it("gives a machine that never passes its checks: it is undone", () => {
    assertClean(through({ behaviours: { sickRate: 1 } }), ["RolledBack"], { code: "StillNot" })
  })
  it("gives a machine that is dead before it boots: it is undone", () => {
    assertClean(through({ behaviours: { deadAtBootRate: 1 } }), ["RolledBack"], { code: "ReplacementDied" })
  })
})

describe("the stop switch", () => {
  const calm = through()
  it.each(entriesOf(calm))(
    "thrown at entry $n ($at): before Commit the swap is undone, from there on it is Done",
    ({ n }) => {
      const stage = struckAt(n, (stage) => stage.stop("halt"))
      assertClean(stage, endingsAt(calm, n))
      if (stage.phase === "RolledBack") assert.strictEqual(stage.entries.at(-1)?.code, "Halted")
    }
  )
  it("thrown before the order: nothing is changed", () => {
    const stage = through({}, (stage) => stage.stop("halt"))
    assertClean(stage, ["RolledBack"], { code: "Halted" })
    assert.strictEqual(stage.writes.length, 0)
  })
  it("at pause stops what is released later, not what is under way", () => {
    assertClean(
      meeting(moments.baking, (stage) => stage.stop("pause")),
      ["Done"]
    )
  })
})
