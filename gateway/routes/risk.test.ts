/** Pools by what they are worth to the caller, how they went, and what the enforcer said of his proposals. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { aPool, aPoolRisk, aPriced, day, hour, later, noon, type, zone } from "../../test/builders.ts"
import { ask, book, callerOf, head, refusal, saidAt, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import { connect, sayAlone, sayPending, type Whose } from "../../test/gateway/tenants.ts"
import { instant } from "../../schemas/ids.ts"
import {
  clearPool,
  Pool,
  PoolCleared,
  poolCleared,
  PoolHeld,
  poolHeld,
  PoolHerdMoved,
  poolHerdMoved,
  poolPriced,
  PoolRisk,
  quarantinePool
} from "../../schemas/pool.ts"
import { span } from "../shown/phrase.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme")
const keysOf = (query: Readonly<Record<string, string>>) =>
  Effect.map(ask("listPools", eve, { query }), ({ json }) => json.items.map(({ key }: { key: string }) => key))

/** A pool that nobody of the tenant runs in or was offered, and that several tenants lost instances in. */
const risky = new Pool({ ...aPool(), zone: zone(4), instanceType: type("c5.large") })
const sayRisky = Effect.gen(function* () {
  const until = later(noon, day)
  const herd = { _tag: "RISKY", until } as const
  const hits = ["a", "b", "c"].map((name) => ({ witness: `secret-${name}`, instance: `i-0${name}`, at: noon }))
  const state = aPoolRisk({ pool: risky, priced: aPriced({ pool: risky }), herd, hits, interruptionCount: 3 })
  const moved = { pool: risky, herd, witnesses: hits.map(({ witness }) => witness), at: noon }
  yield* say(poolHerdMoved, new PoolHerdMoved(moved), stated(state, PoolRisk))
})

const world = Effect.gen(function* () {
  yield* TestClock.setTime(noon)
  yield* sayMarket("secret-d")
  yield* sayRisky
  yield* connect(whose)
  yield* sayPending(whose)
  yield* sayAlone(whose)
  yield* book
})

