/** ClickHouse's HTTP over the embedded engine, on loopback: one process owns the folder, the others use its address. */
import { timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import { type Engine, openEngine } from "../actors/_ports/warehouse-embedded.live.ts"
import { reason } from "./command.ts"

export interface ServeOptions {
  /** The engine's folder; a second address in this process serves the same one. */
  readonly folder: string
  /** 0: one that is free. Default 0. */
  readonly port?: number
  /** Where given, a request must bring it (user `default`): whatever runs on the machine can reach loopback. */
  readonly password?: string
}

export interface ChdbHttp {
  /** With the password in it. */
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

/** Longest body that is taken, in bytes: it is held whole, as the engine takes no stream. */
const bodyBytesMax = 256 * 1024 * 1024

/** Words of the protocol that are no settings of the engine. */
const notSettings = new Set(
  (
    "query query_id database user password role session_id session_timeout session_check " +
    "wait_end_of_query enable_http_compression compress decompress"
  ).split(" ")
)

class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  const source = request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Refused(413, `a body of more than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const isAllowed = (request: IncomingMessage, password: string | undefined): boolean => {
  if (password === undefined) return true
  const [scheme, coded = ""] = (request.headers.authorization ?? "").split(" ")
  const basic = scheme === "Basic" ? Buffer.from(coded, "base64").toString("utf8") : ""
  const header = request.headers["x-clickhouse-key"]
  const given = Buffer.from(typeof header === "string" ? header : basic.slice(basic.indexOf(":") + 1))
  const wanted = Buffer.from(password)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** A connection for each request: it runs one statement at a time, and settings stay with it for its life. */
const answer = async (engine: Engine, request: IncomingMessage, response: ServerResponse) => {
  const words = new URL(request.url ?? "/", "http://localhost").searchParams
  const sql = [words.get("query") ?? "", await bodyOf(request)].filter((part) => part !== "").join("\n")
  // Parameters are settings too: set as `param_x` the engine reads their text by its type, as a server does.
  const settings: Record<string, string> = {}
  for (const [name, value] of words) {
    if (!notSettings.has(name)) settings[name] = value.replaceAll("\\", "\\\\")
  }
  const connection = engine.connect()
  try {
    const result = await connection.query({ query: sql, clickhouse_settings: settings })
    response.writeHead(200, {
      "content-type": "text/plain; charset=UTF-8",
      "x-clickhouse-query-id": words.get("query_id") ?? result.query_id,
      "x-clickhouse-summary": "{}"
    })
    await pipeline(result.stream, response)
  } finally {
    await connection.close()
  }
}

/** ClickHouse's own way to say no: its code in a header and in the text, which is where its client reads it. */
const refuse = (response: ServerResponse, thrown: unknown) => {
  if (response.headersSent) return void response.destroy()
  const { code = "1002", type = "UNKNOWN_EXCEPTION" } = thrown as { readonly code?: string; readonly type?: string }
  const status = thrown instanceof Refused ? thrown.status : code === "60" || code === "81" ? 404 : 400
  const words = reason(thrown).replace(/^Code: \d+\. DB::Exception: /, "")
  response.writeHead(status, { "x-clickhouse-exception-code": code, "content-type": "text/plain; charset=UTF-8" })
  response.end(`Code: ${code}. DB::Exception: ${words} (${type})`)
}

/**
 * Opens the folder and serves it on 127.0.0.1. Rejects with one sentence where the folder or the port is not to be had.
 */
export const serveChdb = async (options: ServeOptions): Promise<ChdbHttp> => {
  const engine = await openEngine(options.folder)
  const server = createServer((request, response) => {
    const handle = async () => {
      if (request.url === "/ping") return void response.end("Ok.\n")
      if (!isAllowed(request, options.password))
        throw Object.assign(new Refused(401, "wrong password"), { code: "516" })
      await answer(engine, request, response)
    }
    handle().catch((thrown: unknown) => refuse(response, thrown))
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`port ${options.port} on 127.0.0.1 cannot be served: ${cause.message}`, { cause }))
    )
    server.listen(options.port ?? 0, "127.0.0.1", resolve)
  }).catch(async (thrown: unknown) => {
    await engine.close()
    throw thrown
  })
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const secret = options.password === undefined ? "" : `default:${encodeURIComponent(options.password)}@`
  return {
    url: `http://${secret}127.0.0.1:${port}`,
    port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await engine.close()
    }
  }
}

/** `node deploy/chdb-http.ts FOLDER [PORT]`; the password comes by CLICKHOUSE_PASSWORD. */
if (import.meta.main) {
  const [folder = ".data/clickhouse", port = "8123"] = process.argv.slice(2)
  const password = process.env.CLICKHOUSE_PASSWORD
  try {
    const served = await serveChdb({ folder, port: Number(port), ...(password === undefined ? {} : { password }) })
    console.log(JSON.stringify({ port: served.port, pid: process.pid }))
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => void served.close().finally(() => process.exit(0)))
    }
  } catch (thrown) {
    console.error(reason(thrown))
    process.exitCode = 1
  }
}
