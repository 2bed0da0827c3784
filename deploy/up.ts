/** Everything in one command: bus, warehouse, cloud and all actors; follows them until they are idle, or until Ctrl-C. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit, Layer, Logger, References, Runtime } from "effect"
import { layer as natsLayer } from "../bus/nats.live.ts"
import { proof, seal } from "../actors/_ports/seal.live.ts"
import { type Plan, planOf } from "./accounts.ts"
import { openHouse } from "./embedded.ts"
import { follow } from "./follow.ts"
import { help, type Options, readOptions, WrongFlag } from "./options.ts"
import { faultsOf } from "./report.ts"
import { deadOperator } from "./dead-operator.ts"

/** What a person is told goes to stderr: stdout is for the one JSON line. */
const say = (line: string) => process.stderr.write(`${line}\n`)

const servers = (url: string) => process.env["NATS_URL"]?.split(",") ?? [url]

const run = (options: Options, plan: Plan) =>
  Effect.gen(function* () {
    const house = yield* openHouse(options, say)
    const bus = natsLayer({ servers: servers(house.nats?.url ?? ""), name: "up", replicas: 1, production: false })
    const keys = Layer.merge(seal(options.data), proof(options.data))
    const figures = yield* (
      options.scenario === "dead-operator" ? deadOperator(options, plan, house, say) : follow(options, plan, house, say)
    ).pipe(Effect.provide(Layer.mergeAll(bus, keys, house.warehouse)))
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
    else say(JSON.stringify(figures, null, 2))
    const faults = faultsOf(figures)
    if (faults.length > 0) {
      say(`not as it must be: ${faults.join(", ")}`)
      process.exitCode = 1
    }
  })

const isQuiet = (options: Options) => (options.json ? "Error" : "Warn")

const main = (options: Options) => {
  mkdirSync(options.data, { recursive: true })
  const program = Effect.scoped(Effect.flatMap(planOf(options), (plan) => run(options, plan))).pipe(
    Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])),
    Effect.provide(
      Layer.succeed(References.MinimumLogLevel, process.env["LOG_LEVEL"] === "Debug" ? "Debug" : isQuiet(options))
    )
  )
  const teardown: Runtime.Teardown = (exit, onExit) => {
    if (Exit.isSuccess(exit)) return onExit(Number(process.exitCode ?? 0))
    if (Cause.hasInterruptsOnly(exit.cause)) {
      say(`stopped; everything is kept in ${join(options.data)} and goes on from there`)
      return onExit(0)
    }
    const error = Cause.squash(exit.cause)
    say(error instanceof Error ? error.message : String(error))
    if (process.env["LOG_LEVEL"] === "Debug") say(Cause.pretty(exit.cause))
    onExit(1)
  }
  NodeRuntime.runMain(program, { teardown, disableErrorReporting: true })
}

try {
  const options = readOptions(process.argv.slice(2), process.cwd())
  if (options === undefined) process.stdout.write(help)
  else main(options)
} catch (cause) {
  if (!(cause instanceof WrongFlag)) throw cause
  say(cause.message)
  process.exitCode = 2
}
