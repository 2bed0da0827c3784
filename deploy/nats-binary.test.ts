/** Which nats-server is taken, and which is passed over, without asking the network. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { findNatsServer, isAtLeast, oldestVersion, versionIn } from "./nats-binary.ts"

let folder = ""
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nats-binary-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program that says it is this version. */
const program = async (path: string, version: string) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`, { mode: 0o755 })
  return path
}

const find = async (env: Record<string, string>) => {
  const said: Array<string> = []
  const binary = await findNatsServer({ cacheDir: join(folder, "cache"), env, say: (line) => said.push(line) })
  return { binary, said }
}

describe("finding a nats-server", () => {
  it("the one that is named goes before the one on PATH, and that before the cache", async () => {
    const named = await program(join(folder, "named"), "2.15.0")
    const onPath = await program(join(folder, "bin", "nats-server"), "2.14.9")
    const kept = await program(join(folder, "cache", "nats-server-2.16.0", "nats-server"), "2.16.0")
    const PATH = `/nowhere:${dirname(onPath)}`
    assert.deepStrictEqual((await find({ NATS_SERVER_BIN: named, PATH })).binary.path, named)
    assert.deepStrictEqual((await find({ PATH })).binary.path, onPath)
    assert.deepStrictEqual((await find({})).binary, { path: kept, version: "2.16.0", from: "cache" })
  })

  it("one that is too old, or missing, is named and passed over", async () => {
    const old = await program(join(folder, "bin", "nats-server"), "2.9.10")
    await program(join(folder, "cache", "nats-server-2.15.1", "nats-server"), "2.15.1")
    const { binary, said } = await find({ NATS_SERVER_BIN: "/nowhere/nats-server", PATH: dirname(old) })
    assert.deepStrictEqual([binary.version, binary.from], ["2.15.1", "cache"])
    assert.match(said[0] ?? "", /\/nowhere\/nats-server cannot be run/)
    assert.match(said[1] ?? "", new RegExp(`2\\.9\\.10 at ${old} is too old: ${oldestVersion}`))
  })

  it("of several in the cache the newest is taken, by number and not by letter", async () => {
    await program(join(folder, "cache", "nats-server-2.15.9", "nats-server"), "2.15.9")
    await program(join(folder, "cache", "nats-server-2.15.10", "nats-server"), "2.15.10")
    assert.deepStrictEqual((await find({})).binary.version, "2.15.10")
  })
})

describe("versions", () => {
  it("compare by number", () => {
    assert.isTrue(isAtLeast("2.14.5", "2.14.5"))
    assert.isTrue(isAtLeast("2.15.0-RC.1", "2.14.5"))
    assert.isFalse(isAtLeast("2.14.4", "2.14.5"))
    assert.isFalse(isAtLeast("2.9.10", "2.14.5"))
    assert.isTrue(isAtLeast("10.0.0", "9.99.99"))
  })

  it("are read from what the server prints", () => {
    assert.deepStrictEqual(versionIn("nats-server: v2.15.1\n"), "2.15.1")
    assert.isUndefined(versionIn("command not found"))
  })
})
