/** The door over real HTTP: what is let in, how it is answered, and what bad input gets. */
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, References, Schema } from "effect"
import { endpoint } from "../schemas/api/endpoint.ts"
import { Problem } from "../schemas/api/page.ts"
import { TenantId } from "../schemas/ids.ts"
import { Bus } from "../bus/bus.ts"
import { Warehouse } from "../actors/_ports/warehouse.ts"
import type { Caller } from "./caller.ts"
import { listen } from "./listen.live.ts"
import { openGateway } from "./gateway.ts"
import { Vault, VaultMoved } from "./identity/vault.ts"
import { openApi } from "./openapi.ts"
import { badRequest, unauthenticated } from "./refused.ts"
import { Answer, route } from "./route.ts"
import { Rows } from "./rows.ts"

const Body = Schema.Struct({ amount: Schema.Int, why: Schema.optionalKey(Schema.String) })
const base = { tag: "test", summary: "For this test.", access: "viewer", scope: "read", rate: "read" } as const
const item = Schema.Struct({ id: Schema.String.check(Schema.isMaxLength(20)) })
const getThing = endpoint({
  ...base,
  name: "getThing",
  method: "GET",
  path: "/api/v1/things/{id}",
  params: item,
  reply: item
})
const postThing = endpoint({
  ...base,
  name: "postThing",
  method: "POST",
  path: "/api/v1/things",
  access: "operator",
  rate: "command",
  body: Body,
  reply: Schema.Struct({ count: Schema.Int }),
  status: 202
})
const putThing = endpoint({
  ...base,
  name: "putThing",
  method: "PUT",
  path: "/api/v1/things/{id}",
  params: item,
  body: Body,
  reply: item,
  ifMatch: true
})
const getEdited = endpoint({ ...base, name: "getEdited", method: "GET", path: "/api/v1/edited", reply: item })
const breaks = endpoint({ ...base, name: "breaks", method: "GET", path: "/api/v1/breaks", reply: item })

const someone: Caller = {
  kind: "user",
  id: "u_1",
  tenant: TenantId.make("acme"),
  name: "a@b.example",
  role: "operator",
  scopes: [],
  superAdmin: false,
  until: 9e15
}

/** A vault as a map: what the receipts need of one. */
const vault = () => {
  const kept = new Map<string, { value: unknown; revision: number }>()
  let revision = 0
  return Layer.succeed(Vault)({
    get: (key) => Effect.sync(() => kept.get(key)),
    put: (key, value, was) =>
      Effect.suspend(() => {
        if ((kept.get(key)?.revision ?? 0) !== was) return new VaultMoved({ key })
        kept.set(key, { value, revision: ++revision })
        return Effect.succeed(revision)
      }),
    remove: (key) => Effect.sync(() => void kept.delete(key)),
    list: () => Effect.succeed([]),
    peek: (key) => kept.get(key)
  })
}
const nothing = Layer.mergeAll(Layer.mock(Bus, {}), Layer.mock(Warehouse, {}), Layer.mock(Rows, {}))

interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly json: any
}
type Ask = (path: string, init?: RequestInit & { who?: string }) => Promise<Seen>

/** Opens a gateway with three routes and asks it. */
const asking = (test: (ask: Ask, port: number) => Promise<void>, limitScale = 1) =>
  Effect.gen(function* () {
    let count = 0
    const port = yield* openGateway({
      listen,
      port: 0,
      host: "127.0.0.1",
      limitScale,
      version: "0.0.0",
      corsOrigins: ["https://ours.example"],
      dashboard: undefined,
      proxies: 0,
      fresh: (digits) => "a".repeat(digits),
      natives: [],
      isSameOrigin: (req) => req.headers["sec-fetch-site"] === "same-origin",
      identify: ({ authorization, cookies }) => {
        if (authorization === "Bearer me" || cookies["me"] === "1") return Effect.succeed(someone)
        return authorization === undefined ? Effect.succeed(undefined) : Effect.fail(unauthenticated("Not good."))
      },
      routes: [
        route(getThing, ({ params }) => Effect.succeed(new Answer({ id: params.id }, { etag: `v-${params.id}` }))),
        route(postThing, ({ body }) =>
          body.amount < 0 ? Effect.fail(badRequest("Less than nothing.")) : Effect.sync(() => ({ count: ++count }))
        ),
        route(putThing, ({ params, ifMatch }) => Effect.succeed({ id: `${params.id}@${ifMatch}`.slice(0, 20) })),
        route(getEdited, () => Effect.sync(() => new Answer({ id: `${++count}` }, { etag: "7", isVersion: true }))),
        route(breaks, () => Effect.die(new Error("secret inside")))
      ]
    })
    const ask: Ask = async (path, { who = "me", ...init } = {}) => {
      const headers = new Headers(init.headers)
      if (who !== "") headers.set("authorization", `Bearer ${who}`)
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, json: text === "" ? undefined : JSON.parse(text) }
    }
    yield* Effect.promise(() => test(ask, port))
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(vault(), nothing)),
    Effect.provideService(References.MinimumLogLevel, "None")
  )

