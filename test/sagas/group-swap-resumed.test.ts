/** A swap that got stuck, and that a person tells to go on: it ends as if it had never been stuck, or moves nothing. */
import { assert, describe, it } from "@effect/vitest"
import { home } from "../../actors/_ports/world/stage.ts"
import { TenantId } from "../../schemas/ids.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { digest } from "../builders.ts"
import { assertClean } from "./clean.ts"
import { atFirst, entriesOf, ringing, struckAt, through } from "./runs.ts"
import { alarm, SwapStage } from "./stage.ts"

const whole = through()
const back = through({}, ringing)

const bar = (stage: SwapStage) => stage.world.setAccount(home.account, { refuses: "AccessDenied" })
const unbar = (stage: SwapStage) => stage.world.setAccount(home.account, { refuses: null })

/** Nobody may act in the account from its n-th entry on, and an alarm rings where it is to turn back. */
const barredAt = (n: number, isBack: boolean) =>
  struckAt(n, (stage) => {
    if (isBack) stage.world.setAlarm(home.account, home.region, alarm, "ALARM")
    bar(stage)
  })
const ends = (stage: SwapStage) => stage.said(swapSettled).map(({ end }) => end)

describe.each([
  { way: "forward", isBack: false, calm: whole },
  { way: "back", isBack: true, calm: back }
])("stuck on its way $way", ({ isBack, calm }) => {
  it.each(entriesOf(calm))("after entry $n ($at): told to go on, it leaves nothing behind", ({ n }) => {
    const stage = barredAt(n, isBack)
    // the last steps of a swap ask nothing that could be refused
    if (stage.phase !== "Stuck") return assertClean(stage, ["Done", "RolledBack", "Refused"])
    const { code } = stage.entries.at(-1)!
    unbar(stage)
    stage.world.setAlarm(home.account, home.region, alarm, "OK")
    stage.resume()
    assertClean(stage, ["Done", "RolledBack"])
    const [first, last] = ends(stage)
    assert.strictEqual(first, "stuck", `on ${code}`)
    assert.include(["done", "undone"], last)
  })
  it("gets stuck at one entry at least, or the cases above show nothing", () => {
    const stuck = entriesOf(calm).filter(({ n }) => barredAt(n, isBack).phase === "Stuck")
    assert.isAtLeast(stuck.length, 3)
  })
})

/** Stuck past the pivot. */
const stuck = () =>
  through(
    {},
    atFirst(({ phase }) => phase === "Commit", bar)
  )

describe("told to go on", () => {
  it("too early, it is stuck again, and goes on at the next word", () => {
    const stage = stuck().resume()
    assertClean(stage, ["Stuck"], { code: "AccessDenied" })
    unbar(stage)
    assertClean(stage.resume(), ["Done"])
    assert.deepStrictEqual(ends(stage), ["stuck", "stuck", "done"])
  })

  it.each(["kill", "pause", "terminate"] as const)(
    "by a process that somebody tells to %s: another one ends it",
    (how) => {
      const stage = stuck()
      unbar(stage)
      stage.onEntry = ({ mark }, proc) => {
        if (mark === "resumed") proc[how]()
      }
      assertClean(stage.resume(), ["Done"])
    }
  )

  it("twice, it goes on once", () => {
    const stage = stuck()
    unbar(stage)
    const { at } = stage.entries.at(-1)!
    stage.resume()
    const { length } = stage.entries
    assertClean(stage.resume({ stuckAt: at }), ["Done"])
    assert.strictEqual(stage.entries.length, length)
  })

  it.each([
    ["without the seal", {}, { signature: "" }],
    ["under the seal of another word", {}, { by: "mallory" }],
    ["of another plan", { plan: digest("b") }, {}],
    ["of a swap that nobody ordered", { swap: "swap-nobody" }, {}],
    ["by another tenant, changed under the seal", {}, { tenant: TenantId.make("globex") }]
  ])("%s, nothing moves, and the word is buried", (_, change, forge) => {
    const stage = stuck()
    unbar(stage)
    const { length } = stage.writes
    stage.resume(change, forge)
    assert.deepStrictEqual([stage.phase, stage.writes.length, ends(stage)], ["Stuck", length, ["stuck"]])
    assert.strictEqual(stage.server.dead.length, 1)
  })
})
