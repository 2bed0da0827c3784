/** The bus in memory: what a process sees of a memory server over its wire, alone or in a whole simulated house. */
import { Clock, Context, Effect, Fiber, Layer, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import { prng } from "../schemas/chance.ts"
import { messageBytesMax } from "../schemas/envelope.ts"
import {
  AppendRefused,
  Bus,
  BusDown,
  type Delivery,
  type Draft,
  type Inbox,
  type Row,
  type Stored,
  type View
} from "./bus.ts"
import type { Parcel } from "./memory-consumer.sim.ts"
import type { Faults } from "./memory-faults.sim.ts"
import { batchLengthMax } from "./memory-log.sim.ts"
import { aboutOf, type Watcher } from "./memory-rows.sim.ts"
import { tailing } from "./memory-tail.sim.ts"
import { type Answer, MemoryServer, type Replicas } from "./memory-server.sim.ts"

/** The way from one process to the server and back. */
export interface Wire {
  /**
   * A request: `far` runs at the server, once or never, whatever becomes of the caller. Fails when no answer came in
   * time. What `far` throws is a mistake of ours and no answer.
   */
  readonly call: <A>(op: string, far: () => A) => Effect.Effect<A, BusDown>
  /** A word to the server that may get lost. */
  readonly send: (far: () => void) => void
  /** A word back: runs `task` on the process's own turn, never in the stack of its cause, never once it is dead. */
  readonly post: (task: () => void) => void
  /** False once the process is dead: the server forgets that it waits. A paused one still waits. */
  readonly isUp: () => boolean
}

export type BusShape = Context.Service.Shape<typeof Bus>

/** Waits as long as the answer takes, or as long as a caller does who is told nothing. */
const hearOut =
  (op: string) =>
  <A>(answer: Answer<A>): Effect.Effect<A, BusDown> => {
    const end =
      answer._tag === "Told" ? Effect.succeed(answer.value) : Effect.fail(new BusDown({ op, cause: answer.why }))
    return answer.afterMs > 0 ? Effect.andThen(Effect.sleep(answer.afterMs), end) : end
  }

const asking =
  (wire: Wire) =>
  <A>(op: string, far: () => Answer<A>): Effect.Effect<A, BusDown> =>
    Effect.flatMap(wire.call(op, far), hearOut(op))

/** What is never sent. */
const overLimit = (drafts: ReadonlyArray<Draft>): string | undefined => {
  if (drafts.length > batchLengthMax) return `${drafts.length} messages, at most ${batchLengthMax}`
  const large = drafts.find(({ data }) => data.length > messageBytesMax)
  return large && `${large.subject}: ${large.data.length} bytes, at most ${messageBytesMax}`
}

const appending =
  (server: MemoryServer, wire: Wire): BusShape["append"] =>
  (drafts) =>
    Effect.gen(function* () {
      const details = overLimit(drafts)
      if (details !== undefined) return yield* new AppendRefused({ reason: "too-large", details })
      const answer = yield* asking(wire)("append", () => server.append(drafts)).pipe(
        Effect.mapError((down) => new AppendRefused({ reason: "unknown", details: String(down.cause) }))
      )
      if (answer._tag === "Appended") return { seq: answer.seq }
      return yield* new AppendRefused({ reason: answer.reason, details: answer.details })
    })

/** One take: what is there at once, or what the server gives later. Given up, the server passes it over. */
const taking = (server: MemoryServer, wire: Wire, consumer: string, isOpen: () => boolean) => (max: number) =>
  Effect.suspend(() => {
    let isWanted = true
    let given: ReadonlyArray<Parcel> | undefined
    let wake = () => {}
    const give = (parcels: ReadonlyArray<Parcel>) =>
      wire.post(() => {
        given = parcels
        wake()
      })
    const waiter = { max, give, isWanted: () => isWanted && isOpen() && wire.isUp() }
    const later = Effect.callback<ReadonlyArray<Parcel>>((resume) => {
      wake = () => given !== undefined && resume(Effect.succeed(given))
      wake()
    })
    return asking(wire)("take", () => server.take(consumer, waiter)).pipe(
      Effect.flatMap((parcels) => (parcels.length > 0 ? Effect.succeed(parcels) : later)),
      Effect.ensuring(
        Effect.sync(() => {
          isWanted = false
        })
      )
    )
  })

const hearing =
  (server: MemoryServer, wire: Wire): BusShape["hear"] =>
  (spec) =>
    Effect.gen(function* () {
      const isOpen = yield* openness
      yield* asking(wire)("hear", () => server.hear(spec))
      const take = taking(server, wire, spec.name, isOpen)
      const delivery = ({ stored, attempt }: Parcel): Delivery => ({
        ...stored,
        attempt,
        settle: (verdict) => asking(wire)("settle", () => server.settle(spec.name, stored.seq, verdict)),
        working: Effect.sync(() => wire.send(() => server.working(spec.name, stored.seq)))
      })
      const inbox: Inbox = {
        take: (max) => Effect.map(take(max), (parcels) => parcels.map(delivery)),
        settleAll: (deliveries, verdict) =>
          Effect.forEach(deliveries, (each) => each.settle(verdict), { concurrency: "unbounded", discard: true })
      }
      return inbox
    })

/** True until the scope ends. */
const openness: Effect.Effect<() => boolean, never, Scope.Scope> = Effect.gen(function* () {
  let isOpen = true
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isOpen = false
    })
  )
  return () => isOpen
})

