/** A nats-server of our own, on loopback, with JetStream on disk: started, stopped, killed and started again. */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync, statSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort, isTaken } from "./free-port.ts"
import { findNatsServer } from "./nats-binary.ts"

export { type FindOptions, findNatsServer, type NatsBinary, oldestVersion } from "./nats-binary.ts"

export interface ServerOptions {
  /** Everything that the server keeps, its configuration and its log. Made where it is missing. */
  readonly dataDir: string
  /** 0: one that is free. Default 0. */
  readonly port?: number
  /** Flush every message to disk before it is acknowledged. Default true: an acknowledged fact survives a power cut. */
  readonly syncAlways?: boolean
  /** Default 1 MiB, the server's own. Tests use 8 MiB so that an oversized message really arrives. */
  readonly maxPayloadBytes?: number
  readonly cluster?: { readonly name: string; readonly port: number; readonly routes: ReadonlyArray<number> }
  /** Appended to the configuration as it is: permissions, for instance. */
  readonly config?: string
  /** The program to run. Default: whatever `findNatsServer` finds. */
  readonly binary?: string
  readonly say?: (line: string) => void
  /** Give up where it is not ready by then. Default 30 s: a log of gigabytes is read back first. */
  readonly readyWithinMs?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Of the process that runs now, or ran last. */
  readonly pid: number
  readonly isRunning: boolean
  readonly logPath: string
  /** Settles when the process that runs now has ended, whoever ended it. */
  readonly exited: () => Promise<Exit>
  /** Ends it in order. Nothing to do where it has ended already. */
  readonly stop: () => Promise<void>
  /** Ends it as a crash would: no goodbye, nothing flushed. */
  readonly kill9: () => Promise<void>
  /** Freezes it, and lets it go on. */
  readonly pause: () => void
  readonly resume: () => void
  /** Starts it again on the same port and data, ending it first where it still runs. */
  readonly restart: () => Promise<void>
}

interface Ports {
  readonly client: number
  /** Where the server answers whether it is ready. */
  readonly monitor: number
}

const mebibyte = 1024 * 1024
const stopWithinMs = 10_000

/** The configuration file, whole. */
const configOf = (options: ServerOptions, ports: Ports): string => {
  const folder = resolve(options.dataDir)
  const { cluster } = options
  const routes = cluster?.routes.map((port) => `"nats-route://127.0.0.1:${port}"`).join(", ")
  return [
    `# started by process ${process.pid}`,
    `server_name: ${JSON.stringify(`${basename(folder)}-${ports.client}`)}`,
    `listen: "127.0.0.1:${ports.client}"`,
    `http: "127.0.0.1:${ports.monitor}"`,
    `pid_file: ${JSON.stringify(join(folder, "nats-server.pid"))}`,
    `max_payload: ${options.maxPayloadBytes ?? mebibyte}`,
    `jetstream {`,
    `  store_dir: ${JSON.stringify(folder)}`,
    ...((options.syncAlways ?? true) ? [`  sync_interval: always`] : []),
    `}`,
    ...(cluster === undefined
      ? []
      : [
          `cluster { name: ${JSON.stringify(cluster.name)}, listen: "127.0.0.1:${cluster.port}", routes: [${routes}] }`
        ]),
    options.config ?? "",
    ""
  ].join("\n")
}

/** What the server wrote into its log since `from` bytes; the last lines say why it ended. */
const logSince = (path: string, from: number) => readFileSync(path).subarray(from).toString("utf8")

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * A server whose starter was killed goes on running and holds the store: it is ended. One whose starter lives is in
 * use, and two servers over one store would spoil it.
 */
