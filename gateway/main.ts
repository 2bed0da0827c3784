/** The gateway as a process: PORT and HOST to listen on, DASHBOARD to serve; NATS_URL and CLICKHOUSE_URL behind it. */
import { readFileSync } from "node:fs"
import { Config, Effect, Layer } from "effect"
import { busWiring, runProcess } from "../bus/process.live.ts"
import { layerHttp } from "../actors/_ports/warehouse.live.ts"
import { runGateway } from "./house.ts"
import { settingsOf } from "./identity/settings.ts"
import { listen } from "./listen.live.ts"
import { freshHex, rssBytes, standing } from "./stand.live.ts"

const list = (text: string) => text.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]))
const wiring = Config.all({
  port: Config.Port("PORT").pipe(Config.withDefault(8_000)),
  host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
  origins: Config.String("CORS_ORIGINS").pipe(Config.withDefault("")),
  proxies: Config.Int("PROXIES").pipe(Config.withDefault(0)),
  dashboard: Config.String("DASHBOARD").pipe(Config.withDefault("")),
  warehouse: Config.String("CLICKHOUSE_URL").pipe(Config.withDefault("http://127.0.0.1:8123")),
  isSimulated: Config.String("WORLD_SOCKET").pipe(
    Config.withDefault(""),
    Config.map((socket) => socket !== "")
  )
})
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }

/** It listens: told on stderr with the rest, the secret among it, once. */
const opened = ({ port, secret }: { readonly port: number; readonly secret: string | undefined }) =>
  Effect.sync(() => {
    process.stderr.write(`gateway listens on port ${port}\n`)
    if (secret !== undefined) process.stderr.write(`first administrator: /welcome#${secret}\n`)
  })

runProcess(
  "gateway",
  Effect.gen(function* () {
    const { port, host, origins, proxies, dashboard, warehouse, isSimulated } = yield* wiring
    const settings = yield* settingsOf({ version, simulated: isSimulated, staleAfterMs: 120_000 })
    const { servers, replicas } = yield* busWiring
    const stand = standing({ servers, replicas, name: "gateway" }, settings)
    return yield* runGateway({
      port,
      host,
      proxies,
      settings,
      corsOrigins: list(origins),
      dashboard: dashboard === "" ? undefined : dashboard,
      limitScale: 1,
      listen,
      fresh: freshHex,
      rssBytes,
      opened
    }).pipe(Effect.provide(Layer.merge(stand, layerHttp(warehouse))))
  })
)
