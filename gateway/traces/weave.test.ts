/** A trace is woven in the log's order, each message under what it came from, and never longer than it may be. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { EventView, Hop } from "../../schemas/api/operations.ts"
import type { Shown } from "../shown/shown.ts"
import { hopsMax, woven } from "./weave.ts"

const viewOf = (seq: number, over: Partial<Shown> = {}): Shown => ({
  seq,
  at: seq * 100,
  kind: "fact",
  account: "111122223333",
  owner: "executor",
  name: "call-begun",
  about: "x",
  says: "It is so.",
  severity: "info",
  correlation: null,
  cause: null,
  body: null,
  ...over
})
const said = (views: ReadonlyArray<Shown>) =>
  woven(views).hops.map(({ event, depth, waitedMs }) => [event.seq, depth, waitedMs])

describe("a trace", () => {
  it("stands under its causes, and says how long each waited", () => {
    const chain = [viewOf(1), viewOf(2, { cause: 1 }), viewOf(5, { cause: 2 }), viewOf(6, { cause: 2 })]
    assert.deepStrictEqual(said([...chain].reverse()), [
      [1, 0, null],
      [2, 1, 100],
      [5, 2, 300],
      [6, 2, 400]
    ])
  })

  it("puts what an executor wrote under the order, of which only the first waited for it", () => {
    const order = viewOf(2, { name: "swap-ordered", kind: "order", correlation: "s", cause: 1 })
    const written = [viewOf(3, { correlation: "s", kind: "journal" }), viewOf(4, { correlation: "s" })]
    assert.deepStrictEqual(said([viewOf(1), order, ...written]), [
      [1, 0, null],
      [2, 1, 100],
      [3, 2, 100],
      [4, 2, null]
    ])
  })

  it("leaves what came from elsewhere on top", () => {
    assert.deepStrictEqual(said([viewOf(7, { cause: 3 })]), [[7, 0, null]])
  })

  it("is cut off at its newest end, and says so", () => {
    const views = Array.from({ length: hopsMax + 3 }, (_, i) => viewOf(i + 1, { cause: i }))
    const { hops, isCutOff } = woven(views)
    assert.lengthOf(hops, hopsMax)
    assert.strictEqual(hops[0]?.event.seq, 1)
    assert.isTrue(isCutOff)
    assert.isFalse(woven(views.slice(0, hopsMax)).isCutOff)
  })

  it.prop(
    "holds every message once, in order, whatever their causes are",
    { views: Schema.Array(EventView) },
    ({ views }) => {
      const { hops } = woven([...views, ...views])
      assert.isTrue(Schema.is(Schema.Array(Hop))(hops))
      const seqs = hops.map(({ event }) => event.seq + 0)
      assert.deepStrictEqual(
        seqs,
        [...new Set(views.map(({ seq }) => seq + 0))].sort((a, b) => a - b)
      )
      for (const { depth, waitedMs } of hops) {
        assert.isAtLeast(depth, 0)
        if (waitedMs !== null) assert.isAtLeast(waitedMs, 0)
      }
    }
  )
})
