/** The real actors over a real NATS server, kept alive in the test's own process, and all that they said or buried. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream"
import { Context, Effect, Exit, Layer, References, Result, Scope } from "effect"
import { connect, type NatsConnection } from "nats"
import type { Inners } from "../../actors/_ports/cloud.ts"
import { proof, seal } from "../../actors/_ports/seal.live.ts"
import { Seal } from "../../actors/_ports/seal.ts"
import { layer as warehouse, type Memory, memory } from "../../actors/_ports/warehouse.sim.ts"
import { openBook } from "../../bus/book.ts"
import { type Buried, decodeBuried } from "../../bus/buried.ts"
import { Bus, type Stored } from "../../bus/bus.ts"
import { layer as natsLayer } from "../../bus/nats.live.ts"
import { isDurableOf } from "../../bus/nats-durable.live.ts"
import { deadName, logName } from "../../bus/streams.ts"
import { actorsOf } from "../../deploy/house.ts"
import { consulted, remarked, type Standing, standingOf } from "../../deploy/standing.ts"
import { keepAlive } from "../../deploy/supervise.ts"
import type { Terms } from "../../deploy/terms.ts"
import { seal as sealed, unseal } from "../../schemas/envelope.ts"
import { matches, type Road } from "../../schemas/message.ts"
import { type Servers, startServers } from "./nats-bus.ts"

/** Looks every 50 ms until it is so; says what was waited for where it never is. `now` tells how far it came. */
export const until = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { withinMs = 60_000, now = () => "" }: { readonly withinMs?: number; readonly now?: () => string } = {}
): Promise<void> => {
  const end = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what} ${now()}`)
    await sleep(50)
  }
}

export interface Spoken<A> extends Stored {
  readonly message: A
}

export class LivingHouse {
  /** How often each actor was begun: once, unless it failed. */
  readonly starts = new Map<string, number>()
  readonly ledger: Memory = memory()
  readonly log: Array<Stored> = []
  readonly dead: Array<Buried> = []
  private readonly scope = Scope.makeUnsafe()
  private readonly folder: string
  private readonly servers: Servers
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  private bus: Bus["Service"] | undefined
  private sealing: Seal["Service"] | undefined
  private standing: ((accounts: number) => Standing) | undefined

  private constructor(folder: string, servers: Servers, nc: NatsConnection, jsm: JetStreamManager) {
    this.folder = folder
    this.servers = servers
    this.nc = nc
    this.js = jetstream(nc)
    this.jsm = jsm
  }

  /** A server that takes messages far larger than ours may be, every actor over it, and whatever cloud is given. */
  static async open(inners: Inners, terms: Terms): Promise<LivingHouse> {
    const servers = await startServers(1)
    const nc = await connect({ servers: [...servers.urls] })
    const house = new LivingHouse(await mkdtemp(join(tmpdir(), "living-")), servers, nc, await jetstreamManager(nc))
    await house.start(inners, terms)
    return house
  }

  private async start(inners: Inners, terms: Terms): Promise<void> {
    const bus = natsLayer({ servers: this.servers.urls, name: "test", replicas: 1, production: false })
    const layers = Layer.mergeAll(bus, seal(this.folder), proof(this.folder), warehouse(this.ledger))
    const live = Effect.gen({ self: this }, function* () {
      const context = yield* Layer.build(layers)
      this.bus = Context.get(context, Bus)
      this.sealing = Context.get(context, Seal)
      for (const actor of actorsOf(terms, inners)) {
        const run = (holder: string) =>
          Effect.suspend(() => {
            this.starts.set(actor.name, (this.starts.get(actor.name) ?? 0) + 1)
            return actor.run(holder)
          })
        yield* Effect.forkScoped(keepAlive({ ...actor, run }).pipe(Effect.provide(context)))
      }
      const book = yield* openBook(consulted, remarked).pipe(Effect.provide(context))
      this.standing = (accounts) => standingOf(book, accounts)
    })
    const quiet = Effect.provideService(live, References.MinimumLogLevel, process.env["LOG_LEVEL"] ? "Info" : "None")
    await Effect.runPromise(quiet.pipe(Scope.provide(this.scope)))
  }

  async stop(): Promise<void> {
    await Effect.runPromise(Scope.close(this.scope, Exit.void))
    await this.nc.close()
    await this.servers.end()
    await rm(this.folder, { recursive: true, force: true })
  }

  get seal(): Seal["Service"] {
    if (this.sealing === undefined) throw new Error("the house is not open")
    return this.sealing
  }
  stands(accounts: number): Standing {
    if (this.standing === undefined) throw new Error("the house is not open")
    return this.standing(accounts)
  }

  /** Puts bytes on the bus as anybody could who may publish there. */
  async put(subject: string, data: Uint8Array): Promise<number> {
    return (await this.js.publish(subject, data)).seq
  }
  say<A>(road: Road<A>, message: A): Promise<number> {
    return this.put(road.subject(message), sealed(road, message))
  }

  /** Reads on in the log, and in what was buried. */
  async readOn(): Promise<void> {
    for (;;) {
      const more = await Effect.runPromise(this.bus!.scan(this.log.at(-1)?.seq ?? 0, 1_000))
      this.log.push(...more)
      if (more.length === 0) break
    }
    const { state } = await this.jsm.streams.info(deadName)
    while (this.dead.length < state.last_seq) {
      const next = await this.jsm.streams.getMessage(deadName, { seq: this.dead.length + 1 })
      this.dead.push(await Effect.runPromise(decodeBuried(next?.string() ?? "")))
    }
  }
  buried(consumer: string, subject: string): ReadonlyArray<string> {
    return this.dead.filter((one) => one.consumer === consumer && one.subject === subject).map(({ reason }) => reason)
  }

  /** Everything readable that was said on a road, oldest first. */
  heard<A>(road: Road<A>): ReadonlyArray<Spoken<A>> {
    return this.log.flatMap((stored) => {
      if (!matches(road.filter, stored.subject)) return []
      const read = unseal(road, stored.data)
      return Result.isSuccess(read) ? [{ ...stored, message: read.success }] : []
    })
  }

  /** Deliveries that a consumer was not given yet, or has not settled: of all its filters. */
  async open(consumer: string): Promise<number> {
    let [durables, deliveries] = [0, 0]
    for await (const info of this.jsm.consumers.list(logName)) {
      if (!isDurableOf(consumer, info.name)) continue
      durables++
      deliveries += info.num_pending + info.num_ack_pending
    }
    if (durables === 0) throw new Error(`nobody hears as ${consumer}`)
    return deliveries
  }

  /** Actors that were begun more than once, by name. */
  get restarted(): ReadonlyArray<string> {
    return [...this.starts].flatMap(([name, count]) => (count > 1 ? [`${name} ${count} times`] : []))
  }
}
