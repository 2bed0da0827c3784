/** Deliveries of durable consumers, one per filter: pulled a little ahead, settled with the server's word, repaired. */
import { Effect, Latch, type Scope } from "effect"
import { createInbox, type Msg } from "nats"
import { instant } from "../schemas/ids.ts"
import { BusDown, type ConsumerSpec, type Delivery, type Inbox, type Verdict } from "./bus.ts"
import { declare, declareAll, durableOf, ns } from "./nats-durable.live.ts"
import { type Link, lentBytes } from "./nats-link.live.ts"
import { type Settle, settling } from "./nats-settle.live.ts"
import { logName } from "./streams.ts"

/**
 * Deliveries that are fetched before anybody takes them, at most, of one filter and of all together: enough that nobody
 * waits for a round trip and that batches are full, few enough that a sibling is not starved (384 MiB if all are of the
 * largest). Those that wait longer than half the ack wait are reported as still at work.
 */
const prefetchMax = 1_536
const prefetchOfOneMax = 512
/** A waiting request ends after this long, and another one is made. */
const pullExpiresMs = 20_000
/** The server says at this pace that it is there and has nothing. */
const beatMs = 1_000
/** No word for this long, and the consumer is declared and asked again. */
const silenceMaxMs = 2_500
const watchEveryMs = 250

/** One durable consumer, and what the server still owes us of it. */
interface Source {
  readonly filter: string
  readonly name: string
  readonly inbox: string
  /** How many deliveries we have asked for and were not given. */
  asked: number
  /** How many of its deliveries nobody has taken yet. */
  held: number
  heardAt: number
  repairedAt: number
  isBroken: boolean
  connections: number
}

/** A delivery that nobody has taken yet. */
interface Untaken {
  readonly msg: Msg
  readonly source: Source
  readonly place: Place
  since: number
}
/** Where and when it was stored, and for the how many-th time it comes. */
type Place = Pick<Delivery, "attempt" | "seq" | "at">

/**
 * Why the client's own consumer is not used: while it is not read it repeats its requests, and fetches without bound.
 */
interface Pull {
  readonly link: Link
  readonly settle: Settle
  /** With the limits that each source has for itself. */
  readonly spec: ConsumerSpec
  /** Deliveries that one source may fetch ahead. */
  readonly prefetch: number
  readonly sources: ReadonlyArray<Source>
  readonly untaken: Array<Untaken>
  readonly someThere: Latch.Latch
  /** Nothing more is asked for. */
  isLeaving: boolean
  down: BusDown | undefined
}

const nowMs = () => performance.now()

