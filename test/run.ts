/** `npm test`: every check, cheapest first; it stops at the first stage that fails and ends with the totals. */
import { spawn } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { parseArgs } from "node:util"
import { areAllWanted, standIns } from "./conformance/stand-ins.ts"

interface Outcome {
  readonly passed: number
  readonly failed: number
  /** What it did not do, and why. */
  readonly note?: string
}

interface Stage {
  readonly name: string
  readonly does: string
  readonly run: () => Promise<Outcome>
}

const root = join(import.meta.dirname, "..")
const say = (line: string) => process.stdout.write(`${line}\n`)
const minutes = 60_000

/** Ends with the program, or with the time that it is given; its output goes straight through. */
const exitOf = (program: string, args: ReadonlyArray<string>, withinMs: number): Promise<number> =>
  new Promise((resolve) => {
    const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: path },
      detached: true
    })
    // The whole group: a test runner that hangs has children that hang.
    const endAll = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal)
      } catch {
        // It has ended in the meantime.
      }
    }
    const pass = (signal: NodeJS.Signals) => endAll(signal)
    const late = setTimeout(() => {
      say(`not done within ${withinMs / minutes} minutes: ended`)
      endAll("SIGKILL")
    }, withinMs)
    const settle = (code: number) => {
      clearTimeout(late)
      process.off("SIGINT", pass).off("SIGTERM", pass)
      resolve(code)
    }
    process.on("SIGINT", pass).on("SIGTERM", pass)
    child.once("error", (cause) => {
      say(`${program} cannot be run: ${cause.message}`)
      settle(127)
    })
    child.once("exit", (code) => settle(code ?? 1))
  })

const check = async (program: string, args: ReadonlyArray<string>, withinMs = 3 * minutes): Promise<Outcome> => {
  const ok = (await exitOf(program, args, withinMs)) === 0
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
}

/** A run that ends badly without a failed test (a file that does not load, a crash) is one failure all the same. */
const vitest = async (project: string, withinMs: number): Promise<Outcome> => {
  const report = join(tmpdir(), `vitest-${project}-${process.pid}.json`)
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const code = await exitOf("vitest", args, withinMs)
  const counts = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as Record<string, number>)
    : { numPassedTests: 0, numFailedTests: 0 }
  rmSync(report, { force: true })
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = counts
  const failures = code === 0 ? failed : Math.max(1, failed)
  return { passed, failed: failures, ...(skipped > 0 ? { note: `${skipped} skipped for want of a stand-in` } : {}) }
}

const simulation = async (): Promise<Outcome> =>
  existsSync(join(root, "test/sim/main.ts"))
    ? check(process.execPath, ["test/sim/main.ts", "--seeds", "20"], 8 * minutes)
    : { passed: 0, failed: 0, note: "there is no simulation yet" }

/** Where the browser is missing and may be, that is said and no failure. */
const browser = async (): Promise<Outcome> => {
  const code = await exitOf(process.execPath, ["test/e2e/main.ts"], 10 * minutes)
  if (code === 69 && !areAllWanted()) return { passed: 0, failed: 0, note: "no Chromium, allowed here" }
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }
}

const all = async (checks: ReadonlyArray<() => Promise<Outcome>>): Promise<Outcome> => {
  let passed = 0
  for (const one of checks) {
    const outcome = await one()
    if (outcome.failed > 0) return { passed, failed: 1 }
    passed += outcome.passed
  }
  return { passed, failed: 0 }
}

const findStandIns = async (): Promise<Outcome> => {
  const found = await standIns((line) => say(`  ${line}`))
  for (const one of found) say(one.isMissing ? `  ${one.name} MISSING: ${one.why}` : `  ${one.name} ${one.version}`)
  const missing = found.filter((one) => one.isMissing).length
  return areAllWanted()
    ? { passed: found.length - missing, failed: missing }
    : {
        passed: found.length - missing,
        failed: 0,
        ...(missing > 0 ? { note: `${missing} missing, allowed here` } : {})
      }
}

const stages: ReadonlyArray<Stage> = [
  {
    name: "tsc",
    does: "every type",
    run: () => all([() => check("tsc", ["--noEmit"]), () => check("tsc", ["--noEmit", "-p", "dashboard"])])
  },
  { name: "oxlint", does: "lint", run: () => check("oxlint", []) },
  { name: "format", does: "layout of the text", run: () => check("biome", ["format", "."]) },
  { name: "fast", does: "tests that need no server", run: () => vitest("fast", 8 * minutes) },
  { name: "web", does: "tests of the dashboard's parts", run: () => vitest("web", 5 * minutes) },
  { name: "sim", does: "the whole house, simulated, 20 seeds", run: simulation },
  { name: "stand-ins", does: "find or fetch the software that stands in for the world", run: findStandIns },
  { name: "servers", does: "tests against real servers", run: () => vitest("servers", 25 * minutes) },
  { name: "e2e", does: "the dashboard in a real Chromium, over the whole house", run: browser }
]

const help = `npm test -- [--only STAGE]...

Runs in this order and stops at the first stage that fails:
${stages.map(({ name, does }) => `  ${name.padEnd(10)} ${does}`).join("\n")}

  --only STAGE  this stage alone; may be given more than once
  --help        this text

With CI or STAND_INS=all in the environment a missing stand-in is a failure; otherwise its tests are skipped and named.`

const runAll = async (chosen: ReadonlyArray<Stage>): Promise<boolean> => {
  let passed = 0
  let failed = 0
  for (const stage of chosen) {
    say(`\n== ${stage.name}: ${stage.does}`)
    const start = performance.now()
    const outcome = await stage.run()
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    passed += outcome.passed
    failed += outcome.failed
    const result = outcome.failed > 0 ? "FAILED" : "ok"
    say(`== ${stage.name}: ${result} in ${seconds} s${outcome.note === undefined ? "" : ` (${outcome.note})`}`)
    if (outcome.failed > 0) break
  }
  say(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0
}

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true, default: [] }, help: { type: "boolean", default: false } }
})
const unknown = values.only.filter((name) => !stages.some((stage) => stage.name === name))
if (values.help) {
  say(help)
} else if (unknown.length > 0) {
  say(`no stage is called ${unknown.join(", ")}; there are ${stages.map(({ name }) => name).join(", ")}`)
  process.exitCode = 2
} else {
  const chosen = stages.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
  process.exitCode = (await runAll(chosen)) ? 0 : 1
}
