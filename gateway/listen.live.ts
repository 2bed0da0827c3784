/** The server under the application: Node's own, with limits on what a slow or greedy client may hold. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Effect, type Scope } from "effect"
import { CannotListen } from "./cannot-listen.ts"
import { problemOf, problemType } from "./problem.ts"
import { Refused } from "./refused.ts"

/**
 * Bytes of all headers, their number, and milliseconds until headers, and the whole request, must have come; how often
 * one looks for those that have not.
 */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersMax: 100,
  headersMs: 15_000,
  requestMs: 30_000,
  checkMs: 5_000,
  keepAliveMs: 65_000
}

/** What Node refuses before there is a request is a problem like any other. */
const onClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy()
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400
  const title = STATUS_CODES[status] ?? "Bad Request"
  const kind = title.toLowerCase().replace(/ /g, "-")
  const detail =
    status === 431 ? `At most ${limits.maxHeaderSize / 1024} KiB of headers are read.` : "It is no HTTP request."
  const body = JSON.stringify(problemOf(new Refused({ status, kind, title, detail }), "", ""))
  const length = Buffer.byteLength(body)
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${problemType}\r\nContent-Length: ${length}`
  // its other half would stay open for as long as the client likes
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`, () => socket.destroy())
}

const listening = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** How long requests that are under way may take to end when the server is told to, in milliseconds. */
const drainMs = 3_000

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
    server.closeIdleConnections()
  })

/** Listens until the scope closes; gives the port that it got (0 asks for any free one). */
export const listen = (
  app: RequestListener,
  port: number,
  host: string
): Effect.Effect<number, CannotListen, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const server = createServer(
          { maxHeaderSize: limits.maxHeaderSize, connectionsCheckingInterval: limits.checkMs },
          app
        )
        server.maxHeadersCount = limits.headersMax
        server.headersTimeout = limits.headersMs
        server.requestTimeout = limits.requestMs
        server.keepAliveTimeout = limits.keepAliveMs
        server.on("clientError", onClientError)
        return { server, got: await listening(server, port, host) }
      },
      catch: (cause) => new CannotListen({ port, code: (cause as NodeJS.ErrnoException).code ?? String(cause) })
    }),
    ({ server }) => Effect.promise(() => closed(server))
  ).pipe(Effect.map(({ got }) => got))
