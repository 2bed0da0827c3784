/** Every figure of money is the ledger's own: page, chart, rows and a query of the ledger agree to the micro-dollar. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { monthStart, savedBetween, savedBy } from "../../gateway/money/saved.ts"
import { instant, microUsd } from "../../schemas/ids.ts"
import { Pool, PoolPoisoned, PoolRisk, poolPoisoned } from "../../schemas/pool.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { groupSeen } from "../../schemas/group.ts"
import { aMember, aPool, aPoolRisk, aPriced, digest, noon, region, type, zone } from "../builders.ts"
import { acme, allPages, ask, globex, ledgerSays, sayEverything } from "./reads-stage.ts"
import { book, say, stage, stated } from "./rows-stage.ts"
import { orderOf, saySettled, settledOf } from "./swaps.ts"
import { groupIn, type Whose } from "./tenants.ts"

const dayMs = 86_400_000

/** Swaps done, each saving another odd sum; one of them for nothing, as its replacement died. */
const sayDone = (whose: Whose, hourly: ReadonlyArray<number>) =>
  Effect.forEach(hourly, (usd, i) => {
    const order = orderOf(whose, `${whose.tenant}-saved-${i}`, whose.n * 100 + 10 + i, digest("c"))
    const lost = usd === 0 ? { replacement: null, code: "ReplacementDied" } : {}
    return saySettled(settledOf(order, "done", { hourlySavings: microUsd(usd), ...lost }))
  })

const savingOf = ({ at, hourlySavings }: any) => ({ at, hourly: hourlySavings })

