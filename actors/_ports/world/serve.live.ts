/**
 * The world's door for other processes: its ports over HTTP on a unix socket, so that no fault of the bus is one of
 * the cloud.
 */
import { rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect, Schema, type Scope } from "effect"
import type { CloudRefusal } from "../cloud-refusal.ts"
import type { Caller, Calls } from "../port.ts"
import { answerOf, askOf, pathOf } from "./protocol.ts"

/** A port by its name, as `ec2`. */
export interface Served {
  readonly name: string
  readonly calls: Calls
  readonly inner: Readonly<Record<string, (input: never, caller: Caller) => Effect.Effect<unknown, CloudRefusal>>>
}

type Handle = (body: string) => Effect.Effect<string>

const handlers = (ports: ReadonlyArray<Served>): ReadonlyMap<string, Handle> => {
  const made = new Map<string, Handle>()
  for (const { name, calls, inner } of ports) {
    for (const [each, call] of Object.entries(calls)) {
      const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(askOf(call)))
      const encode = Schema.encodeUnknownEffect(Schema.fromJsonString(answerOf(call)))
      const run = inner[each] as (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>
      made.set(pathOf(name, each), (body) =>
        decode(body).pipe(
          Effect.orDie,
          Effect.flatMap(({ caller, input }) => Effect.result(run(input, caller))),
          Effect.flatMap((result) =>
            Effect.orDie(encode(result._tag === "Failure" ? { no: result.failure } : answered(result.success)))
          )
        )
      )
    }
  }
  return made
}
const answered = (ok: unknown) => (ok === undefined ? {} : { ok })

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

/**
 * Serves until the scope closes. A request that cannot be read is a 400 and one that breaks the world a 500: both are
 * bugs of ours, and the caller takes either for no answer.
 */
export const serve = (socketPath: string, ports: ReadonlyArray<Served>): Effect.Effect<void, Error, Scope.Scope> => {
  const known = handlers(ports)
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const handle = known.get(request.url ?? "")
    if (handle === undefined) return void response.writeHead(404).end()
    const exit = await Effect.runPromiseExit(handle(await bodyOf(request)))
    if (exit._tag === "Success") response.writeHead(200, { "content-type": "application/json" }).end(exit.value)
    else response.writeHead(500).end(String(exit.cause))
  }
  const server = createServer((request, response) => {
    reply(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined))
  })
  const listening = Effect.callback<void, Error>((resume) => {
    // the socket of a predecessor that was killed is still in the way
    rmSync(socketPath, { force: true })
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(socketPath, () => resume(Effect.void))
  })
  const closed = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })
  return Effect.acquireRelease(listening, () => closed)
}
