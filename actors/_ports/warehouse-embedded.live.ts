/** The embedded ClickHouse engine: opened over a folder, or one sentence that says why not and what to do. */
import { mkdir, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { ClickHouseClientConfigOptions } from "@clickhouse/client"

/** What the client takes in place of a wire. */
export type EmbeddedConnection = NonNullable<ClickHouseClientConfigOptions["connection"]>
interface Chdb {
  readonly createChdbConnection: (options: { readonly path: string }) => EmbeddedConnection
}
/** An open folder. Connections are cheap (0.4 ms), each runs one statement at a time and keeps what it was `SET`. */
export interface Engine {
  readonly connect: () => EmbeddedConnection
  /** After every connection is closed. */
  readonly close: () => Promise<void>
}

// A name and not a literal: the package may be absent, and its types are those of another copy of the client's.
const engineModule: string = "chdb/connection"

const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).trim()

/** The engine's library is an optional dependency: half a gigabyte, and not for every platform. */
const loadEngine = async (): Promise<Chdb> => {
  try {
    const engine: Chdb & { readonly default?: Chdb } = await import(engineModule)
    // a CommonJS module: its names stand on the namespace or on its default, by who loads it
    return engine.default ?? engine
  } catch (cause) {
    throw new Error(
      "the embedded ClickHouse engine (package chdb) cannot be loaded: install it with " +
        `\`npm install --include=optional\`, or set CLICKHOUSE_URL to a server (${reason(cause).split("\n")[0]})`,
      { cause }
    )
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** The engine keeps its process's id in the folder while it runs. Undefined where nobody alive has it. */
const holderOf = async (folder: string): Promise<number | undefined> => {
  const status = await readFile(join(folder, "status"), "utf8").catch(() => "")
  const pid = Number.parseInt(/^PID: (\d+)/m.exec(status)?.[1] ?? "", 10)
  return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : undefined
}

const whyNot = async (folder: string, thrown: unknown): Promise<string> => {
  const said = reason(thrown).replaceAll(/\s+/g, " ").slice(0, 300)
  if (/only one active data directory/.test(said)) {
    return `this process already has another warehouse folder open: a process opens one, ${folder} cannot be the second`
  }
  const holder = await holderOf(folder)
  if (holder !== undefined) {
    const mend = "end that process, or set CLICKHOUSE_URL to the address it serves"
    return `the warehouse folder ${folder} is in use by process ${holder}: ${mend}`
  }
  const mend = "move it away and start again, the ledger is then booked anew from the log"
  return `the warehouse folder ${folder} cannot be opened: ${mend} (the engine said: ${said})`
}

/** Opens the folder, making it where it is missing. Rejects with one sentence for a person. */
export const openEngine = async (path: string): Promise<Engine> => {
  const folder = resolve(path)
  const { createChdbConnection } = await loadEngine()
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new Error(`the warehouse folder ${folder} cannot be made: choose another one (${reason(cause)})`, { cause })
  })
  const connect = () => createChdbConnection({ path: folder })
  try {
    // held until the end: with its last connection the engine would close
    const holder = connect()
    // tables are loaded by the first statement
    const answer = await holder.ping({ select: true })
    if (answer.success) return { connect, close: () => holder.close() }
    await holder.close()
    throw answer.error
  } catch (cause) {
    throw new Error(await whyNot(folder, cause), { cause })
  }
}
