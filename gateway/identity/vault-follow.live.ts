/** Keeps a copy of the bucket in memory, entry by entry as they are written, and knows since when it may be behind. */
import { type Consumer, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream"
import { Deferred, Effect, type Scope } from "effect"
import type { Link } from "../../bus/nats-link.live.ts"
import type { Copy } from "./vault-copy.ts"
import { VaultDown } from "./vault.ts"

/** The server says at this pace that it is there; three missed ones are a silence, and we begin again elsewhere. */
const beatMs = 1_000
const silenceMaxMs = 3_500
/** A copy that has heard nothing for so long is no answer any more: whoever asks must ask the leader. */
export const staleAfterMs = 10_000

interface Place {
  readonly link: Link
  readonly stream: string
  readonly take: (msg: JsMsg) => void
  readonly caughtUp: Deferred.Deferred<void>
  last: number
  heardAt: number
  messages: ConsumerMessages | undefined
  consumer: Consumer | undefined
}

const hearBeats = async (place: Place, messages: ConsumerMessages) => {
  for await (const { type } of messages.status()) if (type === "heartbeat") place.heardAt = performance.now()
}

const leave = async (place: Place) => {
  const { messages, consumer } = place
  place.messages = place.consumer = undefined
  // nobody waits for the deletion: its server may be gone, and it ends by itself when nobody asks it any more
  void consumer?.delete().catch(() => false)
  await messages?.close()
}

const openConsumer = async (place: Place, abort: AbortSignal): Promise<void> => {
  const from = place.last === 0 ? { deliver_policy: DeliverPolicy.LastPerSubject } : { opt_start_seq: place.last + 1 }
  const consumer = await place.link.js.consumers.get(place.stream, { filter_subjects: [">"], ...from })
  const { num_pending: waiting } = await consumer.info(true)
  const caughtUp = () => Deferred.doneUnsafe(place.caughtUp, Effect.void)
  if (waiting === 0) caughtUp()
  place.heardAt = performance.now()
  place.consumer = consumer
  place.messages = await consumer.consume({
    max_messages: 1_000,
    expires: 30_000,
    idle_heartbeat: beatMs,
    callback: (msg) => {
      place.heardAt = performance.now()
      place.last = Math.max(place.last, msg.seq)
      place.take(msg)
      if (msg.info.pending === 0) caughtUp()
    }
  })
  void hearBeats(place, place.messages)
  // who waited for it has gone in the meantime
  if (abort.aborted) await leave(place)
}

const silenceOf = (place: Place) => performance.now() - place.heardAt

const close = (place: Place) => Effect.promise(() => leave(place)).pipe(Effect.ignoreCause)

/** A dead server tells nothing: after a silence we leave its consumer and make another, from where we were. */
const keepOpen = (place: Place): Effect.Effect<void> => {
  const again = close(place).pipe(
    Effect.andThen(Effect.logWarning("the vault's copy lost its consumer")),
    Effect.andThen(place.link.ask("follow the vault", (abort) => openConsumer(place, abort))),
    Effect.ignore
  )
  return Effect.sleep(`${beatMs} millis`).pipe(
    Effect.andThen(
      Effect.suspend(() => (place.messages === undefined || silenceOf(place) > silenceMaxMs ? again : Effect.void))
    ),
    Effect.forever
  )
}

export interface Following {
  /** Whether the copy may be further behind than a moment. */
  readonly isStale: () => boolean
}

const text = new TextDecoder()

/** Follows the bucket's stream into the copy until the scope closes; returns when it has caught up. */
export const follow = (
  link: Link,
  stream: string,
  prefix: string,
  copy: Copy
): Effect.Effect<Following, VaultDown, Scope.Scope> =>
  Effect.gen(function* () {
    const caughtUp = yield* Deferred.make<void>()
    const take = (msg: JsMsg) => {
      const isGone = msg.headers?.has("KV-Operation") === true || msg.data.length === 0
      copy.take(msg.subject.slice(prefix.length), isGone ? undefined : JSON.parse(text.decode(msg.data)), msg.seq)
    }
    const place: Place = {
      link,
      stream,
      take,
      caughtUp,
      last: 0,
      heardAt: performance.now(),
      messages: undefined,
      consumer: undefined
    }
    yield* Effect.addFinalizer(() => close(place))
    const down = (cause: unknown) => new VaultDown({ op: "follow", cause })
    yield* Effect.mapError(
      link.ask("follow the vault", (abort) => openConsumer(place, abort)),
      down
    )
    yield* Effect.forkScoped(keepOpen(place))
    yield* Deferred.await(caughtUp).pipe(
      Effect.timeoutOrElse({ duration: `${link.patienceMs} millis`, orElse: () => down(new Error("not caught up")) })
    )
    return { isStale: () => silenceOf(place) > staleAfterMs }
  })
