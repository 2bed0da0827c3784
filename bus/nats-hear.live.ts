/** A durable consumer's deliveries: pulled a little ahead, settled with the server's word, repaired when silent. */
import { type ApiError, JetStreamApiError } from "@nats-io/jetstream"
import { Effect, Latch, type Scope } from "effect"
import { createInbox, type Msg } from "nats"
import { instant } from "../schemas/ids.ts"
import { BusDown, type ConsumerSpec, type Delivery, type Inbox, type Verdict } from "./bus.ts"
import { type Link, ownBytes } from "./nats-link.live.ts"
import { type Settle, settling } from "./nats-settle.live.ts"
import { logName } from "./streams.ts"

/**
 * Deliveries that are fetched before anybody takes them, at most: enough that nobody waits for a round trip, few enough
 * that a sibling is not starved (64 MiB if all are of the largest). Those that wait longer than half the ack wait are
 * reported as still at work.
 */
export const prefetchMax = 256
/** A waiting request ends after this long, and another one is made. */
const pullExpiresMs = 20_000
/** The server says at this pace that it is there and has nothing. */
const beatMs = 1_000
/** No word for this long, and the consumer is declared and asked again. */
const silenceMaxMs = 2_500
const watchEveryMs = 250

const ns = (ms: number) => Math.round(ms * 1_000_000)

/**
 * Why the client's own consumer is not used: while it is not read it repeats its requests, and fetches without bound.
 */
interface Pull {
  readonly link: Link
  readonly settle: Settle
  readonly spec: ConsumerSpec
  readonly prefetch: number
  readonly inbox: string
  readonly untaken: Array<{ readonly msg: Msg; since: number }>
  readonly someThere: Latch.Latch
  /** How many deliveries the server still owes us. */
  asked: number
  heardAt: number
  repairedAt: number
  isBroken: boolean
  connections: number
  down: BusDown | undefined
}

const nowMs = () => performance.now()

const declaration = (spec: ConsumerSpec) =>
  JSON.stringify({
    stream_name: logName,
    action: "", // create, or change what may be changed
    config: {
      durable_name: spec.name,
      name: spec.name,
      deliver_policy: "all",
      ack_policy: "explicit",
      replay_policy: "instant",
      // No limit: at a limit of its own the server would drop the message without a word.
      max_deliver: -1,
      ack_wait: ns(spec.ackWaitMs),
      max_ack_pending: spec.inFlightMax,
      filter_subjects: spec.filters
    }
  })

/** Makes the durable consumer, or gives an existing one these filters and limits. */
const declare = (link: Link, spec: ConsumerSpec) =>
  link.ask(`hear ${spec.name}`, async () => {
    const subject = `$JS.API.CONSUMER.CREATE.${logName}.${spec.name}`
    const reply = await link.request(subject, declaration(spec))
    const { error } = reply.json<{ readonly error?: ApiError }>()
    if (error !== undefined) throw new JetStreamApiError(error)
  })

