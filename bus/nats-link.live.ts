/** One connection to the servers, and how long we wait for them before we say that the bus is down. */
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager
} from "@nats-io/jetstream"
import { Effect, Latch, Schedule, type Scope } from "effect"
import { type ConnectionOptions, connect, errors, type Msg, type MsgHdrs, type NatsConnection } from "nats"
import { BusDown } from "./bus.ts"

/**
 * How long one request waits for its answer. Servers elect a new leader within 4 to 9 s; a request rarely spans that.
 */
export const requestTimeoutMs = 5_000
/** How long the bus may be without an answer, all retries together, before it is down: two elections and some air. */
export const patienceMsDefault = 30_000
/** A frozen server is noticed after two unanswered pings. */
const pingIntervalMs = 4_000
const reconnectWaitMs = 250
const farewellMs = 2_000

export interface LinkOptions {
  /** As in `nats://127.0.0.1:4222`; every server of the cluster, so that the loss of one leaves another to go to. */
  readonly servers: ReadonlyArray<string>
  /** Who connects: shown in the servers' monitoring. */
  readonly name: string
  readonly user?: string
  readonly pass?: string
  /** How long the bus may be silent before it is down, in milliseconds. Default 30,000. */
  readonly patienceMs?: number
}

export interface Link {
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  /** One request with one answer. Rejects on a timeout, and at once when the connection is lost. */
  readonly request: (subject: string, data: Uint8Array | string, headers?: MsgHdrs) => Promise<Msg>
  readonly ask: Ask
  readonly patienceMs: number
  /** Open while there is a connection: the client loses, without a word, what is sent while there is none. */
  readonly connected: Latch.Latch
  /** How often the connection was made anew: requests that were waiting at the old server are gone. */
  readonly connections: () => number
}

/** JetStream's code for a cluster of which too few members are up yet to place a stream. */
const noSuitablePeers = 10005

/**
 * Would the same question, asked again, perhaps be answered? A server says 503 while it has no leader, and 500 for a
 * stream that is coming back; its other refusals are answers.
 */
const isTransient = (cause: unknown): boolean =>
  cause instanceof JetStreamApiError
    ? cause.status >= 500 || cause.code === noSuitablePeers
    : !(cause instanceof errors.ClosedConnectionError)

/** Asks until there is an answer, for the link's patience at most. The question must bear repeating. */
export type Ask = <A>(op: string, send: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, BusDown>

const asking =
  (patienceMs: number, connected: Latch.Latch): Ask =>
  (op, send) =>
    connected.await.pipe(
      Effect.andThen(Effect.tryPromise({ try: send, catch: (cause) => new BusDown({ op, cause }) })),
      Effect.retry({
        schedule: Schedule.spaced(`${reconnectWaitMs} millis`),
        while: (down) => isTransient(down.cause)
      }),
      Effect.timeoutOrElse({
        duration: `${patienceMs} millis`,
        orElse: () => new BusDown({ op, cause: new Error(`no answer in ${patienceMs} ms`) })
      })
    )

/** Requests of a connection, each of which ends with it: its answer would come to nobody. */
const requesting = (nc: NatsConnection) => {
  const waiting = new Set<(cause: Error) => void>()
  const request: Link["request"] = (subject, data, own) =>
    new Promise((resolve, reject) => {
      waiting.add(reject)
      const options = { timeout: requestTimeoutMs, ...(own === undefined ? {} : { headers: own }) }
      nc.request(subject, data, options)
        .then(resolve, reject)
        .finally(() => waiting.delete(reject))
    })
  const lose = () => waiting.forEach((reject) => reject(new Error("the connection was lost")))
  return { request, lose }
}

const listen = async (nc: NatsConnection, heard: (type: string) => void) => {
  for await (const { type } of nc.status()) heard(type)
}

const connectionOf = (options: LinkOptions): ConnectionOptions => ({
  servers: [...options.servers],
  name: options.name,
  ...(options.user === undefined ? {} : { user: options.user }),
  ...(options.pass === undefined ? {} : { pass: options.pass }),
  timeout: requestTimeoutMs,
  maxReconnectAttempts: -1,
  reconnectTimeWait: reconnectWaitMs,
  pingInterval: pingIntervalMs,
  maxPingOut: 2,
  // an error object made ahead for every request costs more than all that we do with the request
  noAsyncTraces: true
})

const open = async (options: LinkOptions, patienceMs: number, abort: AbortSignal): Promise<Link> => {
  const nc = await connect(connectionOf(options))
  if (abort.aborted) await nc.close()
  const connected = Latch.makeUnsafe(true)
  const { request, lose } = requesting(nc)
  let connections = 1
  void listen(nc, (type) => {
    if (type === "disconnect") {
      connected.closeUnsafe()
      lose()
    }
    if (type !== "reconnect") return
    connections++
    connected.openUnsafe()
  })
  const timing = { timeout: requestTimeoutMs }
  return {
    nc,
    js: jetstream(nc, timing),
    jsm: await jetstreamManager(nc, { ...timing, checkAPI: false }),
    request,
    ask: asking(patienceMs, connected),
    patienceMs,
    connected,
    connections: () => connections
  }
}

/** A message's data, copied: the client's is a slice of a whole packet, and would keep all of it in memory. */
export const ownBytes = (msg: { readonly data: Uint8Array }): Uint8Array => new Uint8Array(msg.data)
/** Not copied: for who is soon done with it, or keeps the other messages of the packet as well. */
export const lentBytes = ({ data }: { readonly data: Uint8Array }): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.length)

/** Sends what is still to be sent, for a moment; a server that does not answer is left. */
const close = ({ nc }: Link) =>
  Effect.tryPromise(() => nc.drain()).pipe(
    Effect.timeout(`${farewellMs} millis`),
    Effect.ignore,
    Effect.andThen(Effect.promise(() => nc.close())),
    Effect.ignore
  )

/** A connection that is drained when the scope closes. Fails with `BusDown` when no server answers in time. */
export const link = (options: LinkOptions): Effect.Effect<Link, BusDown, Scope.Scope> => {
  const patienceMs = options.patienceMs ?? patienceMsDefault
  const opened = asking(patienceMs, Latch.makeUnsafe(true))("connect", (abort) => open(options, patienceMs, abort))
  return Effect.acquireRelease(opened, close, { interruptible: true })
}
