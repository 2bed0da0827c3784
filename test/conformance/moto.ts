/** AWS as moto has it: one server on loopback, emptied between tests, ended by its process id. */
import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "../../deploy/free-port.ts"
import { standIn } from "./stand-ins.ts"

export interface Moto {
  /** For the SDK's `endpoint`. */
  readonly url: string
  readonly pid: number
  /** Forgets everything that was made; instances, groups, queues, roles. */
  readonly reset: () => Promise<void>
  readonly stop: () => Promise<void>
}

const readyWithinMs = 60_000
const keptCharacters = 8192

/**
 * Starts a server on a free port and waits until it answers. Moto keeps one state for all: one server per test file.
 * Rejects where moto is missing, with the reason, or where the server ends before it answers, with its last words.
 */
export const startMoto = async (): Promise<Moto> => {
  const moto = await standIn("moto")
  if (moto.isMissing) throw new Error(`moto is missing: ${moto.why}`)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(moto.path, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  let printed = ""
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString("utf8")).slice(-keptCharacters)
  }
  child.stdout.on("data", keep)
  child.stderr.on("data", keep)
  const takeAlong = () => child.kill("SIGKILL")
  process.once("exit", takeAlong)
  let over = false
  const exited = new Promise<void>((done) => {
    const settle = () => {
      over = true
      process.off("exit", takeAlong)
      done()
    }
    child.once("exit", settle)
    child.once("error", settle)
  })
  const stop = async () => {
    child.kill("SIGTERM")
    const late = setTimeout(() => child.kill("SIGKILL"), 5000)
    await exited
    clearTimeout(late)
  }
  const call = async (path: string, method: "GET" | "POST") => {
    const answer = await fetch(`${url}${path}`, { method })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`moto answered ${answer.status} to ${path}`)
  }
  for (let waited = 0; ; waited += 100) {
    if (over) throw new Error(`moto did not start: ${printed.trim().split("\n").slice(-3).join(" / ")}`)
    if (
      await call("/moto-api/data.json", "GET").then(
        () => true,
        () => false
      )
    )
      break
    if (waited >= readyWithinMs) {
      await stop()
      throw new Error(`moto did not answer within ${readyWithinMs} ms`)
    }
    await sleep(100)
  }
  return { url, pid: child.pid ?? 0, reset: () => call("/moto-api/reset", "POST"), stop }
}
