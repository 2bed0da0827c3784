/** Discovery needs no call more than AWS's pages do, and the count that says so would notice one. */
import { assert, it } from "@effect/vitest"
import { discoverFleet, leastCalls, leastFirstCalls } from "./discover.ts"
import { benchDiscover, quickSizes } from "./sweeps.ts"
import { isFailed } from "./report.ts"

it("the fewest calls are the pages of each API, and one for what is empty", () => {
  const none = { groups: 0, instances: 0, subnets: 0, templates: 0 }
  assert.strictEqual(leastCalls(none), 2)
  assert.strictEqual(leastCalls({ ...none, groups: 101, instances: 2_000 }), 2 + 2)
  // identity, groups, instances, subnets; each group's hooks and refreshes; each template
  assert.strictEqual(leastFirstCalls({ groups: 3, instances: 9, subnets: 3, templates: 2 }), 4 + 6 + 2)
})

it("sweeps of fleets of several sizes stay within 1.02 of the fewest, by API", async () => {
  const rows = await benchDiscover(quickSizes, () => {})
  assert.isEmpty(rows.filter(isFailed))
  assert.isAtLeast(rows.filter(({ kind }) => kind === "count").length, 4)
})

it("the same fleet costs the same calls again, each counted by its API", async () => {
  const { next, again } = await discoverFleet({ accounts: 2, groups: 101, members: 3 })
  assert.deepStrictEqual(next.calls, { groups: 4, instances: 2 })
  assert.deepStrictEqual(again.calls, next.calls)
})
