/** What comes back from wherever the command line was pointed to, and how it then ends. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const program = join(import.meta.dirname, "main.ts")
const home = mkdtempSync(join(tmpdir(), "cli-"))
let answer: readonly [status: number, text: string] = [200, ""]
let server: Server
let url = ""

beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(answer[0])
    response.end(answer[1])
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(home, { recursive: true })
})

/** The server answers in this process, so the command must not hold it up. */
const run = (args: ReadonlyArray<string>) =>
  new Promise<{ readonly status: number | null; readonly stderr: string }>((resolve) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, CLOUDOPTIM_URL: url, NO_COLOR: "1" }
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ["ignore", "ignore", "pipe"] })
    let stderr = ""
    child.stderr.on("data", (chunk: Buffer) => (stderr += String(chunk)))
    child.once("close", (status) => resolve({ status, stderr }))
  })

describe("an answer", () => {
  it("that is no CloudOptim's is told as such, and is no answer of no", { timeout: 20_000 }, async () => {
    answer = [200, "<html>hello</html>"]
    const { status, stderr } = await run(["sagas"])
    assert.strictEqual(status, 8)
    assert.match(stderr, /is no CloudOptim: CLOUDOPTIM_URL/)
  })

  it("that refuses the tail ends it as it would any other command", { timeout: 20_000 }, async () => {
    answer = [403, JSON.stringify({ title: "This may not be done by you", detail: "Ask an operator." })]
    const { status, stderr } = await run(["tail"])
    assert.strictEqual(status, 4)
    assert.strictEqual(stderr, "This may not be done by you: Ask an operator.\n")
  })
})