layer(stage())("risk", (it) => {
  it.effect("pools are found by state, place, family and whether they concern the caller", () =>
    Effect.gen(function* () {
      yield* world
      assert.lengthOf(yield* keysOf({}), 7)
      assert.deepStrictEqual(yield* keysOf({ state: "poisoned" }), ["use1-az3_m5_large_linux"])
      assert.deepStrictEqual(yield* keysOf({ state: "risky" }), ["use1-az4_c5_large_linux"])
      assert.lengthOf(yield* keysOf({ state: "open" }), 6)
      assert.lengthOf(yield* keysOf({ family: "m5" }), 3)
      assert.lengthOf(yield* keysOf({ zone: "use1-az1" }), 2)
      assert.lengthOf(yield* keysOf({ region: "eu-west-1" }), 0)
      const mine: ReadonlyArray<string> = yield* keysOf({ mine: "true" })
      assert.notInclude(mine, "use1-az4_c5_large_linux")
      assert.lengthOf(mine, 6)
      yield* TestClock.setTime(later(noon, 16 * day))
      assert.deepStrictEqual([yield* keysOf({ state: "poisoned" }), yield* keysOf({ state: "risky" })], [[], []])
      yield* TestClock.setTime(noon)
    })
  )

  it.effect("a pool counts what the caller runs in it, and whoever else lost something without a name", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("getPool", eve, { params: { key: "use1-az4_c5_large_linux" } })
      assert.deepInclude(json, { interruptionCount: 3, distinctWitnesses: 3, ours: 0, lastInterruptionAt: noon })
      assert.notInclude(JSON.stringify(json), "secret")
      const { json: ours } = yield* ask("listPools", eve, { query: { family: "m6i" } })
      assert.strictEqual(
        ours.items.reduce((sum: number, pool: { ours: number }) => sum + pool.ours, 0),
        2
      )
      assert.strictEqual((yield* refusal(ask("getPool", eve, { params: { key: "use1-az9_x_y_linux" } }))).status, 404)
    })
  )

  it.effect("a pool's history is told oldest first, in words and figures, and ends at the asked moment", () =>
    Effect.gen(function* () {
      const params = { key: "use1-az3_m5_large_linux" }
      const { json } = yield* ask("getPoolHistory", eve, { params })
      const points: ReadonlyArray<{ seq: number; says: string; gate: string | null }> = json.points
      assert.deepStrictEqual(
        points.map(({ gate }) => gate),
        [null, "open", "poisoned"]
      )
      assert.match(points.at(-1)?.says ?? "", /^quarantined until 2026-01-30/)
      assert.notInclude(JSON.stringify(json), "secret")
      const then = yield* ask("getPoolHistory", eve, { params, query: { at: String((points[2]?.seq ?? 0) - 1) } })
      assert.lengthOf(then.json.points, 2)
      const dearer = aPriced({ pool: new Pool({ ...aPool(), zone: zone(3), instanceType: type("m5.large") }) })
      yield* say(poolPriced, dearer)
      yield* book
      const later = yield* ask("getPoolHistory", eve, { params })
      assert.deepInclude(later.json.points[3], { spotPerHour: 35_000, onDemandPerHour: 96_000 })
    })
  )

  it.effect("validations of the last day are counted, and listed newest first with what each found wrong", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("getSafetyStatus", eve)
      assert.deepInclude(json, {
        validations: 2,
        approved: 1,
        rejected: 1,
        violations: 1,
        poisonedPools: 1,
        riskyPools: 1
      })
      assert.deepStrictEqual(json.byType, [{ type: "az_distribution", count: 1 }])
      const { json: all } = yield* ask("listViolations", eve)
      assert.deepStrictEqual(
        all.items.map(({ action, because }: { action: string; because: string | null }) => [action, because]),
        [
          ["rejected", "unsafe"],
          ["approved", null]
        ]
      )
      const first = yield* ask("listViolations", eve, { query: { limit: "1" } })
      const second = yield* ask("listViolations", eve, { query: { limit: "1", cursor: first.json.nextCursor } })
      assert.deepStrictEqual([...first.json.items, ...second.json.items], all.items)
      assert.isNull(second.json.nextCursor)
      assert.lengthOf((yield* ask("listViolations", eve, { query: { q: "ZONES stale" } })).json.items, 1)
      assert.lengthOf((yield* ask("listViolations", eve, { query: { q: "' OR 1=1 --" } })).json.items, 0)
      for (const q of ["\\", "\\'", "'", '"', "\t\n", "{", "%", "[']", "\u0000x", "ü€😀"]) {
        assert.lengthOf((yield* ask("listViolations", eve, { query: { q: `zz${q}` } })).json.items, 0, q)
        assert.lengthOf(
          (yield* ask("listApprovals", eve, { query: { q: `zz${q}`, status: "closed" } })).json.items,
          0,
          q
        )
      }
      assert.lengthOf((yield* ask("listViolations", eve, { query: { action: "approved" } })).json.items, 1)
      yield* TestClock.setTime(later(noon, day + hour))
      assert.strictEqual((yield* ask("getSafetyStatus", eve)).json.validations, 0)
    })
  )

  const root = callerOf("acme", { superAdmin: true, name: "root@acme.example" })
  const because = "the zone was flooded"

  it.effect("a quarantine and a clearing become orders to the risk manager, with who gave them and why", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      const key = "use1-az1_m5_large_linux"
      const until = later(noon, 7 * day)
      const { json } = yield* ask("quarantinePool", root, { params: { key }, body: { until, because } })
      const seq = yield* head
      assert.deepStrictEqual([json.seq, json.location], [seq, `/api/v1/commands/${seq}`])
      const held = yield* saidAt(quarantinePool, seq)
      assert.deepStrictEqual([held.tenant, held.until, held.because, held.by], [root.tenant, until, because, root.name])
      assert.strictEqual(quarantinePool.about(held), key)
      yield* ask("clearPool", root, { params: { key: "use1-az3_m5_large_linux" }, body: { because } })
      const cleared = yield* saidAt(clearPool, yield* head)
      assert.deepStrictEqual([cleared.tenant, cleared.because, cleared.by], [root.tenant, because, root.name])
      assert.strictEqual(clearPool.about(cleared), "use1-az3_m5_large_linux")
    })
  )

  it.effect("what cannot be meant is refused with a sentence, and nothing is ordered", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      const before = yield* head
      const params = { key: "use1-az1_m5_large_linux" }
      const shut = (until: number) => refusal(ask("quarantinePool", root, { params, body: { until, because } }))
      const past = yield* shut(noon)
      assert.deepStrictEqual([past.status, past.errors?.map(({ path }) => path)], [422, ["until"]])
      const far = yield* shut(later(noon, 90 * day) + 1)
      assert.include(far.detail, span(90 * day))
      const open = yield* refusal(ask("clearPool", root, { params, body: { because } }))
      assert.strictEqual(open.status, 409)
      const nowhere = { params: { key: "use1-az9_x_y_linux" } }
      const body = { until: later(noon, day), because }
      assert.strictEqual((yield* refusal(ask("quarantinePool", root, { ...nowhere, body }))).status, 404)
      assert.strictEqual((yield* refusal(ask("clearPool", root, { ...nowhere, body: { because } }))).status, 404)
      assert.strictEqual(yield* head, before)
    })
  )

  it.effect("a hold is shown to everybody with its end and its reason until it ends, and never whose it is", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      const key = "use1-az2_m5_large_linux"
      const pool = new Pool({ ...aPool(), zone: zone(2), instanceType: type("m5.large") })
      const until = later(noon, day)
      const word = { because, by: "root@acme.example", seq: 1, at: instant(noon) }
      const gate = { _tag: "poisoned", until } as const
      const risk = aPoolRisk({ pool, priced: aPriced({ pool }), gate, held: { until, ...word } })
      yield* say(poolHeld, new PoolHeld({ pool, until, ...word }), stated(risk, PoolRisk))
      yield* book
      const stranger = callerOf("globex")
      const { json } = yield* ask("getPool", stranger, { params: { key } })
      assert.deepInclude(json, { held: { until, because }, isOpen: false })
      assert.include(yield* keysOf({ state: "poisoned" }), key)
      const { json: history } = yield* ask("getPoolHistory", stranger, { params: { key } })
      assert.match(history.points.at(-1)?.says, /^held by a person until 2026-01-16 .*: the zone was flooded$/)
      assert.notInclude(JSON.stringify([json, history]), "root@acme.example")
      yield* TestClock.setTime(until)
      assert.deepInclude((yield* ask("getPool", stranger, { params: { key } })).json, { held: null, isOpen: true })
      const cleared = aPoolRisk({ pool, priced: aPriced({ pool }), cleared: word })
      yield* say(poolCleared, new PoolCleared({ pool, ...word }), stated(cleared, PoolRisk))
      yield* book
      const then = yield* ask("getPoolHistory", stranger, { params: { key } })
      assert.deepInclude(then.json.points.at(-1), { says: "cleared by a person: the zone was flooded", gate: "open" })
      yield* TestClock.setTime(noon)
    })
  )
})
