/** What the fan-out is measured on: a log that is written at a pace, two servers, and the readers, each a process. */
import { type ChildProcess, fork } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Bus } from "../../bus/bus.ts"
import { layer } from "../../bus/nats.live.ts"
import { startNatsServer } from "../../deploy/nats-server.ts"
import {
  type Count,
  type FromReaders,
  type FromServer,
  type Look,
  numbered,
  type ToReaders,
  type ToServer
} from "./fanout-events.ts"

const start = (script: string, ...args: ReadonlyArray<string>): ChildProcess =>
  fork(join(import.meta.dirname, script), [...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] })

/** The next word of a process; rejects where it ends instead. */
const next = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    child.once("exit", gone)
    child.once("message", (word) => {
      child.off("exit", gone)
      resolve(word as A)
    })
  })

const ask = <A>(child: ChildProcess, question: ToServer | ToReaders): Promise<A> => {
  const answer = next<A>(child)
  child.send(question)
  return answer
}

export interface BenchServer {
  readonly port: number
  readonly look: () => Promise<Look>
  readonly write: (frames: number) => Promise<void>
  /** Says good-bye, or not. */
  readonly end: (how: "in order" | "kill -9") => Promise<void>
}

const serve = async (kind: "bare" | "ours", port: number, natsUrl: string): Promise<BenchServer> => {
  const child = start("fanout-server.ts", kind, String(port), natsUrl)
  const exited = new Promise<void>((done) => child.once("exit", () => done()))
  const began = await next<{ readonly port: number }>(child)
  const look = async () => (await ask<Extract<FromServer, { look: Look }>>(child, { do: "look" })).look
  return {
    port: began.port,
    look,
    write: async (frames) => void (await ask(child, { do: "write", frames })),
    end: async (how) => {
      if (how === "in order") child.send({ do: "end" } satisfies ToServer)
      else child.kill("SIGKILL")
      await exited
    }
  }
}

export interface Readers {
  readonly tell: (what: ToReaders) => Promise<void>
  readonly count: (group: string) => Promise<Count>
}

export interface FanoutStage {
  readonly readers: Readers
  readonly serve: (kind: "bare" | "ours", port?: number) => Promise<BenchServer>
  /** Writes so many numbered facts every 100 ms until it is told to stop, which gives the last number. */
  readonly write: (perTick: number) => () => Promise<number>
  readonly bus: Bus["Service"]
  readonly end: () => Promise<void>
}

const tickMs = 100

export const openFanoutStage = async (): Promise<FanoutStage> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-fanout-"))
  const nats = await startNatsServer({ dataDir, syncAlways: false })
  const scope = await Effect.runPromise(Scope.make())
  const options = { servers: [nats.url], name: "bench", replicas: 1, production: false } as const
  const bus = Context.get(await Effect.runPromise(Layer.buildWithScope(layer(options), scope)), Bus)
  const child = start("fanout-readers.ts")
  let n = 0
  const write = (perTick: number) => {
    const stopped = new AbortController()
    const writing = (async () => {
      for (let at = performance.now(); !stopped.signal.aborted; at += tickMs) {
        const drafts = Array.from({ length: perTick }, () => numbered(++n))
        await Effect.runPromise(bus.append(drafts))
        await sleep(Math.max(0, at + tickMs - performance.now()))
      }
    })()
    return async () => {
      stopped.abort()
      await writing
      return n
    }
  }
  return {
    bus,
    write,
    serve: (kind, port = 0) => serve(kind, port, nats.url),
    readers: {
      tell: async (what) => void (await ask<FromReaders>(child, what)),
      count: async (group) => (await ask<{ readonly count: Count }>(child, { do: "count", group })).count
    },
    end: async () => {
      child.disconnect()
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await nats.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
}
