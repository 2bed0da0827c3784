/** Muting over real HTTP: for one's own team, for a while, on record, and by nobody who may not. */
import { assert, layer } from "@effect/vitest"
import { Effect, References } from "effect"
import { TestClock } from "effect/testing"
import { Bus } from "../../bus/bus.ts"
import type { Caller } from "../caller.ts"
import { openGateway } from "../gateway.ts"
import { Vault, VaultDown } from "../identity/vault.ts"
import { forWhom } from "../shown/shown.ts"
import { Desk, StopSet, stopSet } from "../../schemas/approval.ts"
import type { Instant } from "../../schemas/ids.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { matches } from "../../schemas/message.ts"
import { day, hour, later, noon, zone } from "../../test/builders.ts"
import { quietTerms } from "../../test/gateway/quiet.ts"
import { acme, ask as question, globex, routes, sayEverything } from "../../test/gateway/reads-stage.ts"
import { book, callerOf, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { deskOf, of, openOf, planOf, type Whose } from "../../test/gateway/tenants.ts"

const callers: Readonly<Record<string, Caller>> = {
  eve: callerOf("acme", { role: "operator" }),
  adam: callerOf("acme", { role: "owner", id: "u_0000000000000002", name: "adam@example.com" }),
  vic: callerOf("acme", { role: "viewer" }),
  gil: callerOf("globex", { role: "owner", name: "gil@example.com" }),
  reader: callerOf("acme", { kind: "key", scopes: ["read"] }),
  robot: callerOf("acme", { kind: "key", scopes: ["operate"], name: "key robot" })
}
const nameIn = (authorization: string | undefined) => authorization?.replace("Bearer ", "") ?? ""

/** A gateway over what the stage has; asks it as somebody. */
const opened = Effect.gen(function* () {
  const port = yield* openGateway({
    ...quietTerms,
    limitScale: 1_000,
    natives: [],
    routes,
    identify: ({ authorization }) => Effect.succeed(callers[nameIn(authorization)])
  })
  return (who: string, call: string, body?: unknown) =>
    Effect.promise(async () => {
      const [method = "GET", path = ""] = call.split(" ")
      const headers = { authorization: `Bearer ${who}`, "content-type": "application/json" }
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/attention${path}`, init)
      return { status: answer.status, json: await (answer.json() as Promise<any>) }
    })
})
const muteOf = (id: string) => `/${encodeURIComponent(id)}/mute`

/** What the log was told of mutes, in words. */
const record = Effect.map(Effect.orDie(Bus.use((bus) => bus.scan(0, 2_000))), (all) =>
  all
    .filter(({ subject }) => matches(identityChanged.filter, subject))
    .map((one) => forWhom(one).view.says)
    .filter((says) => says.includes("among what needs attention"))
)

/** A swap's id with every sign in it that an address would take for its own. */
const odd = "swap:a/b c%2F?#"

/** The account is stopped, since then, and one of its swaps is stuck. */
const sayStopped = (whose: Whose, stopAt: Instant) => {
  const inFlight = [{ swap: odd, zone: zone(1), alone: false, stuck: true }]
  const plan = openOf(planOf(whose, "web", 1), { status: "open", approvedBy: "eve", inFlight })
  const word = { stop: "pause", by: `owner of ${whose.tenant}`, because: "a release goes out", at: stopAt } as const
  const desk = deskOf(whose, [plan], { stop: "pause", stopAt })
  return say(stopSet, new StopSet({ ...of(whose), ...word }), stated(desk, Desk))
}

const itemOf = (json: any, id: string) => json.items.find((item: any) => item.id === id)

layer(stage())("muting", (it) => {
  const at = later(noon, day)
  const stopped = `stopped:${acme.account}`

  it.effect("a row is muted by one for all of the team, sorts last, and tells by whom and until when", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* sayEverything
      for (const whose of [acme, globex]) yield* sayStopped(whose, noon)
      yield* book
      yield* TestClock.setTime(at)
      const ask = yield* opened
      const before = (yield* ask("vic", "GET ")).json.items
      assert.isAbove(before.length, 2)
      assert.isTrue(before.every((item: any) => item.muted === null))
      const said = yield* record
      const { status, json } = yield* ask("eve", `PUT ${muteOf(stopped)}`, { hours: 1 })
      assert.deepStrictEqual([status, json], [200, { id: stopped, by: "eve@example.com", until: at + hour }])
      const { items } = (yield* ask("vic", "GET ")).json
      assert.deepStrictEqual(items.at(-1), {
        ...itemOf({ items: before }, stopped),
        muted: { by: json.by, until: json.until }
      })
      assert.lengthOf(items, before.length)
      assert.deepStrictEqual((yield* record).slice(said.length), [
        `${stopped} is muted among what needs attention, by eve@example.com: for 1 hour, until 2026-01-16 01:00 UTC: ` +
          `${items.at(-1).title}.`
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("the same asked again is the same mute and nothing new is written; another span replaces it", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const said = (yield* record).length
      yield* TestClock.setTime(at + hour / 2)
      const again = yield* ask("adam", `PUT ${muteOf(stopped)}`, { hours: 1 })
      assert.deepInclude(again.json, { by: "eve@example.com", until: at + hour })
      assert.lengthOf(yield* record, said)
      const longer = yield* ask("adam", `PUT ${muteOf(stopped)}`, {})
      assert.deepInclude(longer.json, { by: "adam@example.com", until: at + hour / 2 + 8 * hour })
      assert.lengthOf(yield* record, said + 1)
    }).pipe(Effect.scoped)
  )

  it.effect("it speaks again when its time is over, to the millisecond", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const until = at + hour / 2 + 8 * hour
      yield* TestClock.setTime(until - 1)
      assert.isNotNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
      yield* TestClock.setTime(until)
      assert.isNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
      yield* TestClock.setTime(at)
    }).pipe(Effect.scoped)
  )

  it.effect("of an earlier moment nothing is muted", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const live = (yield* ask("eve", "GET ")).json
      assert.isNotNull(itemOf(live, stopped).muted)
      yield* book
      const then = (yield* ask("eve", `GET ?at=${live.asOf}`)).json
      assert.isNull(itemOf(then, stopped).muted)
    }).pipe(Effect.scoped)
  )

  it.effect("nobody mutes another tenant's row, and nobody's mute is heard there", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const theirs = `stopped:${globex.account}`
      assert.strictEqual((yield* ask("eve", `PUT ${muteOf(theirs)}`, {})).status, 404)
      assert.strictEqual((yield* ask("gil", `DELETE ${muteOf(stopped)}`)).status, 404)
      assert.isNotNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
      const { items } = (yield* ask("gil", "GET ")).json
      assert.isNull(itemOf({ items }, theirs).muted)
      assert.notInclude(JSON.stringify(items), "eve@example.com")
    }).pipe(Effect.scoped)
  )

  it.effect("a viewer and a key to read may not; a key to operate may, and is named", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      for (const who of ["vic", "reader"])
        for (const call of ["PUT", "DELETE"])
          assert.strictEqual(
            (yield* ask(who, `${call} ${muteOf(stopped)}`, call === "PUT" ? {} : undefined)).status,
            403,
            who
          )
      assert.strictEqual((yield* ask("robot", `PUT ${muteOf(stopped)}`, { hours: 24 })).json.by, "key robot")
      for (const hours of [0, 2, 25, "8", null])
        assert.strictEqual((yield* ask("eve", `PUT ${muteOf(stopped)}`, { hours })).status, 400, String(hours))
    }).pipe(Effect.scoped)
  )

  it.effect("it is let speak again, once; whoever asks again is told the same, and nothing more is written", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const said = (yield* record).length
      for (const who of ["eve", "adam"]) {
        const { status, json } = yield* ask(who, `DELETE ${muteOf(stopped)}`)
        assert.deepStrictEqual([status, json], [200, { id: stopped }])
      }
      assert.isNull(itemOf((yield* ask("vic", "GET ")).json, stopped).muted)
      const news = (yield* record).slice(said)
      assert.lengthOf(news, 1)
      assert.include(news[0], "speaks again among what needs attention, by eve@example.com: muted by key robot until")
    }).pipe(Effect.scoped)
  )

  it.effect("what is not there is 404, and what is over in two minutes cannot be muted, which is said", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      for (const call of ["PUT", "DELETE"]) {
        const body = call === "PUT" ? {} : undefined
        assert.strictEqual((yield* ask("eve", `${call} ${muteOf("stopped:none")}`, body)).status, 404)
      }
      yield* TestClock.setTime(noon + 1_000)
      const { items } = (yield* ask("eve", "GET ")).json
      const taken = items.find((item: any) => item.kind === "interruption")
      const no = yield* ask("eve", `PUT ${muteOf(taken.id)}`, {})
      assert.strictEqual(no.status, 422)
      assert.include(no.json.detail, "within two minutes")
      yield* TestClock.setTime(at)
    }).pipe(Effect.scoped)
  )

  it.effect("a row of any name can be muted, and its name comes back as it is", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      const id = `stuck:${odd}`
      assert.deepInclude((yield* ask("eve", `PUT ${muteOf(id)}`, {})).json, { id, until: at + 8 * hour })
      assert.isNotNull(itemOf((yield* ask("eve", "GET ")).json, id).muted)
      assert.deepStrictEqual((yield* ask("eve", `DELETE ${muteOf(id)}`)).json, { id })
      assert.isNull(itemOf((yield* ask("eve", "GET ")).json, id).muted)
    }).pipe(Effect.scoped)
  )

  it.effect("what went away and came back speaks, and can be muted anew", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      yield* ask("eve", `PUT ${muteOf(stopped)}`, { hours: 24 })
      yield* TestClock.setTime(at + hour)
      yield* sayStopped(acme, later(noon, day + hour))
      assert.isNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
      const said = (yield* record).length
      const { json } = yield* ask("eve", `PUT ${muteOf(stopped)}`, { hours: 24 })
      assert.strictEqual(json.until, at + hour + day)
      assert.lengthOf(yield* record, said + 1)
      assert.isNotNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
    }).pipe(Effect.scoped)
  )

  it.effect("a vault that fails hides nothing, whenever it fails, and no list fails with it", () =>
    Effect.gen(function* () {
      const ask = yield* opened
      yield* ask("eve", `PUT ${muteOf(stopped)}`, {})
      const vault = yield* Vault
      const down = { ...vault, get: () => Effect.fail(new VaultDown({ op: "get", cause: "gone" })) }
      const said = (yield* record).length
      const asking = { params: { id: stopped }, body: {}, now: at }
      const { items } = yield* question("listAttention", acme, { now: at }).pipe(Effect.provideService(Vault, down))
      assert.isNull(itemOf({ items }, stopped).muted)
      const no = yield* Effect.flip(Effect.provideService(question("muteAttention", acme, asking), Vault, down))
      assert.strictEqual(no.status, 503)
      assert.lengthOf(yield* record, said)
      // it ends between the record and the silence: what is written down is more than what is hidden
      yield* ask("eve", `DELETE ${muteOf(stopped)}`)
      const shut = { ...vault, put: () => Effect.fail(new VaultDown({ op: "put", cause: "gone" })) }
      const half = yield* Effect.flip(Effect.provideService(question("muteAttention", acme, asking), Vault, shut))
      assert.strictEqual(half.status, 503)
      assert.include((yield* record).at(-1), "is muted among what needs attention")
      assert.isNull(itemOf((yield* ask("eve", "GET ")).json, stopped).muted)
    }).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
