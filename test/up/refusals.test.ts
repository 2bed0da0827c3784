/** What cannot be started says so in one sentence that names the mend, and leaves nothing behind. */
import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { figuresIn, processesOf, run, scratch, start, type Ended } from "./program.ts"

/** So that what is not refused ends all the same. */
const toTheEnd = ["--until-idle", "--json", "--limit", "60"]

/** One line, a whole sentence, no trace of the program that says it. */
const assertOneSentence = ({ code, stdout, stderr }: Ended, wanted: number, says: RegExp) => {
  const lines = stderr.split("\n").filter((line) => line !== "")
  assert.strictEqual(lines.length, 1, stderr)
  assert.match(stderr, says)
  assert.notMatch(stderr, /^\s+at |\.ts:\d+|Error:|\[object/m)
  assert.strictEqual(stdout, "")
  assert.strictEqual(code, wanted, stderr)
}

describe("flags", () => {
  it("the help goes to stdout, with every flag that is read, and is no failure", async () => {
    const { code, stdout, stderr } = await run(["--help"])
    assert.strictEqual(code, 0)
    assert.strictEqual(stderr, "")
    for (const flag of ["until-idle", "json", "seed", "chaos", "scenario", "speed", "actors", "cloud", "accounts"]) {
      assert.include(stdout, `--${flag}`)
    }
  })

  it.each([
    [["--nonsense"], /--nonsense/],
    [["stray"], /stray/],
    [["--seed"], /--seed/],
    [["--seed", "x"], /--seed takes a whole number from 0 to 2147483648, not "x"/],
    [["--limit", "-3"], /--limit/],
    [["--speed", "0"], /--speed takes a number from 1 to 1000/],
    [["--port", "99999"], /--port takes a whole number/],
    [["--scenario", "nope"], /--scenario is one of fleet, dead-operator/],
    [["--actors", "two"], /--actors is one of one, processes/],
    [["--cloud", "aws"], /--cloud aws needs --accounts FILE/]
  ])("%j is refused with exit 2", async (flags, says) => {
    assertOneSentence(await run(flags), 2, says)
  })
})

describe("accounts", () => {
  const member = {
    tenant: "acme",
    account_id: "111122223333",
    regions: ["us-east-1"],
    environment: "PROD",
    mode: "act"
  }
  it.each([
    ["no file", undefined, /cannot be read, name a file that is there/],
    ["no JSON", "{bad", /must be a JSON array of accounts/],
    ["an empty array", "[]", /it is not as it must be/],
    ["an account id of nine digits", JSON.stringify([{ ...member, account_id: "123456789" }]), /\[0\]\.account_id/],
    ["a mode that does not exist", JSON.stringify([member, { ...member, mode: "yolo" }]), /\[1\]\.mode/],
    ["the same account twice", JSON.stringify([member, member]), /111122223333 stands in it twice/]
  ])("%s", async (_, text, says) => {
    using place = scratch()
    const file = join(place.folder, "accounts.json")
    if (text !== undefined) writeFileSync(file, text)
    assertOneSentence(await run([...toTheEnd, "--accounts", file, "--data", join(place.folder, "data")]), 2, says)
  })
})

describe("what a run stands on", () => {
  it("a data folder that cannot be made", async () => {
    using place = scratch()
    writeFileSync(join(place.folder, "file"), "")
    const ended = await run([...toTheEnd, "--data", join(place.folder, "file")])
    assertOneSentence(ended, 1, /cannot be written \(ENOTDIR\): name another folder/)
    assertOneSentence(await run([...toTheEnd, "--data", join(place.folder, "file", "below")]), 1, /cannot be written/)
  })

  it("a port that somebody else has", async () => {
    using place = scratch()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const address = other.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const ended = await run([...toTheEnd, "--nats-port", String(port), "--data", place.folder])
    assertOneSentence(ended, 1, new RegExp(`port ${port} on 127.0.0.1 is taken by another program: `))
    const door = await run([...toTheEnd, "--port", String(port), "--data", place.folder])
    other.close()
    assertOneSentence(door, 1, new RegExp(`port ${port} of this machine is taken: `))
  })

  it("servers of one's own that do not answer", async () => {
    using place = scratch()
    const ended = await run([...toTheEnd, "--data", place.folder], { NATS_URL: "nats://127.0.0.1:1" })
    assertOneSentence(ended, 1, /NATS_URL nats:\/\/127\.0\.0\.1:1/)
    assertOneSentence(
      await run([...toTheEnd, "--data", place.folder], { CLICKHOUSE_URL: "http://127.0.0.1:1" }),
      1,
      /CLICKHOUSE_URL/
    )
  })
})

describe("a data folder", () => {
  it("is one run's at a time, and what lies broken in it is named with the way out", { timeout: 240_000 }, async () => {
    using place = scratch()
    const data = join(place.folder, "data")
    const first = start(["--until-idle", "--json", "--data", data])
    await first.says(/ under way, [1-9]\d* done/)
    assertOneSentence(
      await run([...toTheEnd, "--data", data]),
      1,
      new RegExp(`in use by process ${first.child.pid}: end that run`)
    )
    first.signal("SIGINT")
    const stopped = await first.ended
    assert.strictEqual(stopped.code, 0, stopped.stderr)
    assert.isBelow(stopped.tookMs, 10_000)
    assert.match(stopped.stderr.trimEnd().split("\n").at(-1) ?? "", /^stopped; everything is kept in /)
    assert.deepStrictEqual(processesOf(data), [])

    const broken = join(place.folder, "broken")
    mkdirSync(broken)
    const world = readFileSync(join(data, "world.ndjson"), "utf8").split("\n")
    writeFileSync(join(broken, "world.ndjson"), [...world.slice(0, 3), "{torn", ...world.slice(3)].join("\n"))
    const untold = await run([...toTheEnd, "--data", broken])
    assertOneSentence(untold, 1, /world\.ndjson cannot be gone on from, line 4 .* --data/)
    assert.deepStrictEqual(processesOf(broken), [])

    const tables = join(data, "clickhouse", "metadata", "default")
    const files = readdirSync(tables)
    assert.isAbove(files.length, 2)
    for (const file of files) writeFileSync(join(tables, file), "NONSENSE")
    const unread = await run([...toTheEnd, "--data", data])
    // the engine says its own word before, which is not to be had out of it
    const ours = unread.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Code: "))
    const last = { ...unread, stderr: ours.join("\n") }
    assertOneSentence(last, 1, /clickhouse cannot be opened: move it away and start again/)
    assert.deepStrictEqual(processesOf(data), [])
  })

  it("of a dry run has not one write to the cloud in it, and every plan waits for a yes", async () => {
    using place = scratch()
    const ended = await run(["--dry-run", "--until-idle", "--json", "--data", place.folder])
    const figures = figuresIn(ended)
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.strictEqual(figures.swaps_done, 0)
    assert.strictEqual(figures.on_demand_after, figures.on_demand_before)
    assert.isAtLeast(figures.awaiting_approval, 12)
    assert.isAbove(figures.awaiting_monthly_savings_usd, 1_000)
    assert.strictEqual(figures.monthly_savings_usd, 0)
    assert.notMatch(readFileSync(join(place.folder, "world.ndjson"), "utf8"), /"action":"/)
    const waiting = figures.groups_left_alone.filter(({ because }) => because === "awaiting-approval")
    assert.strictEqual(waiting.length, figures.awaiting_approval)
    for (const { details } of waiting) assert.match(details, /moves wait .* would save \$\d+\.\d\d a month/)

    // what a dry run has connected stays as it is: no restart raises a mode
    const acting = await run([...toTheEnd, "--data", place.folder])
    assert.match(
      acting.stderr,
      /account \d{12} is connected already and keeps mode recommend \(not act\): change it on/
    )
    assert.strictEqual(figuresIn(acting).swaps_done, 0)
    assert.notMatch(readFileSync(join(place.folder, "world.ndjson"), "utf8"), /"action":"/)
  })

  it("of accounts in mode act is no place for a dry run", { timeout: 240_000 }, async () => {
    using place = scratch()
    const data = join(place.folder, "data")
    const acting = start(["--until-idle", "--json", "--data", data])
    await acting.says(/ swaps: [1-9]\d* under way/)
    acting.signal("SIGINT")
    assert.strictEqual((await acting.ended).code, 0)
    const ended = await run([...toTheEnd, "--dry-run", "--data", data])
    assertOneSentence(
      ended,
      1,
      /--dry-run changes no mode, and account \d{12} in .* is connected in mode act: name another/
    )
    assert.deepStrictEqual(processesOf(data), [])
  })
})
