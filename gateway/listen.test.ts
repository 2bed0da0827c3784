/** A client that speaks no HTTP is answered and let go, however long it would like to stay. */
import type { Server } from "node:http"
import { connect, type Socket } from "node:net"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { listen } from "./listen.live.ts"

/** Says something and ends nothing; resolves once the other side has ended its half. */
const lingering = (port: number, text: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(text))
    socket.resume()
    socket.once("end", () => resolve(socket))
    socket.once("error", reject)
  })
const held = (server: Server) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((no, count) => (no === null ? resolve(count) : reject(no)))
  )

it.live("holds no socket of a client that was refused before it asked for anything", () =>
  Effect.gen(function* () {
    let server: Server | undefined
    const port = yield* listen(
      (req, res) => {
        server = (req.socket as Socket & { readonly server: Server }).server
        res.end()
      },
      0,
      "127.0.0.1"
    )
    const here = `http://127.0.0.1:${port}`
    yield* Effect.promise(() => fetch(here, { headers: { connection: "close" } }).then((answer) => answer.text()))
    const sockets = yield* Effect.promise(() => Promise.all([1, 2, 3].map(() => lingering(port, "GARBAGE\r\n\r\n"))))
    yield* Effect.sleep(100)
    if (server === undefined) return assert.fail("nobody was answered")
    const at = server
    assert.strictEqual(yield* Effect.promise(() => held(at)), 0)
    for (const socket of sockets) socket.destroy()
  }).pipe(Effect.scoped)
)
