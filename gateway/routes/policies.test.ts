/** A policy is replaced as a whole, by whoever read what stands; a stop reaches every account that is meant. */
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { hour, later, noon } from "../../test/builders.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import { ask, book, callerOf, head, refusal, saidAfter, saidAt, stage } from "../../test/gateway/rows-stage.ts"
import { connect, type Whose } from "../../test/gateway/tenants.ts"
import { putPolicy } from "../../schemas/api/approvals.ts"
import { productPolicy, setPolicy, setStop } from "../../schemas/policy.ts"

const set: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const unset: Whose = { tenant: "acme", account: "222233334444", n: 2 }
const eve = callerOf("acme")
const because = "as agreed on Monday"
let turn = 0
/** Each test an hour after the one before: what that one wished is no longer under way. */
const world = Effect.gen(function* () {
  yield* TestClock.setTime(later(noon, turn++ * hour))
  yield* connect(set)
  yield* connect(unset)
  yield* sayDesk(set)
  yield* book
})

layer(stage())("policies", (it) => {
  it.effect("a policy tells who set it, and the product's own where nobody did", () =>
    Effect.gen(function* () {
      yield* world
      const { json } = yield* ask("listPolicies", eve)
      const [first, second] = json.items
      assert.deepInclude(first, { by: "owner of acme", at: noon, stop: "pause", stopBecause: "a release goes out" })
      assert.deepInclude(second, { by: null, at: null, stop: "run", stopBy: null })
      assert.deepStrictEqual([first.policy.version, second.policy.version], [3, 0])
      assert.strictEqual((yield* ask("getPolicy", eve, { params: { account: unset.account } })).etag, "0")
    })
  )

  it.effect("an edit of what was read becomes the next version, and says what it changes", () =>
    Effect.gen(function* () {
      yield* world
      const params = { account: set.account }
      const { json: read, etag = "" } = yield* ask("getPolicy", eve, { params })
      const { version: _, ...policy } = read.policy
      const edit = { ...policy, bakeMs: 120_000 }
      const body = { policy: edit, because }
      const before = yield* head
      const dry = yield* ask("setPolicy", eve, { params, query: { dryRun: "true" }, body, ifMatch: etag })
      assert.deepStrictEqual(dry.json.changes, ["bakeMs: 60000 -> 120000"])
      assert.strictEqual(yield* head, before)
      const same = yield* ask("setPolicy", eve, { params, body: { policy, because }, ifMatch: etag })
      assert.deepStrictEqual([same.json.changes, same.json.version, yield* head], [[], 3, before])
      const { json } = yield* ask("setPolicy", eve, { params, body, ifMatch: etag })
      assert.strictEqual(json.version, 4)
      const wish = yield* saidAt(setPolicy, before + 1)
      assert.deepStrictEqual(
        [wish.policy.version, wish.policy.bakeMs, wish.by, wish.because],
        [4, 120_000, eve.name, because]
      )
      const stale = yield* refusal(ask("setPolicy", eve, { params, body, ifMatch: "2" }))
      // the wish is on its way to the desk: who edits now begins with it
      assert.deepStrictEqual([stale.status, stale.currentVersion], [412, "4"])
      assert.strictEqual((yield* refusal(ask("setPolicy", eve, { params, body }))).status, 428)
    })
  )

  it.effect("taken back, the product's own holds as the next version", () =>
    Effect.gen(function* () {
      yield* world
      const params = { account: set.account }
      const before = yield* head
      const none = yield* refusal(ask("resetPolicy", eve, { params, body: { because } }))
      assert.deepStrictEqual([none.status, yield* head], [428, before])
      const { json } = yield* ask("resetPolicy", eve, { params, body: { because }, ifMatch: "3" })
      assert.deepStrictEqual([json.version, json.changes.length > 0], [4, true])
      const { policy } = yield* saidAt(setPolicy, before + 1)
      assert.deepStrictEqual({ ...policy }, { ...productPolicy, version: 4 })
    })
  )

  it.effect("floors looser than the product's are refused one by one, and nothing is ordered", () =>
    Effect.gen(function* () {
      yield* world
      const params = { account: set.account }
      const { json: read, etag = "" } = yield* ask("getPolicy", eve, { params })
      const { version: _, ...policy } = read.policy
      const floors = { ...policy.floors, scoreMin: 0.5, poolShareMax: 0.4 }
      const before = yield* head
      const no = yield* refusal(
        ask("setPolicy", eve, { params, body: { policy: { ...policy, floors }, because }, ifMatch: etag })
      )
      assert.strictEqual(no.status, 422)
      assert.sameMembers(
        (no.errors ?? []).map(({ path }) => path),
        ["policy.floors.scoreMin", "policy.floors.poolShareMax"]
      )
      assert.strictEqual(yield* head, before)
    })
  )

  it.effect("the schema is one that editors can use: it takes what the API takes", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("getPolicySchema", eve)
      assert.strictEqual(json.type, "object")
      const fields = Object.keys(putPolicy.body.fields.policy.fields)
      assert.sameMembers(Object.keys(json.properties), fields)
      assert.sameMembers(
        json.required,
        fields.filter((field) => field !== "excludedInstances")
      )
      assert.isTrue(Schema.is(Schema.Record(Schema.String, Schema.Unknown))(json))
    })
  )

  it.effect("stop reaches every account of the tenant at once, or the one that is named", () =>
    Effect.gen(function* () {
      yield* world
      const before = yield* head
      const { json } = yield* ask("setStop", eve, { body: { stop: "halt", because }, now: noon })
      const stored = yield* saidAfter(before)
      const stops = yield* Effect.forEach(stored, ({ seq }) => saidAt(setStop, seq))
      assert.sameMembers(
        stops.map((stop): string => stop.account),
        [set.account, unset.account]
      )
      assert.deepStrictEqual(
        json.commands.map(({ seq }: { seq: number }) => seq),
        stored.map(({ seq }) => seq)
      )
      const one = yield* ask("setStop", eve, { body: { account: set.account, stop: "run", because }, now: noon })
      assert.lengthOf(one.json.commands, 1)
    })
  )
})
