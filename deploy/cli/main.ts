#!/usr/bin/env node
/** `cloudoptim`: everything that the dashboard shows and does, from a terminal and for scripts. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { CliError, Command } from "effect/cli"
import { version } from "../version.ts"
import { accounts } from "./accounts.ts"
import { attention } from "./attention.ts"
import { dead } from "./dead.ts"
import { abort, apply, approve, command, diff, plan, reject, retry, stop } from "./decide.ts"
import { exitHelp, Ended, exits } from "./exit.ts"
import { instances } from "./instances.ts"
import { ledger } from "./ledger.ts"
import { approvals, groups, sagas } from "./lists.ts"
import { explain, tail, trace } from "./look.ts"
import { doctor, down, isUp, logs, status, up } from "./machine.ts"
import { pools } from "./pools.ts"
import { clean } from "./print.ts"
import { login, logout, whoami } from "./sign-in.ts"

/** For the help alone: its flags are those of `npm start` and are handed on as they are. */
const upHelp = Command.make("up", {}, () => Effect.void).pipe(
  Command.withDescription("Start everything; takes the flags of npm start, and --detach")
)

const cloudoptim = Command.make("cloudoptim").pipe(
  Command.withDescription(`Makes clouds cheaper without ever hurting them.\n\n${exitHelp}`),
  Command.withSubcommands([
    upHelp,
    down,
    status,
    logs,
    doctor,
    login,
    logout,
    whoami,
    attention,
    accounts,
    groups,
    instances,
    sagas,
    approvals,
    pools,
    dead,
    tail,
    explain,
    trace,
    approve,
    reject,
    command,
    abort,
    retry,
    stop,
    plan,
    diff,
    apply,
    ledger
  ])
)

/** What was thrown in the middle of things is told like anything else: no run ends without a word. */
const told = (thrown: unknown): Ended =>
  thrown instanceof Ended ? thrown : new Ended({ exit: "failed", says: `cloudoptim has failed: ${String(thrown)}` })

const run = Command.run(cloudoptim, { version }).pipe(
  Effect.catchDefect((thrown) => Effect.fail(told(thrown))),
  Effect.tapError((error) =>
    Effect.sync(() => {
      if (error instanceof Ended) process.stderr.write(`${error.says.split("\n").map(clean).join("\n")}\n`)
    })
  ),
  Effect.mapError((error) => (CliError.isCliError(error) ? new Ended({ exit: "usage", says: "wrong usage" }) : error)),
  Effect.provide(NodeServices.layer)
)

const args = process.argv.slice(2)
if (isUp(args)) up(args.slice(1))
else {
  // a reader that has seen enough, as head, ends us without a word
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? exits.ok : exits.failed)
  )
  NodeRuntime.runMain(run, { disableErrorReporting: true })
}
