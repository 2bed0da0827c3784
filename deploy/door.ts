/** The gateway of a run: on its port, with the dashboard behind it, in this process or in one of its own. */
import { Effect, type Scope } from "effect"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import type { Bus } from "../bus/bus.ts"
import { runGateway } from "../gateway/house.ts"
import { settingsOf } from "../gateway/identity/settings.ts"
import { listen } from "../gateway/listen.live.ts"
import { freshHex, rssBytes, standing } from "../gateway/stand.live.ts"
import { cannot, type CannotStart } from "./cannot-start.ts"
import type { House } from "./embedded.ts"
import type { Door } from "./http-port.ts"
import type { Options } from "./options.ts"
import { keepAlive } from "./supervise.ts"
import { version } from "./version.ts"

/** The address to open, as a person reads it; the first time with what makes him its administrator. */
const invitation = (port: number, secret: string | undefined): string =>
  secret === undefined
    ? `the dashboard is at http://localhost:${port}`
    : `the dashboard is at http://localhost:${port}/welcome#${secret} (whoever opens this first becomes administrator)`

/** Opens the gateway and keeps it open for as long as the scope lives. */
export const openDoor = (
  options: Options,
  house: House,
  door: Door,
  homeTenant: string,
  say: (line: string) => void
): Effect.Effect<void, CannotStart, Bus | Warehouse | Scope.Scope> =>
  Effect.gen(function* () {
    const dashboard = yield* Effect.promise(() => door.dashboard)
    const known = { version, simulated: options.cloud === "sim", staleAfterMs: 120_000, homeTenant }
    const settings = yield* Effect.mapError(settingsOf(known), cannot)
    const servers = house.natsUrl.split(",").filter((url) => url !== "")
    const run = runGateway({
      port: door.port,
      host: process.env["HOST"] ?? "127.0.0.1",
      proxies: 0,
      settings,
      corsOrigins: [],
      dashboard,
      limitScale: 1,
      listen,
      fresh: freshHex,
      rssBytes,
      opened: (where) => Effect.sync(() => say(invitation(where.port, where.secret)))
    }).pipe(Effect.provide(standing({ servers, replicas: 1, name: "gateway" }, settings)))
    yield* Effect.forkScoped(keepAlive({ name: "gateway", run: () => run }))
  })
