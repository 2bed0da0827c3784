/** An actor as a process of its own: bus and wiring from the environment, logs as JSON lines, an orderly end. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Config, Effect, Exit, Layer, Logger, References, Runtime, type Scope } from "effect"
import type { Bus } from "./bus.ts"
import { layer as natsLayer } from "./nats.live.ts"

/**
 * NATS_URL (several by comma), NATS_REPLICAS (1 or 3), NATS_MONITOR_URLS, ENVIRONMENT (`production` refuses unsafe
 * servers).
 */
const wiring = Config.all({
  servers: Config.String("NATS_URL").pipe(Config.withDefault("nats://127.0.0.1:4222")),
  replicas: Config.Literals(["1", "3"], "NATS_REPLICAS").pipe(Config.withDefault("1" as const)),
  monitors: Config.String("NATS_MONITOR_URLS").pipe(Config.withDefault("")),
  environment: Config.String("ENVIRONMENT").pipe(Config.withDefault("development")),
  level: Config.Literals(["Debug", "Info", "Warn", "Error"], "LOG_LEVEL").pipe(Config.withDefault("Info" as const))
})

const list = (text: string) => text.split(",").filter((one) => one !== "")

/** Where the bus is, for whoever needs a connection of its own to it. */
export const busWiring = Effect.map(wiring, ({ servers, replicas }) => ({
  servers: list(servers),
  replicas: replicas === "3" ? (3 as const) : (1 as const)
}))

/** SIGTERM and Ctrl-C are an end like any other: 0, not the 130 that an orchestrator reads as a crash. */
const teardown: Runtime.Teardown = (exit, onExit) =>
  Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? onExit(0) : Runtime.defaultTeardown(exit, onExit)

const logging = (level: "Debug" | "Info" | "Warn" | "Error") =>
  Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(Logger.formatJson)]),
    Layer.succeed(References.MinimumLogLevel, level)
  )

/** Runs the actor until it is told to stop, or until it fails: then its supervisor starts it again. */
export const runProcess = <E>(name: string, program: Effect.Effect<never, E, Bus | Scope.Scope>): void =>
  NodeRuntime.runMain(
    Effect.gen(function* () {
      const { servers, replicas, monitors, environment, level } = yield* wiring
      const bus = natsLayer({
        servers: list(servers),
        name,
        replicas: replicas === "3" ? 3 : 1,
        production: environment === "production",
        monitors: list(monitors)
      })
      const life = Effect.andThen(Effect.logInfo(`${name} is running`), program)
      return yield* Effect.scoped(life).pipe(
        Effect.provide(bus),
        Effect.provide(logging(level)),
        Effect.annotateLogs({ actor: name })
      )
    }),
    { teardown }
  )
