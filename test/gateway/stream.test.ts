/** The stream over real sockets: what readers are told, what they are not, and how they go. */
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Bus, type Draft } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { AccountMarked, accountMarked } from "../../schemas/account.ts"
import { AccountId, instant, TenantId } from "../../schemas/ids.ts"
import { IdentityChanged, identityChanged } from "../../schemas/identity.ts"
import { poolPriced } from "../../schemas/pool.ts"
import { aPool, aPriced, zone } from "../builders.ts"
import { bytes, eventually } from "../conformance/bus-house.ts"
import { asQuery, callerOf, type Gateway, openGateway, read, type Reader } from "./stream-stage.ts"

const accountOf = (tenant: string) => AccountId.make(tenant === "acme" ? "111111111111" : "222222222222")
const marked = (tenant: string, reason: string): Draft =>
  draftOf(
    accountMarked,
    new AccountMarked({ tenant: TenantId.make(tenant), account: accountOf(tenant), reason, at: instant(1_000) })
  )
const priced = (n: number, spotPerHour: number) =>
  draftOf(poolPriced, aPriced({ pool: aPool({ zone: zone(n) }), spotPerHour } as never))

const callers = new Map([
  ["acme", callerOf("acme")],
  ["globex", callerOf("globex")],
  ["brief", callerOf("acme", { id: "u_brief", until: Date.now() + 4_000 })],
  ["nobody's key", callerOf("acme", { kind: "key", id: "k_none" })],
  ["key", callerOf("acme", { kind: "key", id: "k_one", scopes: ["read"] })]
])

const bodies = (reader: Reader) => reader.frames().map(({ data }) => JSON.parse(data))
const reasons = (reader: Reader) => bodies(reader).map(({ body }) => body?.reason)
const until = (isSo: () => boolean) => Effect.asVoid(eventually(() => isSo() || undefined))
const named = (reader: Reader, event: string) => reader.frames().filter((frame) => frame.event === event)

/** The house, and a test within it. */
const inHouse = <A, E>(test: (house: { bus: Bus["Service"]; gateway: Gateway }) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const gateway = yield* openGateway(callers)
    return yield* test({ bus, gateway })
  }).pipe(Effect.scoped, Effect.provide(MemoryBus.alone()))

