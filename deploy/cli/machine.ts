/** Commands about this machine: starting and ending everything, how it is, what it says, and what is missing. */
import { spawn } from "node:child_process"
import { createReadStream, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { natsOnThisMachine } from "../nats-binary.ts"
import { holderOf } from "../claim.ts"
import { ask } from "./ask.ts"
import { Ended } from "./exit.ts"
import { output } from "./flags.ts"
import { counted, printAll, printOne } from "./print.ts"

const program = join(import.meta.dirname, "..", "up.ts")
const data = Flag.String("data").pipe(Flag.withDescription("where everything is kept"), Flag.withDefault(".data"))
const logOf = (folder: string) => join(resolve(folder), "cloudoptim.log")

/** Which folder the flags of `npm start` name, in either way of writing them: the last one counts. */
export const folderIn = (flags: ReadonlyArray<string>): string => {
  const last = flags.findLastIndex((flag) => flag === "--data" || flag.startsWith("--data="))
  const [, glued] = (flags[last] ?? "").split("=", 2)
  return glued ?? (last < 0 ? undefined : flags[last + 1]) ?? ".data"
}

/** `cloudoptim up [flags of npm start]`: in the foreground, or, with --detach, in the background with a log file. */
export const up = (args: ReadonlyArray<string>): void => {
  const isDetached = args.includes("--detach")
  const flags = args.filter((flag) => flag !== "--detach")
  if (!isDetached) {
    const child = spawn(process.execPath, [program, ...flags], { stdio: "inherit" })
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
    child.once("exit", (code) => process.exit(code ?? 1))
    return
  }
  const folder = folderIn(flags)
  mkdirSync(resolve(folder), { recursive: true })
  const log = openSync(logOf(folder), "a", 0o600)
  const child = spawn(process.execPath, [program, ...flags], { stdio: ["ignore", log, log], detached: true })
  child.unref()
  process.stdout.write(`starting as process ${child.pid}; cloudoptim logs --follow tells how it goes\n`)
}

export const down = Command.make(
  "down",
  { data },
  Effect.fn(function* ({ data: folder }) {
    const pid = holderOf(resolve(folder))
    if (pid === undefined) return yield* new Ended({ exit: "no", says: `nothing runs on ${folder}` })
    process.kill(pid, "SIGTERM")
    for (let waited = 0; waited < 15_000; waited += 100) {
      if (holderOf(resolve(folder)) === undefined) return yield* Console.log(`ended; everything is kept in ${folder}`)
      yield* Effect.sleep(100)
    }
    return yield* new Ended({ exit: "failed", says: `process ${pid} has not ended after 15 s` })
  })
).pipe(Command.withDescription("End what up has started: it drains, and everything is kept"))

/** What is added to a file, as it is added. */
const following = (file: string) => {
  let from = statSync(file).size
  const look = Effect.promise(async () => {
    const { size } = statSync(file)
    if (size <= from) return
    for await (const chunk of createReadStream(file, { start: from, end: size - 1 }))
      process.stdout.write(chunk as Buffer)
    from = size
  })
  return Effect.forever(Effect.andThen(Effect.sleep(300), look))
}

export const logs = Command.make(
  "logs",
  {
    data,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("and what it writes from now on, until Ctrl-C"),
      Flag.withDefault(false)
    ),
    lines: Flag.Int("lines").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("so many of its last lines"),
      Flag.withDefault(100)
    )
  },
  Effect.fn(function* ({ data: folder, follow, lines }) {
    const file = logOf(folder)
    if (!existsSync(file))
      return yield* new Ended({ exit: "notFound", says: `${file} is not there: only up --detach writes it` })
    // none of them with --follow: only what is yet to come
    if (lines > 0) yield* Console.log(readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n"))
    if (follow) yield* following(file)
  })
).pipe(Command.withDescription("What a detached run wrote"))

export const status = Command.make(
  "status",
  { output },
  Effect.fn(function* ({ output: as }) {
    const { reply: summary } = yield* ask("GET /api/v1/summary")
    const { reply: system } = yield* ask("GET /api/v1/system")
    const stale = system.sweeps.filter(({ isStale }) => isStale).length
    yield* printOne(as, { summary, system }, [
      `${summary.spotInstances} of ${summary.spotInstances + summary.onDemandInstances} instances on Spot, ` +
        `${summary.activeOptimisations} swaps under way, ${summary.approvalsWaiting} plans wait for a yes`,
      `log at ${system.head}; ${system.sweeps.length} regions swept, ${stale} of them too long ago`,
      ...system.dependencies.map((one) => `  ${one.name}: ${one.status} ${one.details}`),
      ...system.projections.filter(({ behind }) => behind > 0).map((one) => `  ${one.name} is ${one.behind} behind`)
    ])
  })
).pipe(Command.withDescription("How everything is"))

interface Found {
  readonly what: string
  readonly ok: boolean
  readonly details: string
}
/** What `up` would need, and how to get what is missing. */
const examined = (folder: string) =>
  Effect.gen(function* () {
    const nats = yield* Effect.promise(() => natsOnThisMachine())
    const chdb = yield* Effect.promise(() =>
      import("chdb").then(
        () => true,
        () => false
      )
    )
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
    const runs = holderOf(resolve(folder))
    const gateway = yield* Effect.result(ask("GET /healthz"))
    return [
      {
        what: "Node",
        ok: major > 22 || (major === 22 && minor >= 18),
        details: `${process.version}${major < 22 ? ": run it through npm, whose Node 24 comes with npm ci" : ""}`
      },
      {
        what: "nats-server",
        ok: true,
        details: nats === undefined ? "none here: up fetches one, once" : `${nats.version} from ${nats.from}`
      },
      {
        what: "ClickHouse engine",
        ok: chdb || process.env["CLICKHOUSE_URL"] !== undefined,
        details: chdb ? "embedded" : "chdb is not installed on this platform: name a server in CLICKHOUSE_URL"
      },
      {
        what: "run",
        ok: true,
        details: runs === undefined ? `nothing runs on ${folder}` : `process ${runs} runs on ${folder}`
      },
      {
        what: "gateway",
        ok: gateway._tag === "Success" || runs === undefined,
        details: gateway._tag === "Success" ? "answers" : gateway.failure.says
      }
    ] satisfies ReadonlyArray<Found>
  })

export const doctor = Command.make(
  "doctor",
  {
    data,
    output,
    brief: Flag.Boolean("brief").pipe(Flag.withDescription("only what is wrong"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ data: folder, output: as, brief }) {
    const found = yield* examined(folder)
    const wrong = found.filter(({ ok }) => !ok)
    yield* printAll<Found>(
      as,
      [
        { name: "WHAT", of: ({ what }) => what },
        { name: "OK", of: ({ ok }) => (ok ? "yes" : "NO") },
        { name: "DETAILS", of: ({ details }) => details }
      ],
      brief ? wrong : found,
      "nothing is missing"
    )
    if (wrong.length > 0) return yield* new Ended({ exit: "no", says: `${counted(wrong.length, "thing")} to mend` })
  })
).pipe(Command.withDescription("What is missing on this machine, and how to get it"))

/** `up` is handed on as it is; its help is ours. */
export const isUp = (args: ReadonlyArray<string>): boolean => args[0] === "up" && !args.includes("--help")
