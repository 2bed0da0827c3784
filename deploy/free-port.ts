/** Ports of this machine's loopback address: which is free, and whether one is taken. */
import { createServer } from "node:net"

const tryPort = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(undefined))
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined))
    })
  })

/** A port that nobody listens on now. Another process may take it before we do: whoever uses it tries again. */
export const freePort = async (): Promise<number> => {
  const port = await tryPort(0)
  if (port === undefined) throw new Error("no free port on 127.0.0.1")
  return port
}

/** Does anybody listen on this port? */
export const isTaken = async (port: number): Promise<boolean> => (await tryPort(port)) === undefined
