/** `npm start` as a newcomer starts it: a process with its own group, its words, its figures, what it leaves behind. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Figures } from "../../deploy/report.ts"

const up = join(import.meta.dirname, "..", "..", "deploy", "up.ts")

/** A folder for one test, away when it ends. */
export const scratch = () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudoptim-up-"))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** From the first word to stop, or from the start where there was none, in milliseconds. */
  readonly tookMs: number
}

export interface Running {
  readonly child: ChildProcess
  readonly stderr: () => string
  /** Resolves when stderr matches; rejects where it ended before. */
  readonly says: (pattern: RegExp, withinMs?: number) => Promise<void>
  /** As a terminal does it: to the whole group. */
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
}

/** Starts it with these flags; it leads a group of its own, as a command does that is typed at a terminal. */
export const start = (flags: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Running => {
  const child = spawn(process.execPath, [up, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    detached: true
  })
  let from = Date.now()
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr, tookMs: Date.now() - from }))
  })
  return {
    child,
    stderr: () => stderr,
    says: async (pattern, withinMs = 120_000) => {
      for (let waited = 0; !pattern.test(stderr); waited += 100) {
        if (child.exitCode !== null)
          throw new Error(`it ended (${child.exitCode}) before it said ${pattern}: ${stderr}`)
        if (waited > withinMs) throw new Error(`it did not say ${pattern} within ${withinMs} ms: ${stderr}`)
        await sleep(100)
      }
    },
    signal: (signal) => {
      from = Date.now()
      process.kill(-(child.pid ?? 0), signal)
    },
    ended
  }
}

/** To its end. */
export const run = (flags: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  start(flags, env).ended

/** What stdout must be: one line, which is one JSON object. */
export const figuresIn = ({ stdout, stderr }: Ended): Figures => {
  const lines = stdout.split("\n").filter((line) => line !== "")
  if (lines.length !== 1) throw new Error(`${lines.length} lines on stdout instead of one: ${stdout}\n${stderr}`)
  return JSON.parse(lines[0] ?? "")
}

/** Processes whose command line or environment speaks of the folder, as nats-server and the actors do. */
export const processesOf = (folder: string): ReadonlyArray<number> => {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8")
    } catch {
      return ""
    }
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `${read(`/proc/${pid}/cmdline`)}${read(`/proc/${pid}/environ`)}`.includes(folder))
    .map(Number)
}