/** Rows in the process's own memory: words from the server may overtake each other, so the newest sequence wins. */
const viewing = (wire: Wire, op: string, watch: (watcher: Watcher) => Answer<ReadonlyArray<Row>>) =>
  Effect.gen(function* () {
    const isOpen = yield* openness
    const rows = new Map<string, Row>()
    let last = 0
    const put = (row: Row) => {
      last = Math.max(last, row.seq)
      const about = aboutOf(row.subject)
      if ((rows.get(about)?.seq ?? 0) < row.seq) rows.set(about, row)
    }
    const watcher = { isWanted: () => isOpen() && wire.isUp(), tell: (row: Row) => wire.post(() => put(row)) }
    for (const row of yield* asking(wire)(op, () => watch(watcher))) put(row)
    const view: View = { get: (about) => rows.get(about), rows: () => rows, upTo: () => last }
    return view
  })

/** The bus of one process. */
const service = (server: MemoryServer, wire: Wire): BusShape => {
  const ask = asking(wire)
  return {
    hear: hearing(server, wire),
    append: appending(server, wire),
    recall: (filter) => ask("recall", () => server.recall(filter)),
    scan: (after, max) => ask("scan", () => server.scan(after, max)),
    tail: tailing(server, wire, (after, max) => ask("tail", () => server.scan(after, max))),
    epoch: ask("epoch", () => server.epoch()),
    bury: (message: Stored, consumer, reason) => ask("bury", () => server.bury(message, consumer, reason)),
    standings: ask("standings", () => server.standings()),
    dead: (before, max) => ask("dead", () => server.exhume(before, max)),
    view: (bucket: Bucket) => viewing(wire, "view", (watcher) => server.watchBucket(bucket, watcher)),
    remarks: (filter) => viewing(wire, "remarks", (watcher) => server.watchRemarks(filter, watcher)),
    remark: (subject, data) => Effect.sync(() => wire.send(() => server.remark(subject, data)))
  }
}

/** The server behind `MemoryBus.alone`, for a test that wants to break it or to look inside. */
export class Memory extends Context.Service<Memory, MemoryServer>()("cloudoptim/Memory") {}

export interface AloneOptions {
  /** Default R1. On R3 an append takes 1 to 4 ms of the clock. */
  readonly mode?: Replicas
  /** Default none. */
  readonly faults?: Faults
  /** 0 <= x < 1; default: one fixed series. Only faults and R3 draw from it. */
  readonly random?: () => number
}

/** A server whose time is the Effect clock's, virtual or real; its timers end with the scope. */
const serverOnClock = (options: AloneOptions = {}): Effect.Effect<MemoryServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const timers = new Set<Fiber.Fiber<void>>()
    yield* Effect.addFinalizer(() => Effect.suspend(() => Fiber.interruptAll([...timers])))
    const after = (ms: number, task: () => void) => {
      const fiber = run(Effect.andThen(Effect.sleep(ms), Effect.sync(task)))
      timers.add(fiber)
      fiber.addObserver(() => timers.delete(fiber))
      return () => fiber.interruptUnsafe()
    }
    const now = () => clock.currentTimeMillisUnsafe()
    return new MemoryServer({ ...options, now, after, random: options.random ?? prng(1) })
  })

/** No distance and no loss; others get a turn before each request, so that parallel writers do meet. */
const plainWire: Wire = {
  call: (_op, far) => Effect.andThen(Effect.yieldNow, Effect.sync(far)),
  send: (far) => far(),
  post: (task) => queueMicrotask(task),
  isUp: () => true
}

export const MemoryBus = {
  service,
  /** The bus of one process: server and wire are given, so that several processes meet at one server. */
  layer: (server: MemoryServer, wire: Wire): Layer.Layer<Bus> => Layer.succeed(Bus, service(server, wire)),
  serverOnClock,
  plainWire,
  /** A server and one process beside it, under the test clock or the real one. Every call makes another server. */
  alone: (options: AloneOptions = {}): Layer.Layer<Bus | Memory> =>
    Layer.effectContext(
      Effect.map(serverOnClock(options), (server) =>
        Context.make(Memory, server).pipe(Context.add(Bus, service(server, plainWire)))
      )
    )
}
