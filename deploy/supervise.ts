/** Keeps actors running: in this process as fibers, or each as a process of its own. What fails is started again. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Cause, Effect, type Scope } from "effect"
import { incarnation } from "./terms.ts"

/** An actor, or whatever else is kept running. */
interface Kind<R> {
  readonly name: string
  readonly run: (holder: string) => Effect.Effect<never, unknown, R>
}

/** Pause before a failed actor is started again, in milliseconds. */
const restartAfterMs = 500

/** Runs an actor for ever in this process: each life has a scope and a holder's name of its own. */
export const keepAlive = <R>(actor: Kind<R>) =>
  Effect.suspend(() => Effect.scoped(actor.run(incarnation(actor.name)))).pipe(
    Effect.annotateLogs({ actor: actor.name }),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.andThen(
            Effect.logWarning(`${actor.name} failed and is started again`, cause),
            Effect.sleep(restartAfterMs)
          )
    ),
    Effect.forever
  )

/** A process that is started again whenever it ends, until it is let go. */
export interface Kept {
  readonly name: string
  readonly pid: () => number | undefined
  /** Ends it as a crash would; it is started again. */
  readonly kill9: () => void
  /** Ends it for good: with a signal that it can hear, or with one that it cannot. */
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Promise<void>
  readonly starts: () => number
}

const mainOf = (actor: string) => fileURLToPath(new URL(`../actors/${actor}/main.ts`, import.meta.url))
const leash = fileURLToPath(new URL("./leash.ts", import.meta.url))
/** How long a process may take to drain before it is killed, in milliseconds. */
const drainMs = 7_000
/** An actor keeps little for long: a small nursery saves tens of megabytes in each process. */
const frugal = ["--max-semi-space-size=2"]

/** Whoever is still there when this process ends without draining goes with it. */
const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

type Environment = Readonly<Record<string, string>>

/** One life of an actor's process; why it ended is told on either of its streams. */
const launch = (actor: string, env: Environment, say: (line: string) => void): ChildProcess => {
  const child = spawn(process.execPath, [...frugal, "--import", leash, mainOf(actor)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C on a terminal is heard by everybody at once; this one ends when it is told, after its elders
    detached: true
  })
  running.add(child)
  child.once("exit", () => running.delete(child))
  for (const out of [child.stdout, child.stderr]) {
    createInterface({ input: out }).on("line", (line) => line !== "" && say(line))
  }
  return child
}

/** Starts `actors/<actor>/main.ts` with this environment and keeps it running. Its log lines go to `say`. */
export const keepProcess = (actor: string, name: string, env: Environment, say: (line: string) => void): Kept => {
  let child: ChildProcess | undefined
  let starts = 0
  let isWanted = true
  let ended: Promise<void> = Promise.resolve()
  const start = () => {
    if (!isWanted) return
    starts++
    const started = launch(actor, env, (line) => say(`${name}: ${line}`))
    child = started
    ended = new Promise((resolve) => {
      started.once("exit", (code, signal) => {
        if (isWanted) {
          say(`${name} ended (${signal ?? code}) and is started again`)
          setTimeout(start, restartAfterMs).unref()
        }
        resolve()
      })
    })
  }
  start()
  return {
    name,
    pid: () => child?.pid,
    kill9: () => void child?.kill("SIGKILL"),
    starts: () => starts,
    end: async (signal) => {
      isWanted = false
      child?.kill(signal)
      const late = setTimeout(() => child?.kill("SIGKILL"), drainMs)
      await ended
      clearTimeout(late)
    }
  }
}

/** Processes that end with the scope: all are asked to drain at once. */
export const keepProcesses = (
  make: () => ReadonlyArray<Kept>
): Effect.Effect<ReadonlyArray<Kept>, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(make), (kept) =>
    Effect.promise(() => Promise.all(kept.map((one) => one.end("SIGTERM"))))
  )
