/** The cloud of one process: the world behind WORLD_SOCKET where that is set, AWS over the SDK otherwise. */
import { Config, Effect, Layer } from "effect"
import { type Inners, portsOver } from "./cloud.ts"
import { ec2Calls } from "./ec2.ts"
import { groupCalls } from "./group.ts"
import { healthCalls } from "./health.ts"
import type { Audit } from "./port.ts"
import type { MarketData } from "./prices.live.ts"
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

/** No list prices came with the process: of AWS it then knows what AWS tells, and no on-demand price. */
const noBundle: MarketData = { types: new Map(), onDemandMicroUsd: () => undefined, advisor: () => undefined }

/** Loaded where it is needed: the SDK costs a process 80 MB and a second at its start. */
const overAws = (market: MarketData) =>
  Effect.flatMap(
    Effect.promise(() => import("./aws-ports.live.ts")),
    ({ awsPorts }) => awsPorts({ market })
  )

/** All ports of this process under the given audit. `market`: list prices and bands for when AWS is the cloud. */
export const ports = <R>(audit: Layer.Layer<Audit, never, R>, market: MarketData = noBundle) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const socketPath = yield* Config.String("WORLD_SOCKET").pipe(Config.withDefault(""))
      const inners = socketPath === "" ? yield* overAws(market) : worldAt(socketPath)
      return portsOver(inners).pipe(Layer.provide(audit))
    })
  )
