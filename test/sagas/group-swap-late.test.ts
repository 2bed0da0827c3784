/** A stuck swap that is told to go on days later: its group's owner has acted meanwhile, and he is asked again. */
import { assert, describe, it } from "@effect/vitest"
import { home } from "../../actors/_ports/world/stage.ts"
import type { Edit } from "../../actors/_ports/world/users.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { day } from "../builders.ts"
import { assertClean } from "./clean.ts"
import { atFirst, replacementOf, ringing, through, web } from "./runs.ts"
import { alarm, type StageOptions, SwapStage, targetGroup } from "./stage.ts"

const roomy: StageOptions = { group: { minSize: 1, maxSize: 12 } }
const bar = (stage: SwapStage) => stage.world.setAccount(home.account, { refuses: "AccessDenied" })

/** Stuck at the pivot, or as it takes the replacement out again. */
const stuckAt = (way: "retire" | "attach", options: StageOptions = roomy) =>
  through(options, (stage) => {
    if (way === "retire") return atFirst(({ phase }) => phase === "Commit", bar)(stage)
    ringing(stage)
    const ring = stage.onEntry
    let isBarred = false
    stage.onEntry = (entry, proc) => {
      ring(entry, proc)
      if (isBarred || entry.phase !== "Undo" || entry.step !== "attach") return
      isBarred = true
      bar(stage)
    }
  })
const edited = (stage: SwapStage, edit: Edit, ms = day) => {
  stage.world.user(edit)
  stage.sim.runFor(ms)
  stage.world.setAlarm(home.account, home.region, alarm, "OK")
  stage.world.setAccount(home.account, { refuses: null })
  return stage.resume()
}
const otherIn = ({ before, old }: SwapStage) => before.members.find(({ id }) => id !== old)!.id
const running = ({ group }: SwapStage) => group.members.filter(({ state }) => state === "InService").length
const lastOf = (stage: SwapStage) => [stage.phase, stage.entries.at(-1)?.code]

describe.each(["retire", "attach"] as const)("stuck at %s", (way) => {
  const before = stuckAt(way).before.members.length
  it("its owner took the replacement out, desired with it: nobody else goes", () => {
    const stage = stuckAt(way)
    edited(stage, { edit: "detach", instance: replacementOf(stage), decrement: true })
    assert.strictEqual(running(stage), before)
    if (way === "retire") assert.deepStrictEqual(lastOf(stage), ["Stuck", "GroupChanged"])
  })
  it("its owner took the old one out, desired with it: the replacement stays", () => {
    const stage = stuckAt(way)
    edited(stage, { edit: "detach", instance: stage.old, decrement: true })
    assert.strictEqual(running(stage), before)
    if (way === "retire") assert.strictEqual(stage.phase, "Done", "he has done what was still to be done")
    else assert.deepStrictEqual(lastOf(stage), ["Stuck", "GroupChanged"])
  })
  it("its owner went back to as many as there had been: they stay as many", () => {
    const stage = stuckAt(way)
    edited(stage, { edit: "scale", group: web, by: -1 })
    assert.strictEqual(running(stage), before)
    assert.deepStrictEqual(lastOf(stage), ["Stuck", "GroupChanged"])
  })
  it("its owner wanted three more: he has three more", () => {
    const stage = stuckAt(way)
    edited(stage, { edit: "scale", group: web, by: 3 })
    assertClean(stage, ["Done", "RolledBack"], { foreign: true })
    assert.strictEqual(stage.group.desired, before + 3)
  })
  it("its owner took the replacement for another group: it lives on", () => {
    const stage = stuckAt(way)
    stage.world.user({ edit: "detach", instance: replacementOf(stage), decrement: true })
    const row = stage.world.ground.rows.instances.get(replacementOf(stage))!
    row.tags = { ...row.tags, "aws:autoscaling:groupName": "api" }
    edited(stage, { edit: "max-size", group: web, maxSize: 12 })
    assert.deepStrictEqual(lastOf(stage), ["Stuck", way === "retire" ? "GroupChanged" : "Adopted"])
    assert.strictEqual(row.state, "running")
  })
})

describe("stuck at the pivot, what was true before it is asked again", () => {
  it.each([
    [
      "the old one was protected",
      (stage: SwapStage): Edit => ({ edit: "protect", instance: stage.old, from: "scale-in", isOn: true }),
      "Obstacle"
    ],
    [
      "it may not be ended",
      (stage: SwapStage): Edit => ({ edit: "protect", instance: stage.old, from: "termination", isOn: true }),
      "Obstacle"
    ],
    [
      "a target is unwell",
      (stage: SwapStage): Edit => ({ edit: "target", instance: otherIn(stage), targetGroup, isHealthy: false }),
      "UnhealthyTargets"
    ]
  ] as const)("%s: it stays", (_, edit, code) => {
    const stage = stuckAt("retire")
    edited(stage, edit(stage), 1_000)
    assert.deepStrictEqual(lastOf(stage), ["Stuck", code])
    assert.isTrue(stage.group.members.some(({ id, state }) => id === stage.old && state === "InService"))
  })
  it("an alarm rings: it stays, and goes once the alarm is over", () => {
    const stage = stuckAt("retire")
    stage.world.setAlarm(home.account, home.region, alarm, "ALARM")
    stage.world.setAccount(home.account, { refuses: null })
    assert.deepStrictEqual(lastOf(stage.resume()), ["Stuck", "Alarm"])
    stage.world.setAlarm(home.account, home.region, alarm, "OK")
    assertClean(stage.resume(), ["Done"])
  })
})

it("a call that nobody heard the end of, and that came through after all, is not made good by another one", () => {
  const retire = { step: "retire", part: "do", call: "groups.retire" } as const
  const stage = through({
    ...roomy,
    breaks: [
      { ...retire, k: 1, how: "late" },
      { ...retire, k: 2, how: "refused" }
    ]
  })
  assert.deepStrictEqual(lastOf(stage), ["Stuck", "UnauthorizedOperation"])
  assertClean(stage.resume(), ["Done"])
  assert.strictEqual(running(stage), stage.before.members.length)
})

it.each(["halt", "observe"] as const)(
  "a word that comes as the account is at %s moves nothing, and can be said again",
  (how) => {
    const stage = stuckAt("retire")
    stage.world.setAccount(home.account, { refuses: null })
    if (how === "halt") stage.stop(how)
    else stage.mode(how)
    stage.sim.runFor(1_000)
    const { length } = stage.writes
    stage.resume()
    assert.deepStrictEqual([stage.phase, stage.writes.length], ["Stuck", length])
    if (how === "halt") stage.stop("run")
    else stage.mode("act")
    stage.sim.runFor(1_000)
    assertClean(stage.resume(), ["Done"])
    assert.deepStrictEqual(
      stage.said(swapSettled).map(({ end }) => end),
      ["stuck", "stuck", "done"]
    )
  }
)

it("an order that somebody forges for it afterwards does not keep it from going on", () => {
  const stage = stuckAt("retire")
  stage.order({}, { signature: "" })
  stage.sim.runFor(10_000)
  stage.world.setAccount(home.account, { refuses: null })
  stage.resume()
  assert.strictEqual(stage.phase, "Done")
})
