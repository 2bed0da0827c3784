/** Keeps a copy of the bucket in memory, entry by entry as they are written, and knows since when it may be behind. */
import type { JsMsg } from "@nats-io/jetstream"
import { Effect, type Scope } from "effect"
import type { Link } from "../../bus/nats-link.live.ts"
import { follow as followStream, silenceOf } from "../../bus/nats-ordered.live.ts"
import type { Copy } from "./vault-copy.ts"
import { VaultDown } from "./vault.ts"

/** A copy that has heard nothing for so long is no answer any more: whoever asks must ask the leader. */
export const staleAfterMs = 10_000

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
    const take = (msg: JsMsg) => {
      const isGone = msg.headers?.has("KV-Operation") === true || msg.data.length === 0
      copy.take(msg.subject.slice(prefix.length), isGone ? undefined : JSON.parse(text.decode(msg.data)), msg.seq)
    }
    const copied = { stream, filters: [">"], name: "the vault's copy", take }
    const place = yield* Effect.mapError(followStream(link, copied), (cause) => new VaultDown({ op: "follow", cause }))
    return { isStale: () => silenceOf(place) > staleAfterMs }
  })
