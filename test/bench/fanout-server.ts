/** A server of the fan-out bench, in a process of its own: ours over a real log, or a bare one that writes as much. */
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import express from "express"
import { Bus } from "../../bus/bus.ts"
import { layer } from "../../bus/nats.live.ts"
import type { Caller } from "../../gateway/caller.ts"
import { openStream } from "../../gateway/stream/handler.ts"
import { TenantId } from "../../schemas/ids.ts"
import { type FromServer, frameOf, type Look, tenants, type ToServer } from "./fanout-events.ts"

const [kind = "bare", portText = "0", natsUrl = ""] = process.argv.slice(2)
const say = (answer: FromServer) => process.send?.(answer)

const used = () => {
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / 1_000, rssKb: process.memoryUsage.rss() / 1_024 }
}

interface Running {
  readonly server: Server
  readonly look: () => Look
  readonly write: (frames: number) => void
  readonly end: () => Promise<void>
}

/** The shortest that does it: one buffer, written to each by the platform's own means. */
const bare = (): Running => {
  const all = new Set<ServerResponse>()
  const frame = frameOf("bare")
  let perTick = 0
  let n = 0
  const server = createServer((_, res) => {
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
    res.flushHeaders()
    res.write("retry: 1000\n\n")
    all.add(res)
    res.once("close", () => all.delete(res))
  })
  const ticking = setInterval(() => {
    if (perTick === 0) return
    let text = ""
    for (let i = 0; i < perTick; i++) text += frame(++n, Date.now())
    const bytes = Buffer.from(text)
    for (const res of all) res.write(bytes)
  }, 100)
  return {
    server,
    look: () => ({ ...used(), evicted: 0, resets: 0, clients: all.size, lagMs: 0 }),
    write: (frames) => void (perTick = frames),
    end: async () => clearInterval(ticking)
  }
}

const callerOf = (who: "readers" | "stuck"): Caller => ({
  kind: "user",
  id: who,
  tenant: TenantId.make(tenants[who]),
  name: who,
  role: "viewer",
  scopes: [],
  superAdmin: false,
  until: Number.MAX_SAFE_INTEGER
})

const ours = async (): Promise<Running> => {
  const scope = await Effect.runPromise(Scope.make())
  const options = { servers: [natsUrl], name: "bench-stream", replicas: 1, production: false } as const
  const bus = Context.get(await Effect.runPromise(Layer.buildWithScope(layer(options), scope)), Bus)
  const terms = {
    ownerOf: () => undefined,
    streamsMax: Number.POSITIVE_INFINITY,
    callerOf: (req: express.Request) => callerOf(req.headers["x-who"] === "stuck" ? "stuck" : "readers")
  }
  const opened = openStream(terms).pipe(Effect.provideService(Bus, bus), Scope.provide(scope))
  const stream = await Effect.runPromise(opened)
  const app = express().set("query parser", "simple")
  app.get("/api/v1/stream", stream.native.handle)
  return {
    server: createServer(app),
    look: () => ({ ...used(), ...stream.counts(), lagMs: stream.flow().lagMs }),
    write: () => {},
    end: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const running = kind === "ours" ? await ours() : bare()
running.server.listen(Number(portText), "127.0.0.1", 2_048, () => {
  say({ port: (running.server.address() as AddressInfo).port })
})

const take = async (asked: ToServer) => {
  if (asked.do === "write") running.write(asked.frames)
  if (asked.do !== "end") return say({ look: running.look() })
  running.server.close()
  await running.end()
  process.exit(0)
}
process.on("message", (asked: ToServer) => void take(asked))
process.once("disconnect", () => process.exit(0))
