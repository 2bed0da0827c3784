/** The cloud of one process: the world behind WORLD_SOCKET where that is set, AWS over the SDK otherwise. */
import { Config, Effect, Layer } from "effect"
import { type Inners, portsOver } from "./cloud.ts"
import { ec2Calls } from "./ec2.ts"
import { groupCalls } from "./group.ts"
import { healthCalls } from "./health.ts"
import type { Audit } from "./port.ts"
import { loadMarket } from "./market.live.ts"
import { pricesCalls } from "./prices.ts"
import { stsCalls } from "./sts.ts"
import { remoteInner } from "./world/remote.live.ts"

/** The same names as at the world's door. */
const worldAt = (socketPath: string): Inners => ({
  ec2: remoteInner("ec2", ec2Calls, socketPath),
  groups: remoteInner("group", groupCalls, socketPath),
  health: remoteInner("health", healthCalls, socketPath),
  sts: remoteInner("sts", stsCalls, socketPath),
  prices: remoteInner("prices", pricesCalls, socketPath)
})

/**
 * Loaded where it is needed: the SDK costs a process 80 MB and a second at its start. MARKET: the folder of list prices
 * and bands; the shipped ones unless it is named.
 */
const overAws = Effect.gen(function* () {
  const folder = yield* Config.String("MARKET").pipe(Config.withDefault(""))
  const { awsPorts } = yield* Effect.promise(() => import("./aws-ports.live.ts"))
  return yield* awsPorts({ market: folder === "" ? loadMarket() : loadMarket(folder) })
})

/** All ports of this process under the given audit. */
export const ports = <R>(audit: Layer.Layer<Audit, never, R>) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const socketPath = yield* Config.String("WORLD_SOCKET").pipe(Config.withDefault(""))
      const inners = socketPath === "" ? yield* overAws : worldAt(socketPath)
      return portsOver(inners).pipe(Layer.provide(audit))
    })
  )