describe("the stream", () => {
  it.live("tells each tenant his own and what concerns everybody, nothing else, and never what cannot be told", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const acme = yield* read(gateway, { as: "acme" })
        const globex = yield* read(gateway, { as: "globex", headers: { "accept-encoding": "gzip" } })
        yield* bus.append([
          marked("acme", "a1"),
          marked("globex", "g1"),
          { subject: marked("acme", "").subject, data: bytes("no JSON at all") },
          { subject: "evt.all.nobody.said.x", data: bytes("{}") },
          priced(1, 100),
          marked("globex", "g2"),
          marked("acme", "a2")
        ])
        yield* until(() => acme.frames().length >= 3 && globex.frames().length >= 3)
        yield* Effect.sleep(250)
        assert.deepStrictEqual(reasons(acme), ["a1", undefined, "a2"])
        assert.deepStrictEqual(reasons(globex), ["g1", undefined, "g2"])
        assert.notInclude(acme.text(), "globex")
        assert.notInclude(acme.text(), accountOf("globex"))
        assert.notInclude(globex.text(), "acme")
        assert.notInclude(globex.text(), accountOf("acme"))
        assert.strictEqual(globex.headers["content-encoding"], "gzip")
        assert.isUndefined(acme.headers["content-encoding"])
        for (const { headers } of [acme, globex]) {
          assert.strictEqual(headers["cache-control"], "no-cache, no-transform")
          assert.strictEqual(headers["x-accel-buffering"], "no")
          assert.match(headers["content-type"] ?? "", /^text\/event-stream/)
        }
        assert.match(acme.text(), /^retry: [1-4]\d{3}\n\n/)
        const { epoch } = gateway.stream.counts()
        assert.deepStrictEqual(
          acme.frames().map(({ id, event }) => [id, event]),
          [
            [`${epoch}:1`, "onboarder"],
            [`${epoch}:5`, "price-watcher"],
            [`${epoch}:7`, "onboarder"]
          ]
        )
      })
    )
  )

  it.live("shows what nobody can read to whom its account belongs", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const gateway = yield* openGateway(callers, { ownerOf: () => "acme" })
      const [acme, globex] = [yield* read(gateway, { as: "acme" }), yield* read(gateway, { as: "globex" })]
      yield* bus.append([{ subject: marked("acme", "").subject, data: bytes("[1,") }, priced(1, 1)])
      yield* until(() => acme.frames().length === 2 && globex.frames().length === 1)
      assert.match(String(bodies(acme)[0].says), /could not be read/)
      assert.strictEqual(bodies(globex)[0].name, poolPriced.name)
    }).pipe(Effect.scoped, Effect.provide(MemoryBus.alone()))
  )

  it.live("of a price tells only the newest within a batch; of facts about accounts each", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const reader = yield* read(gateway, { as: "acme" })
        yield* bus.append([priced(1, 1), priced(2, 2), marked("acme", "a"), priced(1, 3), marked("acme", "b")])
        yield* until(() => reader.frames().length >= 4)
        assert.deepStrictEqual(
          bodies(reader).map(({ seq }) => seq),
          [2, 3, 4, 5]
        )
      })
    )
  )

  it.live("tells only the topics and the account that were asked for", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const prices = yield* read(gateway, { as: "acme", query: "topics=pool-priced" })
        const owner = yield* read(gateway, { as: "acme", query: "topics=onboarder,risk-manager" })
        const account = yield* read(gateway, { as: "acme", query: `account=${accountOf("acme")}` })
        const foreign = yield* read(gateway, { as: "acme", query: `account=${accountOf("globex")}` })
        yield* bus.append([marked("acme", "a"), priced(1, 1), marked("globex", "g"), marked("acme", "b")])
        yield* until(() => owner.frames().length === 2 && account.frames().length === 2)
        yield* Effect.sleep(150)
        assert.deepStrictEqual(
          bodies(prices).map(({ name }) => name),
          [poolPriced.name]
        )
        assert.deepStrictEqual(reasons(owner), ["a", "b"])
        assert.deepStrictEqual(reasons(account), ["a", "b"])
        assert.isEmpty(foreign.frames())
      })
    )
  )

  it.live("goes on after an id, or after a sequence, the id first; an id of another log begins anew", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        yield* bus.append(["a", "b", "c", "d"].map((reason) => marked("acme", reason)))
        const { epoch } = gateway.stream.counts()
        const after = yield* read(gateway, { as: "acme", query: "after=2" })
        const by = (id: string) => read(gateway, { as: "acme", query: "after=0", headers: { "last-event-id": id } })
        const [resumed, other, wild] = [yield* by(`${epoch}:3`), yield* by("LOG-0:3"), yield* by("x")]
        yield* bus.append([marked("acme", "e")])
        yield* until(() => [after, resumed, other, wild].every((one) => one.text().includes('"e"')))
        assert.deepStrictEqual(reasons(after), ["c", "d", "e"])
        assert.deepStrictEqual(reasons(resumed), ["d", "e"])
        for (const lost of [other, wild]) {
          assert.strictEqual(lost.frames()[0]?.event, "reset")
          assert.strictEqual(bodies(lost).at(-1).body.reason, "e")
          assert.isAtLeast(bodies(lost)[0].asOf, 0)
        }
      })
    )
  )

  it.live("writes one JSON object per line to whom accepts that", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const reader = yield* read(gateway, { as: "key", headers: { accept: "application/x-ndjson" } })
        yield* bus.append([marked("acme", "a"), marked("acme", "b")])
        yield* until(() => reader.text().split("\n").length === 3)
        const lines = reader.text().trimEnd().split("\n")
        assert.deepStrictEqual(
          lines.map((line) => JSON.parse(line).body.reason),
          ["a", "b"]
        )
      })
    )
  )
})

