/** `npm run fuzz`: the whole API by a generator of requests that we did not write, from its own document. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { openApi } from "../../gateway/openapi.ts"
import { standIns } from "../conformance/stand-ins.ts"
import { openMatrix } from "./matrix-house.ts"

const help = `npm run fuzz -- [--cases N] [--seed S] [--only REGEX]

  --cases N     requests in all, about (default 20,000)
  --seed S      what they are drawn from (default 1)
  --only REGEX  operations whose path matches

Ends with 1 where an answer was a server's error or outside the document; 69 where schemathesis is missing.`

/** Not JSON in and out, or the end of the session that asks. */
const left = new Set(["stream", "metrics", "oidcStart", "oidcCallback", "logout"])
/** Answers are judged by these alone: what the others find is advice. */
const checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

interface Operation {
  readonly operationId: string
}
type Paths = Record<string, Record<string, Operation>>

/** The document without what is left out. */
const documentOf = (only: RegExp) => {
  const document = openApi("0.0.0") as { paths: Paths }
  const paths = Object.entries(document.paths).flatMap(([path, methods]) => {
    const kept = Object.entries(methods).filter(([, one]) => !left.has(one.operationId))
    return only.test(path) && kept.length > 0 ? [[path, Object.fromEntries(kept)] as const] : []
  })
  return {
    document: { ...document, paths: Object.fromEntries(paths) },
    operations: paths.flatMap(([, one]) => Object.keys(one))
  }
}

const say = (text: string) => void process.stdout.write(text)

/** In a folder of its own: it leaves what it found where it stands. */
const exitOf = (program: string, args: ReadonlyArray<string>, cwd: string): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(program, [...args], { stdio: ["ignore", "inherit", "inherit"], cwd })
    child.once("error", () => resolve(127))
    child.once("exit", (code) => resolve(code ?? 1))
  })

interface Part {
  readonly file: string
  readonly origin: string
  readonly seed: string
  readonly each: number
  readonly token: string
  readonly report: string
}
const argumentsOf = ({ file, origin, seed, each, token, report }: Part): ReadonlyArray<string> =>
  [
    ["-m", "schemathesis.cli", "run", file, "--url", origin, "--seed", seed, "--checks", checks, "-n", String(each)],
    ["--phases", "coverage,fuzzing", "--continue-on-failure", "--no-color", "--no-shrink", "--warnings", "off"],
    ["--suppress-health-check", "all", "--report", "json", "--report-json-path", report],
    ["-H", `Authorization: Bearer ${token}`]
  ].flat()

/** A part of the operations at a time: a session lasts ten minutes. */
const batch = 12

const fuzz = (python: string, cases: number, seed: string, only: RegExp) =>
  Effect.gen(function* () {
    const { origin, knockers } = yield* openMatrix
    const { document, operations } = documentOf(only)
    const folder = mkdtempSync(join(tmpdir(), "cloudoptim-fuzz-"))
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
    const each = Math.max(1, Math.ceil(cases / operations.length))
    const all = Object.entries(document.paths)
    let [made, worst] = [0, 0]
    for (let from = 0; from < all.length; from += batch) {
      const file = join(folder, `part-${from}.json`)
      writeFileSync(file, JSON.stringify({ ...document, paths: Object.fromEntries(all.slice(from, from + batch)) }))
      const report = join(folder, `report-${from}.json`)
      const owner = knockers.find(({ name }) => name === "super admin")
      const token = yield* owner?.present() ?? Effect.die("nobody asks")
      const code = yield* Effect.promise(() =>
        exitOf(python, argumentsOf({ file, origin, seed, each, token: token ?? "", report }), folder)
      )
      worst = Math.max(worst, code)
      made += casesIn(report)
    }
    say(
      `${made} cases over ${operations.length} operations: ${worst === 0 ? "every answer as documented" : "FAILED"}\n`
    )
    return worst === 0 ? 0 : 1
  }).pipe(Effect.scoped)

const casesIn = (report: string): number => {
  const { test_cases: cases } = JSON.parse(readFileSync(report, "utf8")) as { test_cases: { generated: number } }
  return cases.generated
}

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false }
  }
})
if (values.help) say(`${help}\n`)
else {
  const found = (await standIns((line) => say(`  ${line}\n`))).find(({ name }) => name === "schemathesis")
  if (found === undefined || found.isMissing) {
    say(`schemathesis is missing: ${found?.why ?? "it is not looked for"}\n`)
    process.exitCode = 69
  } else {
    process.exitCode = await Effect.runPromise(
      fuzz(found.path, Number(values.cases), values.seed, new RegExp(values.only))
    )
    process.exit()
  }
}
