/** The chart of a swap: every step in its order, once forward and once back, with what really happened to it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { StepView } from "../../schemas/api/operations.ts"
import { Entry } from "../../schemas/saga.ts"
import { stepsOf } from "../../schemas/steps.ts"
import { journalOf, orderOf, type Turn, turnedBack, wholeJourney } from "../../test/gateway/swaps.ts"
import { type Bar, barsOf, type Call } from "./bars.ts"
import { sagaOf } from "./view.ts"

const whose = { tenant: "acme", account: "111122223333", n: 1 }
const order = orderOf(whose, "swap-1", 1)
const entriesOf = (turns: ReadonlyArray<Turn>) => journalOf(whose, order, turns)
const names = stepsOf("group-swap").map(({ step }) => step)
const charted = (turns: ReadonlyArray<Turn>, calls: ReadonlyArray<Call> = []) =>
  barsOf("group-swap", entriesOf(turns), calls)
const lines = (bars: ReadonlyArray<Bar>) => bars.map(({ step, way, status }) => `${step} ${way} ${status}`)
const callAt = (step: string, begunAt: number): Call => ({
  call: `${step}:${begunAt}`,
  action: "ec2:RunInstances",
  account: order.account,
  region: order.region,
  saga: "swap-1",
  step,
  by: "x",
  request: "r",
  begunAt,
  endedAt: begunAt + 100,
  outcome: "ok",
  code: null
})

describe("the bars of a swap", () => {
  it("that is done are all done, end to end, and only one of them could not be taken back", () => {
    const bars = charted(wholeJourney)
    assert.deepStrictEqual(
      lines(bars),
      names.map((step) => `${step} forward done`)
    )
    assert.deepStrictEqual(
      bars.filter(({ pivot }) => pivot).map(({ step }) => step),
      ["retire"]
    )
    for (const [i, bar] of bars.entries()) {
      assert.isNotNull(bar.from)
      assert.isNotNull(bar.to)
      const next = bars[i + 1]
      // verifying an outcome belongs to the step: the next one begins where it ends
      if (i > 0 && next !== undefined) assert.strictEqual(bar.to, next.from)
    }
  })

  it.prop("are there from the beginning: what has not begun waits", { until: Schema.Int }, ({ until }) => {
    const turns = wholeJourney.slice(0, 1 + (Math.abs(until) % wholeJourney.length))
    const bars = charted(turns)
    assert.deepStrictEqual(
      bars.map(({ step }) => step),
      names
    )
    const statuses = bars.map(({ status }) => status)
    assert.isAtMost(statuses.filter((status) => status === "running").length, 1)
    assert.deepStrictEqual(
      statuses,
      [...statuses].sort((a, b) => rank(a) - rank(b))
    )
  })
  const rank = (status: Bar["status"]) => ["done", "running", "waiting"].indexOf(status)

  it("that turned back failed where it did, and were taken back in the order in which they were", () => {
    const bars = charted(turnedBack)
    assert.deepStrictEqual(lines(bars).slice(0, 5), [
      "look forward done",
      "max forward undone",
      "hold forward undone",
      "launch forward failed",
      "attach forward waiting"
    ])
    assert.deepStrictEqual(lines(bars).slice(names.length), [
      "launch back undone",
      "hold back undone",
      "max back undone"
    ])
  })

  it("that is stuck ends in the step that is", () => {
    const stuck = charted([...wholeJourney.slice(0, 13), ["Stuck", "retire", { code: "TimedOut", reason: "x" }]])
    assert.strictEqual(stuck.find(({ step }) => step === "retire")?.status, "failed")
    assert.strictEqual(stuck.find(({ step }) => step === "restore")?.status, "waiting")
    const back = charted([...turnedBack.slice(0, 7), ["Stuck", "launch"]])
    assert.deepStrictEqual(lines(back).slice(names.length), ["launch back failed"])
  })

  it("that was stuck and goes on is one bar, begun once more", () => {
    const resumed = { mark: "resumed" } as const
    const stuck: ReadonlyArray<Turn> = [...wholeJourney.slice(0, 12), ["Stuck", "retire"]]
    const retire = (turns: ReadonlyArray<Turn>) =>
      charted(turns).flatMap(({ step, status, attempts, to }) => (step === "retire" ? [{ status, attempts, to }] : []))
    const again: ReadonlyArray<Turn> = [...stuck, ["Commit", "retire", resumed]]
    assert.deepStrictEqual(retire(again), [{ status: "running", attempts: 2, to: null }])
    // told to go on where nothing may begin
    assert.deepInclude(retire([...stuck, ["Stuck", "retire", resumed]])[0], { status: "failed", attempts: 1 })
    const [done] = retire([...again, ...wholeJourney.slice(12)])
    assert.deepInclude(done, { status: "done", attempts: 2 })
  })

  it("that was refused before it began failed at the look", () => {
    const bars = charted([["Refused", "look", { code: "Gone", reason: "no such instance" }]])
    assert.deepStrictEqual(lines(bars).slice(0, 2), ["look forward failed", "max forward waiting"])
  })

  it("count who did the step: beats do not, takers do", () => {
    const bars = charted([
      ...wholeJourney.slice(0, 6),
      ["Intent", "launch", { mark: "beat" }],
      ["Intent", "launch", { mark: "taken", epoch: 2 }],
      ["Outcome", "launch"]
    ])
    const launch = bars.find(({ step }) => step === "launch")
    assert.deepInclude(launch, { status: "running", attempts: 2, to: null })
  })

  it("have the calls of their own way", () => {
    const entries = entriesOf(turnedBack)
    const undoAt = entries[6]?.at ?? 0
    const bars = charted(turnedBack, [
      callAt("launch", undoAt - 1),
      callAt("launch", undoAt),
      callAt("max", undoAt - 9)
    ])
    const callsOf = (step: string, way: Bar["way"]) =>
      bars.find((bar) => bar.step === step && bar.way === way)?.calls.map(({ begunAt }) => begunAt)
    assert.deepStrictEqual(callsOf("launch", "forward"), [undoAt - 1])
    assert.deepStrictEqual(callsOf("launch", "back"), [undoAt])
    assert.deepStrictEqual(callsOf("max", "forward"), [undoAt - 9])
  })

  it.prop("can be drawn of any entries whatever", { entries: Schema.Array(Entry), saga: Schema.String }, (all) => {
    for (const saga of [all.saga, "group-swap"]) {
      const bars = barsOf(saga, all.entries, [])
      assert.isTrue(Schema.is(Schema.Array(StepView))(bars))
      assert.isAtMost(bars.filter(({ status }) => status === "running").length, 1)
    }
  })
})

describe("a swap in a list", () => {
  const viewOf = (turns: ReadonlyArray<Turn>) => {
    const entry = entriesOf(turns).at(-1)
    assert.isDefined(entry)
    return sagaOf({ seq: 1, entry, order })
  }
  it("saves what it promises while it runs, what it does when done, and nothing otherwise", () => {
    assert.deepInclude(viewOf(wholeJourney.slice(0, 8)), { status: "running", hourlySavings: 61_000 })
    const kept = { made: { launch: "i-0fedcba9876543210", kept: true } }
    assert.deepInclude(viewOf([["Done", "kept", kept]]), { status: "done", hourlySavings: 61_000, stepIndex: 10 })
    const lost = viewOf([["Done", "kept", { made: { ...kept.made, kept: false } }]])
    assert.deepInclude(lost, { status: "done", hourlySavings: 0, replacement: null, code: "ReplacementDied" })
    assert.deepInclude(viewOf(turnedBack), { status: "undone", hourlySavings: 0, stepIndex: 0, replacement: null })
  })
})
