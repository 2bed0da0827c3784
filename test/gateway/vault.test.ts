/** The store of identities over a real server: its promises, and what it does when the server is gone for a while. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { layer } from "../../gateway/identity/vault.live.ts"
import { Vault } from "../../gateway/identity/vault.ts"
import { type Servers, startServers } from "../conformance/nats-bus.ts"
import { mayBeSkipped } from "../conformance/stand-ins.ts"
import { vaultContract } from "./vault-contract.ts"

const isMissing = await mayBeSkipped("nats-server")
let servers: Servers
const joinAt = ({ urls, replicas }: Servers) =>
  Effect.map(Layer.build(layer({ servers: urls, name: "test", replicas })), (context) => Context.get(context, Vault))
const join = Effect.suspend(() => joinAt(servers))

describe.skipIf(isMissing)("the store on a server", () => {
  beforeAll(async () => {
    servers = await startServers(1)
  })
  afterAll(() => servers?.end())

  vaultContract("one nats-server", () => ({ join }))

  it.live("keeps what was acknowledged when the server is killed, and goes on by itself", () =>
    Effect.gen(function* () {
      const [a, b] = [yield* join, yield* join]
      const first = yield* a.put("survives.x", 1, 0)
      const [server] = servers.all
      assert.isDefined(server)
      yield* Effect.promise(() => server.kill9())
      const waiting = yield* Effect.forkChild(a.put("survives.x", 2, first))
      yield* Effect.sleep("300 millis")
      yield* Effect.promise(() => server.restart())
      const second = yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* b.get("survives.x"), { value: 2, revision: second })
      const seen = Effect.sync(() => b.peek("survives.x")?.value === 2)
      yield* seen.pipe(
        Effect.tap((so) => (so ? Effect.void : Effect.sleep("50 millis"))),
        Effect.repeat({ until: (so) => so }),
        Effect.timeout("20 seconds")
      )
    })
  )

  it.live("says nothing from memory once its copy may be out of date", () =>
    Effect.gen(function* () {
      const vault = yield* join
      yield* vault.put("stale.x", 1, 0)
      const [server] = servers.all
      assert.isDefined(server)
      server.pause()
      yield* Effect.sleep("11 seconds")
      const peeked = vault.peek("stale.x")
      const listed = yield* Effect.exit(vault.list("stale"))
      server.resume()
      assert.isUndefined(peeked)
      assert.strictEqual(listed._tag, "Failure")
      assert.strictEqual((yield* vault.get("stale.x"))?.value, 1)
    })
  )
})

describe.skipIf(isMissing)("the store on three servers", () => {
  let cluster: Servers
  beforeAll(async () => {
    cluster = await startServers(3)
  })
  afterAll(() => cluster?.end())
  const joined = Effect.suspend(() => joinAt(cluster))

  vaultContract("three nats-servers", () => ({ join: joined }))

  it.live("takes each revision once, though a server dies under those who write", () =>
    Effect.gen(function* () {
      const stores = [yield* joined, yield* joined]
      const first = yield* (stores[0] ?? assert.fail()).put("spent.x", "first", 0)
      const tries = Array.from({ length: 12 }, (_, i) =>
        Effect.option((stores[i % 2] ?? assert.fail()).put("spent.x", i, first))
      )
      const writing = yield* Effect.forkChild(Effect.all(tries, { concurrency: "unbounded" }))
      yield* Effect.promise(() => cluster.all[0]?.kill9() ?? Promise.resolve())
      const won = (yield* Fiber.join(writing)).flatMap((one) => (one._tag === "Some" ? [one.value] : []))
      assert.strictEqual(won.length, 1)
      yield* Effect.promise(() => cluster.all[0]?.restart() ?? Promise.resolve())
      for (const store of stores) assert.strictEqual((yield* store.get("spent.x"))?.revision, won[0])
    })
  )
})
