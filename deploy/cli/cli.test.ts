/** The command line as a script meets it: its help, its exit codes, and what it says when something is wrong. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { ago, tableOf, usd } from "./print.ts"

const program = join(import.meta.dirname, "main.ts")

/** A port that nobody listens on. */
const nowhere = "http://127.0.0.1:9"
const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "cli-"))
  try {
    const base = { PATH: process.env["PATH"] ?? "", HOME: folder, CLOUDOPTIM_URL: nowhere, NO_COLOR: "1" }
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: "utf8",
      env: { ...base, ...env },
      input: ""
    })
    return { status, stdout, stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe("the command line", () => {
  it("helps on stdout with every command and every exit code, and that is no failure", () => {
    const { status, stdout, stderr } = run(["--help"])
    assert.strictEqual(status, 0)
    assert.strictEqual(stderr, "")
    for (const word of ["up", "down", "status", "logs", "doctor", "login", "tail", "explain", "trace", "approve"]) {
      assert.match(stdout, new RegExp(`^ {2}${word} `, "m"))
    }
    assert.include(stdout, "7 nobody answers")
  })

  it("ends with 7 and one sentence with the mend where nobody answers", () => {
    const { status, stdout, stderr } = run(["sagas"])
    assert.strictEqual(status, 7)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^nobody answers at .*cloudoptim up.*\n$/)
  })

  it.each([
    ["nosuch"],
    ["explain"],
    ["stop", "--how", "gently", "--reason", "because of reasons"],
    ["sagas", "-o", "xml"]
  ])("ends with 2 on wrong usage: %s %s", (...args) => {
    assert.strictEqual(run(args.filter((arg) => typeof arg === "string")).status, 2)
  })

  it("asks for no password where there is no terminal to type it on", () => {
    const { status, stderr } = run(["login", "--email", "a@b.example"])
    assert.strictEqual(status, 2)
    assert.match(stderr, /CLOUDOPTIM_PASSWORD/)
  })

  it("says what is wrong with a file of policies, and asks nobody", () => {
    const folder = mkdtempSync(join(tmpdir(), "cli-"))
    const file = join(folder, "policy.json")
    writeFileSync(file, '{"policy": 1}')
    const { status, stderr } = run(["plan", "-f", file])
    rmSync(folder, { recursive: true })
    assert.strictEqual(status, 2)
    assert.match(stderr, /each must be \{account, policy\}/)
  })

  it("prints completions for shells", () => {
    assert.include(run(["--completions", "bash"]).stdout, "cloudoptim")
  })

  it("tells the version of the package", () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"))
    assert.include(run(["--version"]).stdout, version)
    assert.isTrue((statSync(program).mode & 0o111) !== 0, "it can be run")
  })
})

describe("a table", () => {
  it("has a column as wide as its widest cell, figures to the right, and nothing that steers a terminal", () => {
    const columns = [
      { name: "NAME", of: (row: { name: string }) => row.name },
      { name: "N", of: () => 5, isFigure: true }
    ]
    const lines = tableOf(columns, [{ name: "a\u001b[31mb" }, { name: "longer" }]).split("\n")
    assert.notInclude(lines.join(""), "\u001b")
    assert.strictEqual(new Set(lines.map((line) => line.indexOf("5"))).size, 2)
  })

  it("says money in dollars and ages in the largest unit that fits", () => {
    assert.strictEqual(usd(1_234_560_000), "$1,234.56")
    assert.strictEqual(ago(0, 7_200_000), "2 h ago")
  })
})