/** Asks for as many as there is room for, when there is room for half. */
const refill = ({ link, prefetch, isLeaving }: Pull, source: Source) => {
  const room = prefetch - source.held - source.asked
  if (isLeaving || source.isBroken || room <= 0 || (source.asked > 0 && room < prefetch / 2)) return
  source.asked += room
  const question = { batch: room, expires: ns(pullExpiresMs), idle_heartbeat: ns(beatMs) }
  link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${logName}.${source.name}`, JSON.stringify(question), {
    reply: source.inbox
  })
}

/** What the server says about a request instead of delivering. */
const onStatus = (pull: Pull, source: Source, code: number, msg: Msg) => {
  if (code === 100 || code === 408) source.heardAt = nowMs()
  if (code === 100) return
  if (code === 408) {
    source.asked = Math.max(0, source.asked - Number(msg.headers?.get("Nats-Pending-Messages") || 0))
    refill(pull, source)
    return
  }
  // 409: another leader, or no consumer any more; 503: none at the moment. The watch asks again.
  source.asked = 0
  source.isBroken = true
}

/** `$JS.ACK.[domain.account.]stream.consumer.attempt.seq.deliverySeq.timeNs.pending[.token]`. */
const placeOf = (reply: string): Place => {
  const tokens = reply.split(".")
  const skip = tokens.length > 9 ? 6 : 4
  // Whole milliseconds, cut off the text: a number cannot hold the nanoseconds.
  const at = instant(Number(tokens[skip + 3]?.slice(0, -6)))
  return { attempt: Number(tokens[skip]), seq: Number(tokens[skip + 1]), at }
}

const onMessage = (pull: Pull, source: Source, msg: Msg) => {
  // A stored message may have no data and headers of its own, but only the server's words come without a reply subject.
  if (!msg.reply) return onStatus(pull, source, msg.headers?.code ?? 0, msg)
  source.heardAt = nowMs()
  source.asked = Math.max(0, source.asked - 1)
  source.held++
  pull.untaken.push({ msg, source, place: placeOf(msg.reply), since: source.heardAt })
  // One turn later, so that whoever waits gets all that came in the same packet.
  if (pull.untaken.length === 1) setImmediate(() => pull.someThere.openUnsafe())
  refill(pull, source)
}

const wordFor = (verdict: Verdict): string => {
  if (verdict._tag === "Ack") return "+ACK"
  return verdict.afterMs > 0 ? `-NAK ${JSON.stringify({ delay: ns(Math.ceil(verdict.afterMs)) })}` : "-NAK"
}

/** With where its verdict goes to. */
interface Arrived extends Delivery {
  readonly reply: string
}

const deliveryOf = ({ link, settle }: Pull, { msg, place: { attempt, seq, at } }: Untaken): Arrived => {
  const reply = msg.reply ?? ""
  return {
    reply,
    attempt,
    seq,
    at,
    subject: msg.subject,
    data: lentBytes(msg),
    settle: (verdict) => settle([reply], wordFor(verdict)),
    get working() {
      return Effect.ignoreCause(Effect.sync(() => link.nc.publish(reply, "+WPI")))
    }
  }
}

const hasArrived = (delivery: Delivery): delivery is Arrived => "reply" in delivery

/** All in one go; one that is not of ours settles as it knows how. */
const settleAll = ({ settle }: Pull, deliveries: ReadonlyArray<Delivery>, verdict: Verdict) => {
  const [ours, others] = [deliveries.filter(hasArrived), deliveries.filter((one) => !hasArrived(one))]
  const together = settle(
    ours.map(({ reply }) => reply),
    wordFor(verdict)
  )
  return Effect.andThen(
    together,
    Effect.forEach(others, (one) => one.settle(verdict), { discard: true })
  )
}

/**
 * Waits for one, takes what is there. A taker that is interrupted leaves nothing half taken. The servers promise no
 * order between two filters; as far as both are there already, the log's is given.
 */
const take = (pull: Pull, max: number): Effect.Effect<ReadonlyArray<Delivery>, BusDown> =>
  Effect.suspend(() => {
    if (pull.untaken.length > 0) {
      if (pull.sources.length > 1) pull.untaken.sort((a, b) => a.place.seq - b.place.seq)
      const taken = pull.untaken.splice(0, Math.max(1, max))
      for (const { source } of taken) source.held--
      for (const source of pull.sources) refill(pull, source)
      return Effect.succeed(taken.map((one) => deliveryOf(pull, one)))
    }
    if (pull.down !== undefined) return Effect.fail(pull.down)
    pull.someThere.closeUnsafe()
    return Effect.andThen(pull.someThere.await, take(pull, max))
  })

/** Deliveries that nobody has taken yet must not be given to a sibling as if we were dead. */
const keepUntaken = (pull: Pull) => {
  const now = nowMs()
  for (const each of pull.untaken) {
    if (now - each.since < pull.spec.ackWaitMs / 2) continue
    each.since = now
    pull.link.nc.publish(each.msg.reply ?? "", "+WPI")
  }
}

/** Declares the consumer again, in case its server lost it, and asks for deliveries anew. */
const repair = (pull: Pull, source: Source) =>
  declare(pull.link, pull.spec, source.filter).pipe(
    Effect.timeoutOption(`${silenceMaxMs} millis`),
    Effect.ignore,
    Effect.andThen(
      Effect.sync(() => {
        source.isBroken = false
        source.repairedAt = nowMs()
        source.asked = 0
        refill(pull, source)
      })
    )
  )

/** One look: is the server silent about it, and for how long? */
const look = (pull: Pull, source: Source): Effect.Effect<void> =>
  Effect.suspend(() => {
    const now = nowMs()
    const { link } = pull
    if (source.asked === 0 && !source.isBroken) source.heardAt = now // nothing is asked, so nothing can be heard
    if (now - source.heardAt > link.patienceMs) {
      pull.down = new BusDown({ op: `hear ${pull.spec.name}`, cause: new Error(`silent for ${link.patienceMs} ms`) })
      pull.someThere.openUnsafe()
      return Effect.void
    }
    if (!Latch.isOpen(link.connected)) return Effect.void
    const isNew = link.connections() !== source.connections
    const isSilent = now - source.heardAt > silenceMaxMs && now - source.repairedAt > silenceMaxMs
    if (!isNew && !isSilent && !source.isBroken) return Effect.void
    source.connections = link.connections()
    return repair(pull, source)
  })

const watch = (pull: Pull): Effect.Effect<void> =>
  Effect.forEach(pull.sources, (source) => look(pull, source), { concurrency: "unbounded", discard: true }).pipe(
    Effect.andThen(Effect.sync(() => (Latch.isOpen(pull.link.connected) ? keepUntaken(pull) : undefined))),
    Effect.andThen(Effect.sleep(`${watchEveryMs} millis`)),
    Effect.repeat({ while: () => pull.down === undefined }),
    Effect.asVoid
  )

/** Longest wait for what is on its way from the server when one leaves. */
const drainMaxMs = 1_000

/**
 * Hands back what nobody took, so that a sibling has it at once and not after the ack wait. First the server stops, and
 * what it had sent until then arrives.
 */
const leave = (pull: Pull, drain: () => Promise<unknown>) =>
  Effect.sync(() => void (pull.isLeaving = true)).pipe(
    Effect.andThen(Effect.tryPromise(drain)),
    Effect.timeoutOption(`${drainMaxMs} millis`),
    Effect.ignoreCause,
    Effect.andThen(
      Effect.sync(() => {
        for (const { msg } of pull.untaken.splice(0)) pull.link.nc.publish(msg.reply ?? "", "-NAK")
      })
    ),
    Effect.ignoreCause
  )

const sourceOf = (link: Link, consumer: string, filter: string): Source => {
  const now = nowMs()
  const still = { asked: 0, held: 0, heardAt: now, repairedAt: now, isBroken: false }
  return { filter, name: durableOf(consumer, filter), inbox: createInbox(), connections: link.connections(), ...still }
}

/** What one of so many may have of a limit that is for all of them: an equal part, and one at least. */
const partOf = (all: number, count: number) => Math.max(1, Math.floor(all / Math.max(1, count)))

/**
 * Joins a consumer until the scope closes: a durable one per filter, which share its limit of unsettled deliveries.
 * Silent servers are asked for the link's patience, then takers get `BusDown`.
 */
export const hear =
  (link: Link) =>
  (asked: ConsumerSpec): Effect.Effect<Inbox, BusDown, Scope.Scope> =>
    Effect.gen(function* () {
      const count = asked.filters.length
      const spec = { ...asked, inFlightMax: partOf(asked.inFlightMax, count) }
      yield* declareAll(link, spec)
      const pull: Pull = {
        link,
        settle: yield* settling(link),
        spec,
        prefetch: Math.min(partOf(prefetchMax, count), prefetchOfOneMax, spec.inFlightMax),
        sources: spec.filters.map((filter) => sourceOf(link, spec.name, filter)),
        untaken: [],
        someThere: Latch.makeUnsafe(false),
        isLeaving: false,
        down: undefined
      }
      const listen = Effect.sync(() => {
        const subs = pull.sources.map((source) =>
          link.nc.subscribe(source.inbox, {
            callback: (error, msg) => (error ? undefined : onMessage(pull, source, msg))
          })
        )
        return () => Promise.all(subs.map((sub) => sub.drain()))
      })
      yield* Effect.acquireRelease(listen, (drain) => leave(pull, drain))
      for (const source of pull.sources) refill(pull, source)
      yield* Effect.forkScoped(watch(pull))
      return {
        take: (max) => take(pull, max),
        settleAll: (deliveries, verdict) => settleAll(pull, deliveries, verdict)
      }
    })
