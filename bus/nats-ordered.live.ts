/** One way to follow a stream: an ordered consumer that is heard, left when it falls silent, and made anew. */
import {
  type Consumer,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type OrderedConsumerOptions
} from "@nats-io/jetstream"
import { Deferred, Effect, type Scope } from "effect"
import { instant } from "../schemas/ids.ts"
import { BusDown, type Stored } from "./bus.ts"
import { type Link, ownBytes } from "./nats-link.live.ts"

/** The server says at this pace that it is there; three missed ones are a silence. */
export const beatMs = 1_000
const silenceMaxMs = 3_500
const aheadMax = 1_000

/** A message as everybody knows it, in bytes of its own. */
export const storedOf = (msg: JsMsg): Stored => ({
  seq: msg.seq,
  subject: msg.subject,
  data: ownBytes(msg),
  // Whole milliseconds: a number cannot hold the nanoseconds.
  at: instant(Number(BigInt(msg.timestampNanos) / 1_000_000n))
})

/** How far somebody is who follows, and by which consumer. */
export interface Place {
  readonly link: Link
  /** Sequence of the last message that was taken; 0 = none. */
  last: number
  heardAt: number
  messages: ConsumerMessages | undefined
  consumer: Consumer | undefined
}
export const placeAt = (link: Link, last: number): Place => ({
  link,
  last,
  heardAt: performance.now(),
  messages: undefined,
  consumer: undefined
})

export interface Asked {
  readonly stream: string
  readonly from: Partial<OrderedConsumerOptions>
  readonly opened?: (info: ConsumerInfo) => void
  /** `own`: name of the consumer that was opened. */
  readonly hear: (msg: JsMsg, own: string) => void
}

const hearBeats = async (place: Place, messages: ConsumerMessages) => {
  for await (const { type } of messages.status()) if (type === "heartbeat") place.heardAt = performance.now()
}

export const leave = async (place: Place): Promise<void> => {
  const { messages, consumer } = place
  place.messages = place.consumer = undefined
  // Nobody waits for the deletion: its server may be gone, and it ends by itself when nobody asks it any more.
  void consumer?.delete().catch(() => false)
  await messages?.close()
}

/** Begins to hear, at the place where `from` says. */
export const open = async (place: Place, { stream, from, opened, hear }: Asked, abort: AbortSignal): Promise<void> => {
  const consumer = await place.link.js.consumers.get(stream, from)
  const info = await consumer.info(true)
  opened?.(info)
  place.heardAt = performance.now()
  place.consumer = consumer
  place.messages = await consumer.consume({
    max_messages: aheadMax,
    expires: 30_000,
    idle_heartbeat: beatMs,
    callback: (msg) => {
      place.heardAt = performance.now()
      hear(msg, info.name)
    }
  })
  void hearBeats(place, place.messages)
  // Who waited for it has gone in the meantime.
  if (abort.aborted) await leave(place)
}

export const silenceOf = (place: Place): number => performance.now() - place.heardAt
export const isSilent = (place: Place): boolean => place.messages === undefined || silenceOf(place) > silenceMaxMs

export const close = (place: Place): Effect.Effect<void> => Effect.promise(() => leave(place)).pipe(Effect.ignoreCause)

/**
 * An ordered consumer lives on one server only. The client makes a new one when it is told that the old one is gone,
 * but a dead server tells nothing: after a silence we leave it and begin again elsewhere, by `again`.
 */
const keepOpen = <E>(place: Place, again: Effect.Effect<void, E>): Effect.Effect<never> =>
  Effect.sleep(beatMs).pipe(
    Effect.andThen(
      Effect.suspend(() => (isSilent(place) ? Effect.ignore(Effect.andThen(close(place), again)) : Effect.void))
    ),
    Effect.forever
  )

/** What a copy is made of: the newest message of each subject, and then every one. */
export interface Copied {
  readonly stream: string
  readonly filters: ReadonlyArray<string>
  /** What it is called in the log where it loses its consumer. */
  readonly name: string
  readonly take: (msg: JsMsg) => void
}

/** From the newest message per subject or, when an earlier consumer ended, from where that one was. */
const openCopy = (place: Place, { stream, filters, take }: Copied, caughtUp: () => void) =>
  place.link.ask(`follow ${stream}`, (abort) => {
    const from = place.last === 0 ? { deliver_policy: DeliverPolicy.LastPerSubject } : { opt_start_seq: place.last + 1 }
    return open(
      place,
      {
        stream,
        from: { filter_subjects: [...filters], ...from },
        opened: ({ num_pending: waiting }) => void (waiting === 0 && caughtUp()),
        hear: (msg) => {
          place.last = Math.max(place.last, msg.seq)
          take(msg)
          if (msg.info.pending === 0) caughtUp()
        }
      },
      abort
    )
  })

/** Keeps a copy up to date until the scope closes; returns its place when it has caught up with what was there. */
export const follow = (link: Link, what: Copied): Effect.Effect<Place, BusDown, Scope.Scope> =>
  Effect.gen(function* () {
    const caughtUp = yield* Deferred.make<void>()
    const place = placeAt(link, 0)
    const opened = openCopy(place, what, () => Deferred.doneUnsafe(caughtUp, Effect.void))
    yield* Effect.addFinalizer(() => close(place))
    yield* opened
    const again = Effect.andThen(Effect.logWarning(`${what.name} lost its consumer`, { stream: what.stream }), opened)
    yield* Effect.forkScoped(keepOpen(place, again))
    const late = () => new BusDown({ op: `follow ${what.stream}`, cause: new Error("not caught up in time") })
    yield* Deferred.await(caughtUp).pipe(Effect.timeoutOrElse({ duration: `${link.patienceMs} millis`, orElse: late }))
    return place
  })
