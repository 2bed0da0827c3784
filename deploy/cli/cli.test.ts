/** The command line as a script meets it: its help, its exit codes, and what it says when something is wrong. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { folderIn } from "./machine.ts"
import { momentOf } from "./pools.ts"
import { ago, tableOf, usd, usdPerHour } from "./print.ts"

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
    for (const word of [
      "up",
      "down",
      "status",
      "logs",
      "doctor",
      "login",
      "tail",
      "explain",
      "trace",
      "approve",
      "pools",
      "dead",
      "attention"
    ]) {
      assert.match(stdout, new RegExp(`^ {2}${word} `, "m"))
    }
    assert.include(stdout, "7 nobody answers")
  })

  it("ends with 7 and one sentence with the mend where nobody answers", () => {
    const { status, stdout, stderr } = run(["sagas"])
    assert.strictEqual(status, 7)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^nobody answers at .*cloudoptim up.*CLOUDOPTIM_URL.*\n$/)
  })

  it.each([
    ["nosuch"],
    ["explain"],
    ["stop", "--how", "gently", "--reason", "because of reasons"],
    ["sagas", "-o", "xml"],
    ["pools", "--state", "shut"],
    ["instances", "exclude", "i-0123456789abcdef0"],
    ["abort", "swap-1"],
    ["accounts", "connect"],
    ["attention", "mute"],
    ["attention", "mute", "stopped:111122223333", "--hours", "48"],
    ["accounts", "disconnect", "111122223333"],
    ["dead", "redrive", "7"],
    ["dead", "redrive", "x", "--because", "because of reasons"],
    ["pools", "clear", "use1-az1_m5_large_linux"],
    ["pools", "quarantine", "use1-az1_m5_large_linux", "--until", "soon", "--because", "because of reasons"]
  ])("ends with 2 on wrong usage: %s %s", (...args) => {
    assert.strictEqual(run(args.filter((arg) => typeof arg === "string")).status, 2)
  })

  it("asks the gateway for pools, and for a person's word about one", { timeout: 60_000 }, () => {
    const word = ["use1-az1_m5_large_linux", "--because", "the zone was flooded"]
    for (const args of [["--mine"], ["quarantine", "--until", "7d", ...word], ["clear", ...word]]) {
      assert.strictEqual(run(["pools", ...args]).status, 7, args[0])
    }
    assert.match(run(["pools", "--help"]).stdout, /^ {2}quarantine .*\n {2}clear /m)
  })

  it("asks the gateway for instances, and to keep one, let one go, and look at one", { timeout: 60_000 }, () => {
    const because = ["--because", "somebody debugs on it"]
    for (const word of ["exclude", "include"])
      assert.strictEqual(run(["instances", word, "i-0123456789abcdef0", ...because]).status, 7, word)
    assert.strictEqual(run(["instances", "evaluate", "i-0123456789abcdef0"]).status, 7)
    assert.strictEqual(run(["instances", "--lifecycle", "spot"]).status, 7)
  })

  it("asks the gateway about accounts, and for one to come, to be tried and to go", { timeout: 60_000 }, () => {
    const role = ["--role", "arn:aws:iam::111122223333:role/CloudOptimRole"]
    const because = ["--because", "the team has moved"]
    const asked = [
      ["connect", "111122223333", ...role],
      ["disconnect", "111122223333", ...because]
    ]
    for (const args of asked) assert.strictEqual(run(["accounts", ...args]).status, 7, args[0])
    const dry = run(["accounts", "connect", "111122223333", ...role, "--dry-run", "-o", "ndjson"])
    assert.deepInclude(JSON.parse(dry.stdout), { roleArn: role[1], regions: ["us-east-1"], name: "111122223333" })
    assert.match(run(["accounts", "--help"]).stdout, /^ {2}trust .*\n {2}connect .*\n {2}verify .*\n {2}disconnect /m)
  })

  it("asks the gateway what needs attention, and to mute a row and let it speak", { timeout: 60_000 }, () => {
    for (const args of [[], ["mute", "stopped:111122223333", "--hours", "24"], ["unmute", "stopped:111122223333"]])
      assert.strictEqual(run(["attention", ...args]).status, 7, args[0])
    assert.match(run(["attention", "--help"]).stdout, /^ {2}mute .*\n {2}unmute /m)
  })

  it("asks the gateway what nobody could read, and to have one heard again", { timeout: 60_000 }, () => {
    const again = ["redrive", "7", "--because", "the new version reads it"]
    for (const args of [["-o", "ndjson"], again, [...again, "--dry-run"]])
      assert.strictEqual(run(["dead", ...args]).status, 7, args[0])
    assert.match(run(["dead", "--help"]).stdout, /^ {2}redrive /m)
  })

  it("reads a length of time as from now on, and a time as it stands", () => {
    assert.strictEqual(momentOf("7d", 1_000), 604_801_000)
    assert.strictEqual(momentOf("90m", 0), 5_400_000)
    assert.strictEqual(momentOf("1970-01-01T01:00:00+01:00", 5), 0)
    for (const text of ["", "7", "d", "-1d", "7 d", "tomorrow", "2026-13-01T00:00:00Z", "1e3d"]) {
      assert.isUndefined(momentOf(text, 0), text)
    }
  })

  it("asks for no password and no address where there is no terminal to type them on", () => {
    const { status, stderr } = run(["login", "--email", "a@b.example"])
    assert.strictEqual(status, 2)
    assert.match(stderr, /CLOUDOPTIM_PASSWORD/)
    const nameless = run(["login"])
    assert.strictEqual(nameless.status, 2)
    assert.match(nameless.stderr, /--email/)
  })

  it("says what is wrong with what it remembers, and how to mend it", () => {
    const folder = mkdtempSync(join(tmpdir(), "cli-"))
    const file = join(folder, "config.json")
    writeFileSync(file, "{bad")
    const { status, stderr } = run(["sagas"], { CLOUDOPTIM_CONFIG: file })
    rmSync(folder, { recursive: true })
    assert.strictEqual(status, 2)
    assert.match(stderr, /config\.json is unreadable: remove it/)
  })

  it("says of a dry run of the stop switch to a program what it would send", () => {
    const { status, stdout } = run(["stop", "--dry-run", "--because", "the zone was flooded", "-o", "json"])
    assert.strictEqual(status, 0)
    assert.deepInclude(JSON.parse(stdout), { stop: "pause", because: "the zone was flooded" })
  })

  it("shows as many of a log's last lines as are asked for, also none", () => {
    const folder = mkdtempSync(join(tmpdir(), "cli-"))
    writeFileSync(join(folder, "cloudoptim.log"), "one\ntwo\nthree\n")
    const lines = (n: string) => run(["logs", "--data", folder, "-n", n]).stdout
    const said = [lines("2"), lines("0")]
    rmSync(folder, { recursive: true })
    assert.deepStrictEqual(said, ["two\nthree\n", ""])
  })

  it("keeps the log of a detached run in the folder that its flags name, however they are written", () => {
    assert.strictEqual(folderIn(["--seed", "2"]), ".data")
    assert.strictEqual(folderIn(["--data", "/srv/a", "--json"]), "/srv/a")
    assert.strictEqual(folderIn(["--data", "/srv/a", "--data=/srv/b"]), "/srv/b")
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
    assert.strictEqual(usdPerHour(5_200), "$0.0052")
    assert.strictEqual(ago(0, 7_200_000), "2 h ago")
  })
})
