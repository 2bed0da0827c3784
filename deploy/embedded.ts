/** What a run stands on: a bus, a warehouse and a cloud, embedded unless servers of one's own are named. */
import { join } from "node:path"
import { Context, Effect, Layer, type Scope } from "effect"
import type { Inners } from "../actors/_ports/cloud.ts"
import { Warehouse, type WarehouseDown } from "../actors/_ports/warehouse.ts"
import { layerEmbedded, layerHttp } from "../actors/_ports/warehouse.live.ts"
import { Bus } from "../bus/bus.ts"
import { layer as natsLayer } from "../bus/nats.live.ts"
import type { World } from "../actors/_ports/world/world.ts"
import { cannot, CannotStart } from "./cannot-start.ts"
import { reason } from "./command.ts"
import { serveChdb } from "./chdb-http.ts"
import { loadMarket } from "../actors/_ports/market.live.ts"
import { type NatsServer, startNatsServer } from "./nats-server.ts"
import type { Options } from "./options.ts"
import { openWorld, serveWorld } from "./world.ts"

export interface House {
  /** The embedded server; undefined where NATS_URL names others. */
  readonly nats: NatsServer | undefined
  readonly natsUrl: string
  readonly warehouse: Layer.Layer<Warehouse, WarehouseDown>
  readonly clickhouseUrl: string | undefined
  readonly world: World | undefined
  readonly worldSocket: string
  readonly inners: Inners
  readonly isResumed: boolean
}

const isTaken = (thrown: unknown) => /^port \d+ .* is taken/.test(reason(thrown))

const embeddedNats = (options: Options, say: (line: string) => void) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => startNatsServer({ dataDir: join(options.data, "nats"), port: options.natsPort, say }),
      catch: (thrown) => cannot(isTaken(thrown) ? `${reason(thrown)}: end it, or leave --nats-port out.` : thrown)
    }),
    (server) => Effect.promise(() => server.stop())
  )

/** Servers of one's own that do not answer: which, and how to do without. */
const unanswered = (name: string, value: string, instead: string) => () =>
  cannot(`${name} ${value} does not answer: start what is there, or unset ${name} for ${instead}.`)

/** Somebody is waiting at the terminal: longer than this nobody is asked whether he is there. */
const connectWithin = "10 seconds"

/** The bus, ready. */
export const busOf = (natsUrl: string): Layer.Layer<Bus, CannotStart> => {
  const servers = natsUrl.split(",").filter((url) => url !== "")
  const isGiven = process.env["NATS_URL"] !== undefined
  const silent = "the embedded nats-server does not answer: what it says of itself is in nats/nats-server.log"
  const failed = isGiven ? unanswered("NATS_URL", natsUrl, "the embedded server") : () => cannot(silent)
  return Layer.effect(
    Bus,
    Layer.build(natsLayer({ servers, name: "up", replicas: 1, production: false })).pipe(
      Effect.map((made) => Context.get(made, Bus)),
      Effect.timeoutOrElse({ duration: connectWithin, orElse: () => Effect.fail(failed()) }),
      Effect.mapError((error) => (error._tag === "BusDown" ? failed() : cannot(error)))
    )
  )
}

/** Looks once whether the warehouse is there, and brings its tables up to date. */
export const openWarehouse = Effect.gen(function* () {
  const warehouse = yield* Warehouse
  const url = process.env["CLICKHOUSE_URL"]
  const failed = url === undefined ? cannot : unanswered("CLICKHOUSE_URL", withoutPassword(url), "the embedded engine")
  yield* Effect.mapError(warehouse.migrate, failed)
  return warehouse
})
const withoutPassword = (url: string) => url.replace(/\/\/[^@/]*@/, "//")

/** Actors of other processes reach the engine over HTTP; one process needs no such detour. */
const warehouseOf = (options: Options) =>
  Effect.gen(function* () {
    const given = process.env["CLICKHOUSE_URL"]
    if (given !== undefined) return { layer: layerHttp(given), url: given }
    const folder = join(options.data, "clickhouse")
    if (options.actors === "one") return { layer: layerEmbedded(folder), url: undefined }
    const served = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => serveChdb({ folder }), catch: cannot }),
      (server) => Effect.promise(() => server.close())
    )
    return { layer: layerHttp(served.url), url: served.url }
  })

export const openHouse = (
  options: Options,
  say: (line: string) => void
): Effect.Effect<House, CannotStart, Scope.Scope> =>
  Effect.gen(function* () {
    const given = process.env["NATS_URL"]
    const nats = given === undefined ? yield* embeddedNats(options, say) : undefined
    const { layer: warehouse, url: clickhouseUrl } = yield* warehouseOf(options)
    const worldSocket = join(options.data, "world.sock")
    const base = { nats, natsUrl: given ?? nats?.url ?? "", warehouse, clickhouseUrl, worldSocket }
    if (options.cloud === "aws") {
      // loaded where it is needed: the SDK takes 80 MB and a second
      const { awsPorts } = yield* Effect.promise(() => import("../actors/_ports/aws-ports.live.ts"))
      const inners = yield* awsPorts({ market: loadMarket() })
      return { ...base, world: undefined, inners, isResumed: false }
    }
    const { seed, speed, chaos: isChaotic } = options
    const cloud = yield* openWorld({ folder: options.data, seed, speed, isChaotic })
    if (options.actors === "processes") yield* Effect.mapError(serveWorld(worldSocket, cloud), cannot)
    return { ...base, world: cloud.world, inners: cloud.inners, isResumed: cloud.isResumed }
  })
