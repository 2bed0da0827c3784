/** What a measurement stands on: a nats-server of its own, an empty log before each turn, and one warehouse. */
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createClient } from "@clickhouse/client"
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { connect, type NatsConnection } from "nats"
import { openEngine } from "../../actors/_ports/warehouse-embedded.live.ts"
import { layerEmbedded } from "../../actors/_ports/warehouse.live.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { Bus } from "../../bus/bus.ts"
import { layer } from "../../bus/nats.live.ts"
import { logName } from "../../bus/streams.ts"
import { startNatsServer } from "../../deploy/nats-server.ts"
import type { Sealed } from "./events.ts"

export interface Client {
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
}

export interface Stand {
  /** The bare client. */
  readonly client: Client
  /** A bus on a connection of its own, for as long as the scope lives. */
  readonly bus: Effect.Effect<Bus["Service"], unknown, Scope.Scope>
  /** Drops every stream and makes them anew, with these messages in the log. */
  readonly reset: (messages: ReadonlyArray<Sealed>) => Promise<void>
  /** Processor time so far, in microseconds; the server's is not a number where there is no `/proc`. */
  readonly spent: () => { readonly server: number; readonly client: number }
  readonly end: () => Promise<void>
}

/** Linux counts a process's time in hundredths of a second; the name in front may hold spaces and brackets. */
const processorUs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return Number.NaN
  }
}

const batchSize = 1_000
const buildBus = (url: string) =>
  Effect.map(Layer.build(layer({ servers: [url], name: "bench", replicas: 1, production: false })), (context) =>
    Context.get(context, Bus)
  )

/** A server whose writes reach the disk as it is told: before each answer, or when it sees fit. */
export const openStand = async (syncAlways: boolean): Promise<Stand> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-nats-"))
  const server = await startNatsServer({ dataDir, syncAlways })
  const nc = await connect({ servers: server.url, noAsyncTraces: true })
  const jsm = await jetstreamManager(nc)
  const bus = buildBus(server.url)
  const fill = (messages: ReadonlyArray<Sealed>) =>
    Effect.gen(function* () {
      const log = yield* bus
      for (let from = 0; from < messages.length; from += batchSize) {
        yield* log.append(messages.slice(from, from + batchSize))
      }
    })
  const reset = async (messages: ReadonlyArray<Sealed>) => {
    for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
    await Effect.runPromise(Effect.scoped(fill(messages)))
    // the rows of the prices are copied meanwhile: no turn shall pay for another's
    for (let held = -1; ; await new Promise((done) => setTimeout(done, 50))) {
      const { state } = await jsm.streams.info("KV_price-watcher_prices")
      if (state.messages === held) break
      held = state.messages
    }
    const { state } = await jsm.streams.info(logName)
    if (state.messages !== messages.length) throw new Error(`${state.messages} of ${messages.length} are in the log`)
  }
  const end = async () => {
    await nc.close()
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  const spent = () => {
    const { user, system } = process.cpuUsage()
    return { server: processorUs(server.pid), client: user + system }
  }
  return { client: { nc, js: jetstream(nc), jsm }, bus, reset, spent, end }
}

export interface Ledger {
  readonly warehouse: Warehouse["Service"]
  /** Drops the tables, and with them the tokens that they remember. */
  readonly reset: () => Promise<void>
  readonly end: () => Promise<void>
}

/** The embedded engine over a folder of its own. A process opens one. */
export const openLedger = async (): Promise<Ledger> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-ledger-"))
  const scope = await Effect.runPromise(Scope.make())
  const built = Layer.buildWithScope(layerEmbedded(folder), scope)
  const warehouse = Context.get(await Effect.runPromise(built), Warehouse)
  const engine = await openEngine(folder)
  const own = createClient({ connection: engine.connect() })
  return {
    warehouse,
    reset: async () => {
      for (const table of ["events", "savings"]) await own.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` })
    },
    end: async () => {
      await own.close()
      await engine.close()
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await rm(folder, { recursive: true, force: true })
    }
  }
}