describe("a stream ends", () => {
  it.live("with what proved its reader, and with a word", () =>
    inHouse(({ gateway }) =>
      Effect.gen(function* () {
        const brief = yield* read(gateway, { as: "brief", headers: { "accept-encoding": "gzip" } })
        const other = yield* read(gateway, { as: "acme" })
        yield* until(() => brief.isOver())
        assert.include(brief.text(), 'event: bye\ndata: {"reason":"expired"}')
        assert.isFalse(other.isOver())
        assert.strictEqual((yield* read(gateway, { as: "brief" })).status, 401)
      })
    )
  )

  it.live("at once where a key is revoked or a tenant suspended, and for nobody else", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const [key, user] = [yield* read(gateway, { as: "key" }), yield* read(gateway, { as: "acme" })]
        const stranger = yield* read(gateway, { as: "globex" })
        let wire = ""
        const raw = connect(gateway.port, "127.0.0.1").on("data", (part) => (wire += part.toString("latin1")))
        raw.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n${asQuery}: key\r\n\r\n`)
        yield* until(() => gateway.stream.counts().clients === 4)
        const changed = (what: IdentityChanged["what"], about: string) =>
          draftOf(
            identityChanged,
            new IdentityChanged({ tenant: TenantId.make("acme"), what, about, by: "x", details: "", at: instant(1) })
          )
        yield* bus.append([changed("key-revoked", "k_one")])
        yield* until(() => key.isOver())
        assert.strictEqual(named(key, "bye").length, 1)
        // the connection may be asked again: nothing comes after the end of the answer
        yield* Effect.sleep(50)
        assert.strictEqual(wire.indexOf("\r\n0\r\n\r\n"), wire.length - 7)
        raw.destroy()
        assert.isFalse(user.isOver())
        yield* bus.append([changed("tenant-suspended", "acme")])
        yield* until(() => user.isOver())
        assert.isFalse(stranger.isOver())
      })
    )
  )

  it.live("for everybody when the gateway closes, with everything that was said until then", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const readers = yield* Effect.forEach(Array.from({ length: 12 }), () => read(gateway, { as: "acme" }))
        yield* bus.append([marked("acme", "last")])
        yield* until(() => gateway.stream.counts().ring === 1)
        const leaving = yield* Effect.forkChild(gateway.stream.farewell)
        yield* until(() => readers.some((one) => one.isOver()))
        assert.strictEqual((yield* read(gateway, { as: "globex" })).status, 503)
        yield* Fiber.join(leaving)
        yield* gateway.close
        yield* until(() => readers.every((one) => one.isOver()))
        for (const one of readers) {
          assert.deepStrictEqual(
            one.frames().map(({ event }) => event),
            ["onboarder", "bye"]
          )
        }
      })
    )
  )

  it.live("for who does not read, and he delays nobody", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        const stuck = connect(gateway.port, "127.0.0.1")
        stuck.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\n${asQuery}: acme\r\n\r\n`)
        stuck.pause()
        yield* until(() => gateway.stream.counts().clients === 1)
        const reader = yield* read(gateway, { as: "acme" })
        const large = "x".repeat(60_000)
        for (let n = 0; gateway.stream.counts().evicted === 0; n++) {
          yield* bus.append(Array.from({ length: 20 }, () => marked("acme", large)))
          yield* until(() => reader.frames().length === 20 * (n + 1))
          assert.isBelow(n, 40)
        }
        assert.strictEqual(gateway.stream.counts().clients, 1)
        assert.isFalse(reader.isOver())
        stuck.destroy()
      })
    )
  )
})

describe("who may not listen", () => {
  it.live("is told why as a problem, and a question that is none is refused", () =>
    inHouse(({ gateway }) =>
      Effect.gen(function* () {
        const statusOf = (as: string, query = "") => Effect.map(read(gateway, { as, query }), ({ status }) => status)
        assert.strictEqual(yield* statusOf("who"), 401)
        assert.strictEqual(yield* statusOf("nobody's key"), 403)
        const wrong = ["topics=Pool%20Priced", "after=-1", "account=1", "enc=br", "x=1", `topics=${"a,".repeat(30)}`]
        for (const query of wrong) assert.strictEqual(yield* statusOf("acme", query), 400, query)
        assert.strictEqual(gateway.stream.counts().clients, 0)
      })
    )
  )

  it.live("holds open no more streams than are his: the next one waits for one that ends", () =>
    Effect.gen(function* () {
      const gateway = yield* openGateway(callers, { streamsMax: 3 })
      const open = yield* Effect.forEach([1, 2, 3], () => read(gateway, { as: "acme" }))
      const fourth = yield* read(gateway, { as: "acme" })
      assert.strictEqual(fourth.status, 429)
      assert.match(fourth.headers["content-type"] ?? "", /problem\+json/)
      assert.isDefined(fourth.headers["retry-after"])
      assert.strictEqual((yield* read(gateway, { as: "globex" })).status, 200)
      open[0]?.stop()
      yield* until(() => gateway.stream.counts().clients === 3)
      assert.strictEqual((yield* read(gateway, { as: "acme" })).status, 200)
    }).pipe(Effect.scoped, Effect.provide(MemoryBus.alone()))
  )

  it.live("reads without chunks where his HTTP knows none, and only the head where that is all he asks for", () =>
    inHouse(({ bus, gateway }) =>
      Effect.gen(function* () {
        let text = ""
        const old = connect(gateway.port, "127.0.0.1").on("data", (part) => (text += part.toString()))
        old.write(`GET /api/v1/stream HTTP/1.0\r\n${asQuery}: acme\r\n\r\n`)
        yield* until(() => gateway.stream.counts().clients === 1)
        yield* bus.append([marked("acme", "a")])
        yield* until(() => text.includes('"a"'))
        const [head = "", body = ""] = text.split(/\r\n\r\n(.*)/s)
        assert.notMatch(head, /transfer-encoding/i)
        assert.match(body, /^retry: \d+\n\nid: \S+\nevent: onboarder\ndata: \{.*\}\n\n$/)
        old.destroy()
        const headOnly = yield* read(gateway, { as: "acme", method: "HEAD" })
        yield* until(() => headOnly.isOver())
        assert.deepStrictEqual([headOnly.status, headOnly.text()], [200, ""])
      })
    )
  )
})