const endLeftover = async (folder: string, configPath: string, say: (line: string) => void): Promise<void> => {
  const read = (path: string) => {
    try {
      return readFileSync(path, "utf8")
    } catch {
      return ""
    }
  }
  const pid = Number.parseInt(read(join(folder, "nats-server.pid")), 10)
  const isServing = () => read(`/proc/${pid}/cmdline`).split("\0").includes(configPath)
  if (!(pid > 0) || !isServing()) return
  const starter = Number.parseInt(/^# started by process (\d+)/.exec(read(configPath))?.[1] ?? "0", 10)
  if (starter > 0 && isAlive(starter)) {
    throw new Error(`${folder} is in use: process ${starter} runs a nats-server there (pid ${pid})`)
  }
  say(`ending the nats-server that an earlier run left behind (pid ${pid})`)
  process.kill(pid, "SIGTERM")
  for (let waited = 0; isServing(); waited += 50) {
    if (waited === stopWithinMs) process.kill(pid, "SIGKILL")
    await sleep(50)
  }
}

interface Running {
  readonly child: ChildProcess
  readonly pid: number
  readonly exited: Promise<Exit>
}

const isUp = ({ child }: Running) => child.exitCode === null && child.signalCode === null

const end = async (running: Running, signal: NodeJS.Signals) => {
  // A frozen process takes its signals only when it goes on.
  if (isUp(running)) running.child.kill("SIGCONT")
  if (isUp(running)) running.child.kill(signal)
  const late = setTimeout(() => running.child.kill("SIGKILL"), stopWithinMs)
  await running.exited
  clearTimeout(late)
}

const whyItEnded = (log: string, port: number): string => {
  const last = log.trim().split("\n").slice(-3).join(" / ")
  return /address already in use/.test(log)
    ? `port ${port} on 127.0.0.1 is taken by another program`
    : `nats-server did not start: ${last || "it printed nothing"}`
}

const launch = async (binary: string, options: ServerOptions, ports: Ports, logPath: string): Promise<Running> => {
  const configPath = join(resolve(options.dataDir), "nats-server.conf")
  await writeFile(configPath, configOf(options, ports))
  const log = openSync(logPath, "a")
  const logStart = statSync(logPath).size
  // in a group of its own: Ctrl-C on a terminal goes to its whole group, and the log outlives those who drain into it
  const child = spawn(binary, ["--config", configPath], { stdio: ["ignore", log, log], detached: true })
  closeSync(log)
  const exited = new Promise<Exit>((done) => {
    child.once("exit", (code, signal) => done({ code, signal }))
    child.once("error", () => done({ code: null, signal: null }))
  })
  const takeAlong = () => child.kill("SIGKILL")
  process.once("exit", takeAlong)
  void exited.then(() => process.off("exit", takeAlong))
  const running = { child, pid: child.pid ?? 0, exited }
  const within = options.readyWithinMs ?? 30_000
  let over = false
  void exited.then(() => (over = true))
  // Ready: it listens, JetStream has read its store back and, in a cluster, there is a leader.
  for (let waited = 0; waited < within; waited += 25) {
    if (over) throw new Error(whyItEnded(logSince(logPath, logStart), ports.client))
    const answer = await fetch(`http://127.0.0.1:${ports.monitor}/healthz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true && !over) return running
    await sleep(25)
  }
  await end(running, "SIGKILL")
  throw new Error(
    `nats-server was not ready within ${within} ms: ${whyItEnded(logSince(logPath, logStart), ports.client)}`
  )
}

/** Somebody may take a free port before we do; then another one is tried, but only where the caller named none. */
const launchOnFreePort = async (binary: string, options: ServerOptions, logPath: string) => {
  const wanted = options.port ?? 0
  for (let attempt = 1; ; attempt++) {
    const ports = { client: wanted === 0 ? await freePort() : wanted, monitor: await freePort() }
    try {
      if (wanted !== 0 && (await isTaken(wanted))) throw new Error(whyItEnded("address already in use", wanted))
      return { ports, running: await launch(binary, options, ports, logPath) }
    } catch (thrown) {
      if (wanted !== 0 || attempt === 3) throw thrown
    }
  }
}

/**
 * Starts a server and waits until it is ready. It listens on 127.0.0.1 only and ends with this process. Rejects with
 * one sentence: the port is taken, no program is to be had, or what the server said last.
 */
export const startNatsServer = async (options: ServerOptions): Promise<NatsServer> => {
  const say = options.say ?? (() => {})
  const folder = resolve(options.dataDir)
  await mkdir(folder, { recursive: true })
  const binary = options.binary ?? (await findNatsServer({ say })).path
  const logPath = join(folder, "nats-server.log")
  await endLeftover(folder, join(folder, "nats-server.conf"), say)
  const first = await launchOnFreePort(binary, options, logPath)
  const { ports } = first
  let running = first.running
  return {
    url: `nats://127.0.0.1:${ports.client}`,
    port: ports.client,
    get pid() {
      return running.pid
    },
    get isRunning() {
      return isUp(running)
    },
    logPath,
    exited: () => running.exited,
    stop: () => end(running, "SIGTERM"),
    kill9: () => end(running, "SIGKILL"),
    pause: () => void running.child.kill("SIGSTOP"),
    resume: () => void running.child.kill("SIGCONT"),
    restart: async () => {
      await end(running, "SIGTERM")
      running = await launch(binary, options, ports, logPath)
    }
  }
}

export interface NatsCluster {
  readonly servers: ReadonlyArray<NatsServer>
  /** All of them: a client that knows every server finds another one when its own dies. */
  readonly urls: ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

/**
 * `size` servers that know each other, each with its own folder under `dataDir`: what streams of several replicas need.
 * A member is ready when there is a leader: members that were all ended are restarted together, not one after another.
 */
export const startNatsCluster = async (size: number, options: ServerOptions): Promise<NatsCluster> => {
  const binary = options.binary ?? (await findNatsServer(options.say === undefined ? {} : { say: options.say })).path
  const routes: Array<number> = []
  while (routes.length < size) {
    const port = await freePort()
    if (!routes.includes(port)) routes.push(port)
  }
  const started = await Promise.allSettled(
    routes.map((port, i) =>
      startNatsServer({
        ...options,
        binary,
        port: 0,
        dataDir: join(options.dataDir, `nats-${i + 1}`),
        cluster: { name: "cloudoptim", port, routes }
      })
    )
  )
  const servers = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  const failed = started.find((each) => each.status === "rejected")
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return { servers, urls: servers.map(({ url }) => url), stop }
}