const json = (body: unknown, more: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...more },
  body: typeof body === "string" ? body : JSON.stringify(body)
})

const isProblem = (seen: Seen, status: number) => {
  assert.strictEqual(seen.status, status)
  assert.match(seen.headers.get("content-type") ?? "", /^application\/problem\+json/)
  const problem = Schema.decodeUnknownSync(Problem)(seen.json)
  assert.strictEqual(problem.status, status)
  assert.isAbove(problem.correlationId.length, 7)
}

describe("the door", () => {
  it.live("answers what it has, and says with each answer which version and request it was", () =>
    asking(async (ask) => {
      const seen = await ask("/api/v1/things/x1", { headers: { "x-request-id": "my-request-1" } })
      assert.deepStrictEqual(seen.json, { id: "x1" })
      assert.strictEqual(seen.headers.get("etag"), 'W/"v-x1"')
      assert.strictEqual(seen.headers.get("x-request-id"), "my-request-1")
      assert.match(seen.headers.get("content-security-policy") ?? "", /script-src 'self'(;|$)/)
      const again = await ask("/api/v1/things/x1", { headers: { "if-none-match": 'W/"v-x1"' } })
      assert.strictEqual(again.status, 304)
    })
  )

  it.live("spares nobody the body that may have changed while its version stays", () =>
    asking(async (ask) => {
      const seen = await ask("/api/v1/edited")
      const again = await ask("/api/v1/edited", { headers: { "if-none-match": seen.headers.get("etag") ?? "" } })
      assert.deepStrictEqual([seen.json, again.json], [{ id: "1" }, { id: "2" }])
      assert.deepStrictEqual([again.status, again.headers.get("etag")], [200, 'W/"7"'])
    })
  )

  it.live("lets nobody in who is nobody, who is no longer somebody, or whose role is too low", () =>
    asking(async (ask) => {
      isProblem(await ask("/api/v1/things/x1", { who: "" }), 401)
      isProblem(await ask("/api/v1/things/x1", { who: "forged" }), 401)
      const cookie = { cookie: "me=1" }
      assert.strictEqual((await ask("/api/v1/things/x1", { who: "", headers: cookie })).status, 200)
      isProblem(await ask("/api/v1/things", { ...json({ amount: 1 }, cookie), who: "" }), 403)
      const same = { ...cookie, "sec-fetch-site": "same-origin" }
      assert.strictEqual((await ask("/api/v1/things", { ...json({ amount: 1 }, same), who: "" })).status, 202)
    })
  )

  it.live("refuses bad bodies by name and goes on", () =>
    asking(async (ask, port) => {
      isProblem(await ask("/api/v1/things", json("{")), 400)
      isProblem(await ask("/api/v1/things", json({ amount: "1" })), 400)
      const excess = await ask("/api/v1/things", json({ amount: 1, amonut: 2 }))
      isProblem(excess, 400)
      assert.match(excess.json.detail, /amonut/)
      isProblem(await ask("/api/v1/things", json("[".repeat(10_000) + "]".repeat(10_000))), 400)
      isProblem(await ask("/api/v1/things", json({ amount: 1, why: "x".repeat(10 * 1024 * 1024) })), 413)
      isProblem(await ask("/api/v1/things", { ...json({ amount: 1 }), headers: { "content-type": "text/xml" } }), 415)
      isProblem(await ask("/api/v1/things", json({ amount: 1 }, { "content-encoding": "gzip" })), 415)
      isProblem(await ask("/api/v1/things/x1?id=1"), 400)
      isProblem(await ask("/api/v1/things/%E0%A4%A"), 400)
      isProblem(await ask("/api/v1/things/x1", { method: "DELETE" }), 405)
      isProblem(await ask("/api/v1/nothing"), 404)
      isProblem(await ask("/../../etc/passwd"), 404)
      const raw = await flood(port, `GET /api/v1/things/x HTTP/1.1\r\nhost: x\r\nbig: ${"y".repeat(40_000)}\r\n\r\n`)
      assert.match(raw, /^HTTP\/1\.1 431[\s\S]*application\/problem\+json/)
      assert.match(await flood(port, "GARBAGE\r\n\r\n"), /^HTTP\/1\.1 400/)
      assert.strictEqual((await ask("/api/v1/things/x1")).status, 200)
    })
  )

  it.live("tells nobody what broke inside", () =>
    asking(async (ask) => {
      const seen = await ask("/api/v1/breaks")
      isProblem(seen, 500)
      assert.notInclude(JSON.stringify(seen.json), "secret")
    })
  )

  it.live("does once what is sent twice with one key", () =>
    asking(async (ask) => {
      const first = await ask("/api/v1/things", json({ amount: 1 }, { "idempotency-key": "k" }))
      const again = await ask("/api/v1/things", json({ amount: 1 }, { "idempotency-key": "k" }))
      assert.deepStrictEqual(again.json, first.json)
      assert.strictEqual(again.headers.get("idempotency-replayed"), "true")
      isProblem(await ask("/api/v1/things", json({ amount: 2 }, { "idempotency-key": "k" })), 422)
      isProblem(await ask("/api/v1/things", json({ amount: -1 }, { "idempotency-key": "bad" })), 400)
      // a refusal is not kept: mended, the same key serves
      assert.strictEqual((await ask("/api/v1/things", json({ amount: 5 }, { "idempotency-key": "bad" }))).status, 202)
    })
  )

  it.live("edits only what was read", () =>
    asking(async (ask) => {
      const put = (headers: Record<string, string>) =>
        ask("/api/v1/things/x", { ...json({ amount: 1 }, headers), method: "PUT" })
      isProblem(await put({}), 428)
      isProblem(await put({ "if-match": "*" }), 400)
      assert.deepStrictEqual((await put({ "if-match": 'W/"7"' })).json, { id: "x@7" })
    })
  )

  it.live("says how much is left, and when to come back", () =>
    asking(async (ask) => {
      const seen = await Promise.all(Array.from({ length: 4 }, () => ask("/api/v1/things", json({ amount: 1 }))))
      const refused = seen.filter(({ status }) => status === 429)
      assert.strictEqual(refused.length, 2)
      for (const one of refused) {
        isProblem(one, 429)
        assert.isAtLeast(Number(one.headers.get("retry-after")), 1)
        assert.match(one.headers.get("ratelimit") ?? "", /r=0/)
      }
    }, 0.02)
  )

  it.live("lets nobody guess keys for ever, and keeps nobody out who is signed in", () =>
    asking(async (ask) => {
      for (let guess = 0; guess < 3; guess++) isProblem(await ask("/api/v1/things/x1", { who: `sk_${guess}` }), 401)
      isProblem(await ask("/api/v1/things/x1", { who: "sk_4" }), 429)
      assert.strictEqual((await ask("/api/v1/things/x1")).status, 200)
    }, 0.02)
  )

  it.live("is open to other sites only where they are named", () =>
    asking(async (ask) => {
      const from = (origin: string) => ask("/api/v1/things/x1", { headers: { origin } })
      assert.strictEqual(
        (await from("https://ours.example")).headers.get("access-control-allow-origin"),
        "https://ours.example"
      )
      assert.isNull((await from("https://theirs.example")).headers.get("access-control-allow-origin"))
    })
  )

  it.live("keeps its document in step with what it serves", () =>
    asking(async (ask) => {
      const seen = await ask("/openapi.json", { who: "" })
      assert.strictEqual(seen.json.openapi, "3.1.0")
      assert.deepStrictEqual(seen.json, JSON.parse(JSON.stringify(openApi("0.0.0"))))
    })
  )
})

/** What a client gets that does not speak as it should. */
const flood = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      heard += chunk
    })
    socket.once("close", () => resolve(heard))
    socket.once("error", reject)
  })
