/** A gateway of nothing but the stream, on loopback, and readers that keep what they are told. */
import { createServer, request, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { createGunzip } from "node:zlib"
import { Effect, Exit, Scope } from "effect"
import compression from "compression"
import express from "express"
import { Bus } from "../../bus/bus.ts"
import type { Caller } from "../../gateway/caller.ts"
import { type EventStream, openStream, type StreamTerms } from "../../gateway/stream/handler.ts"
import { TenantId } from "../../schemas/ids.ts"

export const callerOf = (tenant: string, over: Partial<Caller> = {}): Caller => ({
  kind: "user",
  id: `u_${tenant}`,
  tenant: TenantId.make(tenant),
  name: `${tenant}@example.com`,
  role: "viewer",
  scopes: [],
  superAdmin: false,
  until: Date.now() + 3_600_000,
  ...over
})

export interface Gateway {
  readonly port: number
  readonly stream: EventStream
  /** Says good-bye and waits until all that is done. */
  readonly close: Effect.Effect<void>
}

export const asQuery = "x-test-caller"

/** Whom a request names in a header is who calls; callers are registered by that name. */
export const openGateway = (callers: ReadonlyMap<string, Caller>, terms: Partial<StreamTerms> = {}) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const scope = yield* Scope.make()
    const stream = yield* openStream({
      ownerOf: () => undefined,
      callerOf: (req) => callers.get(String(req.headers[asQuery])),
      ...terms
    }).pipe(Effect.provideService(Bus, bus), Scope.provide(scope))
    const app = express()
    app.set("query parser", "simple")
    app.use(compression({ threshold: 0 }))
    app.get("/api/v1/stream", stream.native.handle)
    const server = createServer(app)
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    const close = Scope.close(scope, Exit.void)
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        close,
        Effect.sync(() => server.closeAllConnections())
      )
    )
    return { port: (server.address() as AddressInfo).port, stream, close } satisfies Gateway
  })

export interface Frame {
  readonly id: string
  readonly event: string
  readonly data: string
}

export interface Reader {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  /** Of whole frames: those that carry data. */
  readonly frames: () => ReadonlyArray<Frame>
  readonly text: () => string
  readonly isOver: () => boolean
  readonly stop: () => void
  /** Bytes as they came over the wire. */
  readonly wireBytes: () => number
}

export interface Ask {
  readonly as: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

const framesIn = (text: string): ReadonlyArray<Frame> =>
  text
    .split("\n\n")
    .slice(0, -1)
    .flatMap((frame) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1] ?? ""
      return field("data") === "" ? [] : [{ id: field("id"), event: field("event"), data: field("data") }]
    })

/** Asks, and reads from then on. A compressed answer is read as a browser would. */
export const read = ({ port }: Gateway, ask: Ask): Effect.Effect<Reader> =>
  Effect.callback<Reader>((resume) => {
    const headers = { [asQuery]: ask.as, ...ask.headers }
    const path = `/api/v1/stream${ask.query === undefined ? "" : `?${ask.query}`}`
    const sent = request({ host: "127.0.0.1", port, path, headers, method: ask.method ?? "GET" }, (res) => {
      let text = ""
      let isOver = false
      let wire = 0
      res.on("data", (part: Buffer) => (wire += part.length))
      const plain = res.headers["content-encoding"] === "gzip" ? res.pipe(createGunzip()) : res
      plain.on("data", (part: Buffer) => (text += part.toString()))
      // a compressed answer that ends without its sum is an error, and not over
      plain.on("error", (cause) => (text += `\n${cause.message}`))
      plain.on("end", () => (isOver = true))
      resume(
        Effect.succeed({
          status: res.statusCode ?? 0,
          headers: res.headers,
          frames: () => framesIn(text),
          text: () => text,
          isOver: () => isOver,
          stop: () => void sent.destroy(),
          wireBytes: () => wire
        })
      )
    })
    sent.on("error", () => {})
    sent.end()
  })