layer(stage(), { excludeTestServices: true, timeout: 60_000 })("money over a real ledger", (it) => {
  let now = 0
  it.effect("swaps are done and booked", () =>
    Effect.gen(function* () {
      yield* sayEverything
      yield* sayDone(acme, [0.012345, 0.000001, 0, 1.999999])
      yield* sayDone(globex, [5, 0.777777])
      yield* book
      assert.strictEqual(yield* ledgerSays("SELECT count() FROM savings FINAL"), 8)
    })
  )

  it.effect("page, rows, chart and a query of the ledger agree at any moment of this month and the next two", () =>
    Effect.gen(function* () {
      const rows = yield* allPages("listLedger", acme, {}, 2)
      const savings = rows.map(savingOf)
      assert.lengthOf(rows, 5)
      const started = Math.min(...savings.map(({ at }) => at))
      for (const days of [0.013, 3.7, 33.33, 61]) {
        now = Math.floor(started + days * dayMs)
        const summary = yield* ask("getSummary", acme, { now })
        const { totals } = yield* ask("listLedger", acme, { now })
        const { points, split } = yield* ask("getSavings", acme, { now, query: { from: "now-90d", step: "day" } })
        const sum = (of: string) => points.reduce((total: number, point: any) => total + point[of], 0)
        const [from, before] = [monthStart(now), monthStart(now, -1)]
        assert.strictEqual(summary.savedThisMonth.now, savedBetween(savings, from, now))
        const isKnown = started < from
        assert.strictEqual(summary.savedThisMonth.lastMonth, isKnown ? savedBetween(savings, before, from) : null)
        assert.strictEqual(totals.saved, savedBy(savings, now))
        assert.strictEqual(sum("saved"), totals.saved)
        assert.deepStrictEqual(split, [{ cause: "spot", saved: totals.saved }])
        const hourly = yield* ledgerSays("SELECT sum(hourlySavings) FROM savings FINAL WHERE tenant = 'acme'")
        assert.strictEqual(totals.hourlySavings, hourly)
        assert.strictEqual(summary.savingsRate, hourly * 730)
        assert.strictEqual(points.at(-1).rate, hourly * 730)
        const asked = yield* ledgerSays(
          `SELECT toInt64(intDiv(sum(toInt128(hourlySavings) * (${now} - toUnixTimestamp64Milli(at))), 3600000))
           FROM savings FINAL WHERE tenant = 'acme'`
        )
        assert.strictEqual(totals.saved, asked)
        // each promised 0.061 an hour, whatever it came to
        const promised = rows.map(({ at }) => ({ at, hourly: 61_000 }))
        assert.strictEqual(sum("predicted"), savedBy(promised, now))
        assert.strictEqual(sum("swaps"), rows.length)
      }
    })
  )

  it.effect("what is narrowed to a region, an account or words is the sum of what matches", () =>
    Effect.gen(function* () {
      const total = (query: Readonly<Record<string, string>>) =>
        Effect.map(ask("listLedger", acme, { now, query }), ({ totals }) => totals.swaps)
      assert.strictEqual(yield* total({ region }), 5)
      assert.strictEqual(yield* total({ region: "eu-west-1" }), 0)
      assert.strictEqual(yield* total({ account: acme.account }), 5)
      assert.strictEqual(yield* total({ account: globex.account }), 0)
      assert.strictEqual(yield* total({ q: "SAVED-1" }), 1)
      assert.strictEqual(yield* total({ q: "saved %_'" }), 0)
      const elsewhere = yield* ask("getSummary", acme, { now, query: { region: "eu-west-1" } })
      assert.deepInclude(elsewhere, { savingsRate: 0, groups: 0, spotInstances: 0, onDemandShare: null })
    })
  )

  it.effect("as of a sequence the figures are those of then", () =>
    Effect.gen(function* () {
      const rows = yield* allPages("listLedger", acme, {}, 500)
      for (const [i, row] of rows.entries()) {
        const { totals } = yield* ask("listLedger", acme, { query: { at: String(row.seq) } })
        assert.strictEqual(totals.swaps, rows.length - i)
        assert.strictEqual(totals.saved, savedBy(rows.slice(i).map(savingOf), row.at))
        const summary = yield* ask("getSummary", acme, { query: { at: String(row.seq) } })
        assert.strictEqual(summary.asOf, row.seq)
      }
    })
  )

  it.effect("the page counts what stands, what ended and what waits", () =>
    Effect.gen(function* () {
      const summary = yield* ask("getSummary", acme)
      assert.deepInclude(summary, {
        label: savingsLabel,
        accounts: 1,
        groups: 1,
        spotInstances: 2,
        onDemandInstances: 10,
        approvalsWaiting: 1,
        interruptions24h: 1,
        spotWarnings24h: 1,
        // five done, one turned back, one stuck
        successRate: 5 / 7
      })
      assert.isNotNull(summary.oldestApprovalAt)
      // a member on Spot in a pool that is quarantined from now on costs what that pool costs
      const pool = new Pool({ ...aPool(), zone: zone(3), instanceType: type("m5.large") })
      const until = instant(Date.now() + dayMs)
      const hit = { witness: "globex", instance: "i-0aaaaaaaaaaaaaaaa", at: noon }
      const risk = aPoolRisk({ priced: aPriced({ pool }), gate: { _tag: "poisoned", until }, hits: [hit] })
      yield* say(poolPoisoned, new PoolPoisoned({ pool, until, hit }), stated(risk, PoolRisk))
      const lost = aMember(77, { zone: pool.zone, instanceType: pool.instanceType, lifecycle: "spot" })
      yield* say(groupSeen, groupIn(acme, "web", { members: [...groupIn(acme, "web").members, lost] }))
      yield* Effect.sleep("300 millis")
      assert.strictEqual((yield* ask("getSummary", acme)).uncoveredPerHour, 35_000)
      const kinds = (yield* ask("listAttention", acme)).items.map(({ kind }: { kind: string }) => kind)
      assert.includeMembers(kinds, ["approval", "poisoned-exposure", "unswept", "interruption"])
      const later = yield* ask("listAttention", acme, { now: Date.now() + 121_000 })
      assert.notInclude(JSON.stringify(later), `"interruption"`)
    })
  )

  it.effect("every tenant's sum is the super administrator's to see, and adds up to the ledger", () =>
    Effect.gen(function* () {
      const { tenants } = yield* ask("getAdminSavings", acme)
      assert.deepStrictEqual(
        tenants.map(({ tenant }: { tenant: string }) => tenant),
        ["globex", "acme"]
      )
      const sum = tenants.reduce((total: number, one: any) => total + one.hourlySavings, 0)
      assert.strictEqual(sum, yield* ledgerSays("SELECT sum(hourlySavings) FROM savings FINAL"))
    })
  )

  it.effect("the proof holds; and names the swap whose row is not what its end says, and what is booked twice", () =>
    Effect.gen(function* () {
      const good = yield* ask("verifyLedger", acme)
      assert.deepInclude(good, { ok: true, missing: 0, duplicates: 0, swapsSettledDone: 5, savingsRows: 5 })
      const [row] = yield* allPages("listLedger", acme, {}, 1)
      const { monthlySavings: _, ...rest } = row
      yield* Warehouse.use((store) =>
        store.insert("savings", [{ ...rest, hourlySavings: row.hourlySavings + 1 }], null)
      )
      const bad = yield* ask("verifyLedger", acme)
      assert.isFalse(bad.ok)
      assert.deepStrictEqual(
        bad.mismatches.map((text: string) => text.slice(0, row.swap.length)),
        [row.swap]
      )
      assert.isTrue((yield* ask("verifyLedger", globex)).ok)
      const invented = { ...rest, seq: 2, swap: "acme-invented" }
      yield* Warehouse.use((store) => store.insert("savings", [rest, invented], null))
      assert.match((yield* ask("verifyLedger", acme)).mismatches.join(), /^acme-invented: its end says nothing/)
      const [event] = yield* Warehouse.use((store) =>
        store.query("SELECT * REPLACE (toUnixTimestamp64Milli(at) AS at) FROM events WHERE seq = 3")
      )
      yield* Warehouse.use((store) => store.insert("events", [event ?? {}], null))
      const twice = yield* ask("verifyLedger", globex)
      assert.deepInclude(twice, { ok: false, duplicates: 1, missing: 0, mismatches: [] })
    })
  )
})
