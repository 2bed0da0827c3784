/** What a run stands on: a bus, a warehouse and a cloud, embedded unless servers of one's own are named. */
import { join } from "node:path"
import { Effect, type Layer, Schema, type Scope } from "effect"
import { awsPorts } from "../actors/_ports/aws-ports.live.ts"
import type { Inners } from "../actors/_ports/cloud.ts"
import type { Warehouse, WarehouseDown } from "../actors/_ports/warehouse.ts"
import { layerEmbedded, layerHttp } from "../actors/_ports/warehouse.live.ts"
import type { World } from "../actors/_ports/world/world.ts"
import { serveChdb } from "./chdb-http.ts"
import { loadMarket } from "./market/market.ts"
import { type NatsServer, startNatsServer } from "./nats-server.ts"
import type { Options } from "./options.ts"
import { openWorld, serveWorld } from "./world.ts"

/** Something that the run stands on does not start: the sentence names the mend. */
export class CannotStart extends Schema.TaggedError<CannotStart>()("CannotStart", { why: Schema.String }) {
  override get message() {
    return this.why
  }
}
const cannot = (cause: unknown) => new CannotStart({ why: cause instanceof Error ? cause.message : String(cause) })

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

const embeddedNats = (options: Options, say: (line: string) => void) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => startNatsServer({ dataDir: join(options.data, "nats"), port: options.port, say }),
      catch: cannot
    }),
    (server) => Effect.promise(() => server.stop())
  )

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
      const inners = yield* awsPorts({ market: loadMarket() })
      return { ...base, world: undefined, inners, isResumed: false }
    }
    const { seed, speed, chaos: isChaotic } = options
    const cloud = yield* openWorld({ folder: options.data, seed, speed, isChaotic })
    if (options.actors === "processes") yield* Effect.mapError(serveWorld(worldSocket, cloud), cannot)
    return { ...base, world: cloud.world, inners: cloud.inners, isResumed: cloud.isResumed }
  })
