/** Keeps a copy of the bucket in memory, entry by entry as they are written, and knows since when it may be behind. */
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream"
import { Deferred, Effect, type Scope } from "effect"
import type { Link } from "../../bus/nats-link.live.ts"
import { close, keepOpen, open, type Place, placeAt, silenceOf } from "../../bus/nats-ordered.live.ts"
import type { Copy } from "./vault-copy.ts"
import { VaultDown } from "./vault.ts"

/** A copy that has heard nothing for so long is no answer any more: whoever asks must ask the leader. */
export const staleAfterMs = 10_000

const openCopy = (place: Place, stream: string, take: (msg: JsMsg) => void, caughtUp: () => void) =>
  place.link.ask("follow the vault", (abort) => {
    const from = place.last === 0 ? { deliver_policy: DeliverPolicy.LastPerSubject } : { opt_start_seq: place.last + 1 }
    return open(
      place,
      {
        stream,
        from: { filter_subjects: [">"], ...from },
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
    const place = placeAt(link, 0)
    const opened = openCopy(place, stream, take, () => Deferred.doneUnsafe(caughtUp, Effect.void))
    yield* Effect.addFinalizer(() => close(place))
    const down = (cause: unknown) => new VaultDown({ op: "follow", cause })
    yield* Effect.mapError(opened, down)
    const again = Effect.andThen(Effect.logWarning("the vault's copy lost its consumer"), opened)
    yield* Effect.forkScoped(keepOpen(place, again))
    yield* Deferred.await(caughtUp).pipe(
      Effect.timeoutOrElse({ duration: `${link.patienceMs} millis`, orElse: () => down(new Error("not caught up")) })
    )
    return { isStale: () => silenceOf(place) > staleAfterMs }
  })
