/** The store of identities in a NATS bucket: written on condition of a revision, read from its leader. */
import { JetStreamApiError } from "@nats-io/jetstream"
import { type KV, Kvm } from "@nats-io/kv"
import { Effect, Layer, type Scope } from "effect"
import { type Link, type LinkOptions, link } from "../../bus/nats-link.live.ts"
import { checkedKey, makeCopy } from "./vault-copy.ts"
import { follow } from "./vault-follow.live.ts"
import { type Kept, Vault, VaultDown, VaultMoved } from "./vault.ts"

export const bucketName = "identity"

/** How long it is remembered that an entry is gone, for copies that were cut off meanwhile: far longer than any is. */
const markerHours = 24

export interface VaultOptions extends LinkOptions {
  /** As many as the bus has. */
  readonly replicas: 1 | 3
}

/** JetStream's codes for a write whose condition does not hold (any more). */
const movedCodes = new Set([10071, 10164])
const isMoved = (cause: unknown) => cause instanceof JetStreamApiError && movedCodes.has(cause.code)

/** What leads there is a retry: an answer that got lost was perhaps a yes. */
const wasOurs = async (kv: KV, key: string, data: string): Promise<number | undefined> => {
  const found = await kv.get(key)
  return found?.operation === "PUT" && found.string() === data ? found.revision : undefined
}

type Written = { readonly revision: number } | { readonly moved: true }

/** A write that bears repeating: `attempt` writes, and says by its error that the condition did not hold. */
const writing = (own: Link, op: string, key: string, attempt: (isRepeat: boolean) => Promise<number>) => {
  let attempts = 0
  const once = async (): Promise<Written> => {
    try {
      return { revision: await attempt(attempts++ > 0) }
    } catch (cause) {
      if (isMoved(cause)) return { moved: true }
      throw cause
    }
  }
  return own.ask(op, once).pipe(
    Effect.mapError((cause) => new VaultDown({ op, cause })),
    Effect.flatMap((written) =>
      "moved" in written ? Effect.fail(new VaultMoved({ key })) : Effect.succeed(written.revision)
    )
  )
}

const putting =
  (own: Link, kv: KV) =>
  (key: string, value: unknown, revision: number): Effect.Effect<number, VaultDown | VaultMoved> => {
    const data = JSON.stringify(value)
    return writing(own, "put", checkedKey(key), async (isRepeat) => {
      try {
        return await (revision === 0 ? kv.create(key, data) : kv.update(key, data, revision))
      } catch (cause) {
        const ours = isRepeat && isMoved(cause) ? await wasOurs(kv, key, data) : undefined
        if (ours !== undefined) return ours
        throw cause
      }
    })
  }

const removing =
  (own: Link, kv: KV) =>
  (key: string, revision: number): Effect.Effect<void, VaultDown | VaultMoved> =>
    Effect.asVoid(
      writing(own, "remove", checkedKey(key), async (isRepeat) => {
        const found = revision === 0 || isRepeat ? await kv.get(key) : null
        const isThere = found?.operation === "PUT"
        if (isRepeat && !isThere) return 0
        if (revision === 0 && !isThere) return 0
        // the client takes 0 for no condition at all
        const previousSeq = revision === 0 ? Number.MAX_SAFE_INTEGER : revision
        await kv.purge(key, { previousSeq, ttl: `${markerHours}h` })
        return 0
      })
    )

const getting =
  (own: Link, kv: KV) =>
  (key: string): Effect.Effect<Kept | undefined, VaultDown> =>
    own
      .ask("get", () => kv.get(checkedKey(key)))
      .pipe(
        Effect.mapError((cause) => new VaultDown({ op: "get", cause })),
        Effect.map((found) =>
          found?.operation === "PUT" ? { value: found.json<unknown>(), revision: found.revision } : undefined
        )
      )

const openBucket = (own: Link, replicas: 1 | 3) =>
  own
    .ask("open the vault", () =>
      new Kvm(own.js).create(bucketName, {
        history: 1,
        replicas,
        // a follower may be behind: a spent token would look good there
        allow_direct: false,
        markerTTL: markerHours * 3_600_000,
        description: "users, sessions and keys: hashes only"
      })
    )
    .pipe(Effect.mapError((cause) => new VaultDown({ op: "open", cause })))

const make = (options: VaultOptions): Effect.Effect<Vault["Service"], VaultDown, Scope.Scope> =>
  Effect.gen(function* () {
    const own = yield* Effect.mapError(link(options), (cause) => new VaultDown({ op: "connect", cause }))
    const kv = yield* openBucket(own, options.replicas)
    const copy = makeCopy()
    const { isStale } = yield* follow(own, `KV_${bucketName}`, `$KV.${bucketName}.`, copy)
    const [put, remove] = [putting(own, kv), removing(own, kv)]
    const stale = new VaultDown({ op: "list", cause: new Error("the copy in memory is out of date") })
    return {
      get: getting(own, kv),
      // one's own writes are seen at once, without waiting for them to come back
      put: (key, value, revision) =>
        Effect.tap(put(key, value, revision), (written) => Effect.sync(() => copy.take(key, value, written))),
      // the mark of its end stands one further on, at least
      remove: (key, revision) =>
        Effect.tap(remove(key, revision), () => Effect.sync(() => copy.take(key, undefined, revision + 1))),
      list: (prefix) => (isStale() ? Effect.fail(stale) : Effect.sync(() => copy.list(prefix))),
      peek: (key) => (isStale() ? undefined : copy.peek(key))
    }
  })

/** The vault, open and caught up. Fails with `VaultDown` where no server answers within the link's patience. */
export const layer = (options: VaultOptions): Layer.Layer<Vault, VaultDown> => Layer.effect(Vault, make(options))
