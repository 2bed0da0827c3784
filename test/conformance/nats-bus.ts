/** Buses over nats-servers of our own: started for a test file, and one scope per connection. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { type Cause, Context, Effect, Layer, type Scope } from "effect"
import { connect } from "nats"
import { Bus, type BusDown } from "../../bus/bus.ts"
import { layer, type NatsOptions } from "../../bus/nats.live.ts"
import type { UnsafeServer } from "../../bus/nats-safety.live.ts"
import { deadSubject, type Replicas, type StreamMismatch } from "../../bus/streams.ts"
import { type NatsServer, type ServerOptions, startNatsCluster, startNatsServer } from "../../deploy/nats-server.ts"
import { BusHouse } from "./bus-house.ts"

export interface Servers {
  readonly all: ReadonlyArray<NatsServer>
  readonly urls: ReadonlyArray<string>
  readonly replicas: Replicas
  readonly end: () => Promise<void>
}

/** Servers take what we would never send, so that oversized messages really arrive. */
const generous: Partial<ServerOptions> = { maxPayloadBytes: 8 * 1024 * 1024 }

export const startServers = async (replicas: Replicas, options: Partial<ServerOptions> = {}): Promise<Servers> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bus-"))
  const wanted = { ...generous, ...options, dataDir }
  const all = replicas === 1 ? [await startNatsServer(wanted)] : (await startNatsCluster(replicas, wanted)).servers
  const end = async () => {
    await Promise.all(all.map((server) => server.stop()))
    await rm(dataDir, { recursive: true, force: true })
  }
  return { all, urls: all.map(({ url }) => url), replicas, end }
}

/** A client that knows nothing of our rules, for as long as its scope. */
export const clientOf = (servers: Pick<Servers, "urls">) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const nc = await connect({ servers: [...servers.urls] })
      return { nc, js: jetstream(nc), jsm: await jetstreamManager(nc) }
    }),
    ({ nc }) => Effect.promise(() => nc.close())
  )

/** Where a server answers about itself, as its configuration says. */
export const monitorOf = async (server: NatsServer): Promise<string> => {
  const config = await readFile(join(dirname(server.logPath), "nats-server.conf"), "utf8")
  return `http://${/^http: "(.+)"$/m.exec(config)?.[1] ?? ""}`
}

/** One process's bus, for as long as the scope lives. */
export const connectBus = (
  servers: Servers,
  options: Partial<NatsOptions> = {}
): Effect.Effect<Bus["Service"], BusDown | UnsafeServer | StreamMismatch, Scope.Scope> =>
  Layer.build(
    layer({ servers: servers.urls, name: "test", replicas: servers.replicas, production: false, ...options })
  ).pipe(Effect.map((context) => Context.get(context, Bus)))

const litterOf =
  (servers: Servers): BusHouse["Service"]["litter"] =>
  (consumer, data) =>
    Effect.promise(async () => {
      const nc = await connect({ servers: [...servers.urls] })
      await nc.request(deadSubject(consumer), data)
      await nc.close()
    })

/** Servers for the contract suite: each process that joins has a connection of its own. */
export const houseOf = (replicas: Replicas): Layer.Layer<BusHouse> =>
  Layer.effect(
    BusHouse,
    Effect.acquireRelease(
      Effect.promise(() => startServers(replicas)),
      (servers) => Effect.promise(servers.end)
    ).pipe(Effect.map((servers) => BusHouse.of({ join: connectBus(servers), litter: litterOf(servers) })))
  )

/** Looks every 20 ms until it is so, for twenty seconds at most. */
export const eventuallyTrue = <E, R>(
  isSo: Effect.Effect<boolean, E, R>
): Effect.Effect<void, E | Cause.TimeoutError, R> =>
  isSo.pipe(
    Effect.tap((so) => (so ? Effect.void : Effect.sleep("20 millis"))),
    Effect.repeat({ until: (so) => so }),
    Effect.timeout("20 seconds"),
    Effect.asVoid
  )
export const eventually = (isSo: () => boolean) => eventuallyTrue(Effect.sync(isSo))
