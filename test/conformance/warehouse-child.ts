/** A warehouse opened for a test, and the embedded engine in a process of its own: started, ended, killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"

export interface Opened {
  readonly store: Warehouse["Service"]
  readonly close: () => Promise<void>
}
/** For suites that must open and close in the middle of a test. */
export const opened = async (layer: Layer.Layer<Warehouse, unknown>): Promise<Opened> => {
  const scope = Scope.makeUnsafe()
  const store = await Effect.runPromise(Effect.map(Layer.buildWithScope(layer, scope), Context.get(Warehouse)))
  return { store, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

export interface Child {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly kill9: () => Promise<void>
  readonly stop: () => Promise<number | null>
}

const program = join(import.meta.dirname, "..", "..", "deploy", "chdb-http.ts")
export const password = "a secret: of tests/only"
const readyWithinMs = 30_000

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
    else child.once("exit", (code) => resolve(code))
  })

export interface ChildOptions {
  /** 0: one that is free. Default 0. */
  readonly port?: number
  readonly nodeArguments?: ReadonlyArray<string>
}

/** Starts one over a folder. Rejects with what it printed where it ends before it serves. */
export const serveInChild = (folder: string, options: ChildOptions = {}): Promise<Child> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...(options.nodeArguments ?? []), program, folder, String(options.port ?? 0)],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, CLICKHOUSE_PASSWORD: password }
      }
    )
    const takeAlong = () => child.kill("SIGKILL")
    process.once("exit", takeAlong)
    let printed = ""
    const late = setTimeout(() => child.kill("SIGKILL"), readyWithinMs)
    child.stderr.on("data", (chunk: Buffer) => (printed = (printed + chunk.toString("utf8")).slice(-8192)))
    child.once("exit", () => {
      clearTimeout(late)
      process.off("exit", takeAlong)
      reject(new Error(printed.trim() || "it ended and printed nothing"))
    })
    child.stdout.once("data", (line: Buffer) => {
      clearTimeout(late)
      const { port, pid } = JSON.parse(line.toString("utf8")) as { readonly port: number; readonly pid: number }
      resolve({
        url: `http://default:${encodeURIComponent(password)}@127.0.0.1:${port}`,
        port,
        pid,
        kill9: async () => {
          child.kill("SIGKILL")
          await ended(child)
        },
        stop: () => {
          child.kill("SIGTERM")
          return ended(child)
        }
      })
    })
  })
