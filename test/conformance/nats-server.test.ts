/** Our nats-server for real: it keeps what it acknowledged, says why it does not start, and leaves nothing behind. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { connect } from "nats"
import { isTaken } from "../../deploy/free-port.ts"
import { type NatsServer, type ServerOptions, startNatsCluster, startNatsServer } from "../../deploy/nats-server.ts"

let dataDir = ""
let started: Array<NatsServer> = []
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "nats-server-"))
  started = []
})
afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()))
  await rm(dataDir, { recursive: true, force: true })
})

const start = async (options: Partial<ServerOptions> = {}) => {
  const server = await startNatsServer({ dataDir, ...options })
  started.push(server)
  return server
}

/** Where a leader is being elected a server answers "not now": ask again, for ten seconds at most. */
const insist = async <A>(ask: () => Promise<A>): Promise<A> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (refused) {
      if (attempt === 40) throw refused
      await sleep(250)
    }
  }
}

/** How many messages a file stream holds after one more was acknowledged. The id makes a repeat silent. */
const append = async (url: string, id: string, replicas = 1) => {
  const nc = await connect({ servers: url })
  try {
    const manager = await insist(() => jetstreamManager(nc))
    await insist(() => manager.streams.add({ name: "KEPT", subjects: ["kept.>"], num_replicas: replicas }))
    return (await insist(() => jetstream(nc).publish("kept.one", "x", { msgID: id }))).seq
  } finally {
    await nc.close()
  }
}

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it started",
    (thrown: Error) => thrown.message
  )

describe("one server", () => {
  it("keeps what it acknowledged through kill -9, on the same port", async () => {
    const server = await start()
    const { url, pid } = server
    assert.deepStrictEqual(await append(url, "1"), 1)
    await server.kill9()
    assert.deepStrictEqual([server.isRunning, (await server.exited()).signal], [false, "SIGKILL"])
    await server.restart()
    assert.notStrictEqual(server.pid, pid)
    assert.deepStrictEqual(await append(url, "2"), 2)
  })

  it("frees its port when it is stopped, also while it is frozen", async () => {
    const server = await start()
    server.pause()
    await server.stop()
    assert.isFalse(await isTaken(server.port))
    assert.isFalse(server.isRunning)
  })

  it("says in one sentence that the port is taken", async () => {
    const { port } = await start()
    const said = await messageOf(startNatsServer({ dataDir: join(dataDir, "other"), port }))
    assert.strictEqual(said, `port ${port} on 127.0.0.1 is taken by another program`)
  })

  it("says what is wrong with a configuration", async () => {
    assert.match(await messageOf(start({ config: "no_such_setting: 1" })), /did not start: .*no_such_setting/)
  })

  it("carries what the limit allows and no more", async () => {
    const { url } = await start({ maxPayloadBytes: 8 * 1024 * 1024 })
    const nc = await connect({ servers: url })
    assert.strictEqual(nc.info?.max_payload, 8 * 1024 * 1024)
    await nc.close()
  })

  it("refuses a folder that another one uses, and ends one whose starter was killed", async () => {
    const { pid } = await start()
    assert.match(
      await messageOf(startNatsServer({ dataDir })),
      new RegExp(`in use: process ${process.pid} .*pid ${pid}`)
    )
    await started[0]?.stop()

    const module = join(import.meta.dirname, "../../deploy/nats-server.ts")
    const script = [
      `const { startNatsServer } = await import(${JSON.stringify(module)})`,
      `const server = await startNatsServer({ dataDir: ${JSON.stringify(dataDir)} })`,
      `console.log(server.port)`
    ].join("; ")
    const starter = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [printed] = (await once(starter.stdout, "data")) as [Buffer]
    const port = Number(printed.toString())
    starter.kill("SIGKILL")
    await once(starter, "exit")
    assert.isTrue(await isTaken(port))
    const said: Array<string> = []
    await start({ say: (line) => said.push(line) })
    assert.match(said[0] ?? "", /earlier run left behind/)
    assert.isFalse(await isTaken(port))
  })
})

describe("three servers", () => {
  it("keep a stream on all of them through the loss of one", async () => {
    const cluster = await startNatsCluster(3, { dataDir })
    started.push(...cluster.servers)
    const [first, second] = cluster.servers
    assert.deepStrictEqual(await append(first?.url ?? "", "3", 3), 1)
    await first?.kill9()
    assert.deepStrictEqual(await append(second?.url ?? "", "4", 3), 2)
    await first?.restart()
    assert.deepStrictEqual(await append(first?.url ?? "", "5", 3), 3)
  })
})
