/** A program run to its end: what it printed, or one error that says which program failed and how. */
import { spawn } from "node:child_process"

export interface CommandOptions {
  readonly cwd?: string
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** After so many milliseconds the program is killed and counts as failed. Default: one minute. */
  readonly timeoutMs?: number
}

/** How much of a program's output is kept: the end says why it failed. */
const keptCharacters = 64 * 1024

/** Runs a program without stdin and gives its output (both streams). Rejects on a non-zero exit. */
export const run = (program: string, args: ReadonlyArray<string>, options: CommandOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd })
    })
    let printed = ""
    const keep = (chunk: Buffer) => {
      printed = (printed + chunk.toString("utf8")).slice(-keptCharacters)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (cause) => reject(new Error(`${program} cannot be run: ${cause.message}`, { cause })))
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(printed)
      const how = signal === null ? `exit ${code}` : signal
      const why = printed.trim().split("\n").slice(-3).join(" / ")
      reject(new Error(`${program} failed (${how}): ${why || "it printed nothing"}`))
    })
  })

/** A sentence for whatever was thrown. */
export const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