/** Asks for as many as there is room for, when there is room for half. */
const refill = (pull: Pull) => {
  const room = pull.prefetch - pull.untaken.length - pull.asked
  if (pull.isBroken || room <= 0 || (pull.asked > 0 && room < pull.prefetch / 2)) return
  pull.asked += room
  const question = { batch: room, expires: ns(pullExpiresMs), idle_heartbeat: ns(beatMs) }
  pull.link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${logName}.${pull.spec.name}`, JSON.stringify(question), {
    reply: pull.inbox
  })
}

/** What the server says about a request instead of delivering. */
const onStatus = (pull: Pull, code: number, msg: Msg) => {
  if (code === 100 || code === 408) pull.heardAt = nowMs()
  if (code === 100) return
  if (code === 408) {
    pull.asked = Math.max(0, pull.asked - Number(msg.headers?.get("Nats-Pending-Messages") || 0))
    refill(pull)
    return
  }
  // 409: another leader, or no consumer any more; 503: none at the moment. The watch asks again.
  pull.asked = 0
  pull.isBroken = true
}

const onMessage = (pull: Pull, msg: Msg) => {
  const code = msg.headers?.code ?? 0
  // A stored message may have no data and headers of its own, but only the server's words come without a reply subject.
  if (!msg.reply) return onStatus(pull, code, msg)
  pull.heardAt = nowMs()
  pull.asked = Math.max(0, pull.asked - 1)
  pull.untaken.push({ msg, since: pull.heardAt })
  // One turn later, so that whoever waits gets all that came in the same packet.
  if (pull.untaken.length === 1) setImmediate(() => pull.someThere.openUnsafe())
  refill(pull)
}

/** `$JS.ACK.[domain.account.]stream.consumer.attempt.seq.deliverySeq.timeNs.pending[.token]`. */
const placeOf = (reply: string) => {
  const tokens = reply.split(".")
  const skip = tokens.length > 9 ? 6 : 4
  const [attempt, seq, , timeNs] = tokens.slice(skip)
  // Whole milliseconds, cut off the text: a number cannot hold the nanoseconds.
  return { attempt: Number(attempt), seq: Number(seq), at: instant(Number(timeNs?.slice(0, -6))) }
}

const wordFor = (verdict: Verdict): string => {
  if (verdict._tag === "Ack") return "+ACK"
  return verdict.afterMs > 0 ? `-NAK ${JSON.stringify({ delay: ns(Math.ceil(verdict.afterMs)) })}` : "-NAK"
}

const deliveryOf = ({ link, settle }: Pull, msg: Msg): Delivery => {
  const reply = msg.reply ?? ""
  return {
    ...placeOf(reply),
    subject: msg.subject,
    data: ownBytes(msg),
    settle: (verdict) => settle(reply, wordFor(verdict)),
    working: Effect.sync(() => link.nc.publish(reply, "+WPI")).pipe(Effect.ignoreCause)
  }
}

/** Waits for one, takes what is there. A taker that is interrupted leaves nothing half taken. */
const take = (pull: Pull, max: number): Effect.Effect<ReadonlyArray<Delivery>, BusDown> =>
  Effect.suspend(() => {
    if (pull.untaken.length > 0) {
      const taken = pull.untaken.splice(0, Math.max(1, max))
      refill(pull)
      return Effect.succeed(taken.map(({ msg }) => deliveryOf(pull, msg)))
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
const repair = (pull: Pull) =>
  declare(pull.link, pull.spec).pipe(
    Effect.timeoutOption(`${silenceMaxMs} millis`),
    Effect.ignore,
    Effect.andThen(
      Effect.sync(() => {
        pull.isBroken = false
        pull.repairedAt = nowMs()
        pull.asked = 0
        refill(pull)
      })
    )
  )

/** One look: is the server silent, and for how long? */
const look = (pull: Pull): Effect.Effect<void> =>
  Effect.suspend(() => {
    const now = nowMs()
    const { link } = pull
    if (pull.asked === 0 && !pull.isBroken) pull.heardAt = now // nothing is asked, so nothing can be heard
    if (now - pull.heardAt > link.patienceMs) {
      pull.down = new BusDown({ op: `hear ${pull.spec.name}`, cause: new Error(`silent for ${link.patienceMs} ms`) })
      pull.someThere.openUnsafe()
      return Effect.void
    }
    if (!Latch.isOpen(link.connected)) return Effect.void
    keepUntaken(pull)
    const isNew = link.connections() !== pull.connections
    const isSilent = now - pull.heardAt > silenceMaxMs && now - pull.repairedAt > silenceMaxMs
    if (!isNew && !isSilent && !pull.isBroken) return Effect.void
    pull.connections = link.connections()
    return repair(pull)
  })

const watch = (pull: Pull): Effect.Effect<void> =>
  look(pull).pipe(
    Effect.andThen(Effect.sleep(`${watchEveryMs} millis`)),
    Effect.repeat({ while: () => pull.down === undefined }),
    Effect.asVoid
  )

/** Hands back what nobody took, so that a sibling has it at once and not after the ack wait. */
const leave = (pull: Pull, unsubscribe: () => void) =>
  Effect.sync(() => {
    unsubscribe()
    for (const { msg } of pull.untaken.splice(0)) pull.link.nc.publish(msg.reply ?? "", "-NAK")
  }).pipe(Effect.ignoreCause)

/**
 * Joins a durable consumer until the scope closes. Silent servers are asked for the link's patience, then takers get
 * `BusDown`.
 */
export const hear =
  (link: Link) =>
  (spec: ConsumerSpec): Effect.Effect<Inbox, BusDown, Scope.Scope> =>
    Effect.gen(function* () {
      yield* declare(link, spec)
      const now = nowMs()
      const pull: Pull = {
        link,
        settle: yield* settling(link),
        spec,
        prefetch: Math.max(1, Math.min(prefetchMax, spec.inFlightMax)),
        inbox: createInbox(),
        untaken: [],
        someThere: Latch.makeUnsafe(false),
        asked: 0,
        heardAt: now,
        repairedAt: now,
        isBroken: false,
        connections: link.connections(),
        down: undefined
      }
      const listen = Effect.sync(() =>
        link.nc.subscribe(pull.inbox, { callback: (error, msg) => (error ? undefined : onMessage(pull, msg)) })
      )
      yield* Effect.acquireRelease(listen, (sub) => leave(pull, () => sub.unsubscribe()))
      refill(pull)
      yield* Effect.forkScoped(watch(pull))
      return { take: (max) => take(pull, max) }
    })
