/** One way to follow a stream: an ordered consumer that is heard, left when it falls silent, and made anew. */
import type { Consumer, ConsumerInfo, ConsumerMessages, JsMsg, OrderedConsumerOptions } from "@nats-io/jetstream"
import { Effect } from "effect"
import type { Link } from "./nats-link.live.ts"

/** The server says at this pace that it is there; three missed ones are a silence. */
export const beatMs = 1_000
const silenceMaxMs = 3_500
const aheadMax = 1_000

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
export const keepOpen = <E>(place: Place, again: Effect.Effect<void, E>): Effect.Effect<never> =>
  Effect.sleep(beatMs).pipe(
    Effect.andThen(
      Effect.suspend(() => (isSilent(place) ? Effect.ignore(Effect.andThen(close(place), again)) : Effect.void))
    ),
    Effect.forever
  )
