/** Everything in one command: bus, warehouse, cloud and all actors, followed until they are idle or until Ctrl-C. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit, Layer, Logger, References, Runtime } from "effect"
import { proof, seal } from "../actors/_ports/seal.live.ts"
import { AccountsUnreadable, planOf } from "./accounts.ts"
import { mayRunDry } from "./begin.ts"
import { cannot } from "./cannot-start.ts"
import { claimFolder } from "./claim.ts"
import { deadOperator } from "./dead-operator.ts"
import { busOf, openHouse } from "./embedded.ts"
import { portOf } from "./http-port.ts"
import { follow } from "./follow.ts"
import { help, type Options, readOptions, WrongFlag } from "./options.ts"
import { faultsOf, sentencesOf } from "./report.ts"
import { screenOn } from "./screen.ts"
import { dashboardFolder } from "./window.ts"

/** What a person is told goes to stderr: stdout is for the one JSON line. */
const screen = screenOn(process.stderr, Date.now)
const { say } = screen

const run = (options: Options) =>
  Effect.gen(function* () {
    const plan = yield* planOf(options)
    const port = yield* portOf(options)
    yield* claimFolder(options.data)
    // begun now, as building it takes seconds in which everything else starts
    const door = port === undefined ? undefined : { port, dashboard: dashboardFolder(say) }
    const house = yield* openHouse(options, say)
    const keys = Layer.merge(seal(options.data), proof(options.data))
    const told = options.scenario === "dead-operator" ? deadOperator : follow
    // actors end before what they stand on is taken from under them
    const dry = options.dryRun ? mayRunDry(options.data) : Effect.void
    const figures = yield* Effect.scoped(Effect.andThen(dry, told(options, plan, house, screen, door))).pipe(
      Effect.provide(Layer.mergeAll(busOf(house.natsUrl), keys, house.warehouse))
    )
    screen.rest()
    for (const line of sentencesOf(figures)) say(line)
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
    const faults = faultsOf(figures)
    if (faults.length > 0) {
      say(`not as it must be: ${faults.join(", ")}`)
      process.exitCode = 1
    }
  })

/** A run that drains for longer than this, in milliseconds, says so; it is killed when it drains for too long. */
const patience = { untilSaidMs: 1_500, untilKilledMs: 9_000 }

/** The first word to stop drains, which the runtime sees to; the second ends everything at once. */
const hearSignals = () => {
  let heard = 0
  const force = (why: string, code: number) => {
    say(`${why}; everything is kept and the next start goes on from it`)
    process.exit(code)
  }
  const onSignal = () => {
    if (++heard > 1) return force("ended at once", 130)
    setTimeout(
      () => say("stopping: what is under way is handed back; Ctrl-C again ends it at once"),
      patience.untilSaidMs
    ).unref()
    setTimeout(() => force("ended before all was handed back", 0), patience.untilKilledMs).unref()
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
}

const levelOf = (options: Options) => (process.env["LOG_LEVEL"] === "Debug" ? "Debug" : options.json ? "Error" : "Warn")

const teardownOf =
  (options: Options): Runtime.Teardown =>
  (exit, onExit) => {
    screen.rest()
    if (Exit.isSuccess(exit)) return onExit(Number(process.exitCode ?? 0))
    if (Cause.hasInterruptsOnly(exit.cause)) {
      say(`stopped; everything is kept in ${options.data} and the next start goes on from there`)
      return onExit(0)
    }
    const error = Cause.squash(exit.cause)
    say(cannot(error).message)
    if (process.env["LOG_LEVEL"] === "Debug") say(Cause.pretty(exit.cause))
    onExit(error instanceof AccountsUnreadable ? 2 : 1)
  }

const main = (options: Options) => {
  hearSignals()
  const program = Effect.scoped(run(options)).pipe(
    Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])),
    Effect.provide(Layer.succeed(References.MinimumLogLevel, levelOf(options)))
  )
  NodeRuntime.runMain(program, { teardown: teardownOf(options), disableErrorReporting: true })
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
