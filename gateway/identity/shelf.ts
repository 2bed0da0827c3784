/** The vault by kinds: entries decoded once, changed on condition that nobody else did. */
import { Effect, Result } from "effect"
import { decodeAs, encodeAs } from "../../schemas/envelope.ts"
import { conflict, type Refused } from "../refused.ts"
import type { Kind } from "./records.ts"
import type { Kept, Vault, VaultDown, VaultMoved } from "./vault.ts"
import { vaultDown } from "./why.ts"

type Store = Vault["Service"]

const decodedOnce = new WeakMap<Kept, unknown>()
/** An entry that cannot be read was written by a newer version, or by somebody else: nobody may act on a guess. */
const valueOf = <A>(kind: Kind<A>, kept: Kept): A => {
  const known = decodedOnce.get(kept)
  if (known !== undefined) return known as A
  const decoded = decodeAs(kind.schema, kept.value)
  if (Result.isFailure(decoded)) throw new Error(`unreadable ${kind.prefix} in the vault: ${decoded.failure.details}`)
  decodedOnce.set(kept, decoded.success)
  return decoded.success
}

export interface Entry<A> {
  readonly value: A
  readonly revision: number
}
const entryOf = <A>(kind: Kind<A>, kept: Kept | undefined): Entry<A> | undefined =>
  kept === undefined ? undefined : { value: valueOf(kind, kept), revision: kept.revision }

/** As the leader has it. */
export const read = <A>(store: Store, kind: Kind<A>, id: string): Effect.Effect<Entry<A> | undefined, Refused> =>
  store.get(kind.of(id)).pipe(
    Effect.mapError(vaultDown),
    Effect.map((kept) => entryOf(kind, kept))
  )

/**
 * As the copy in memory has it; the leader is asked where the copy knows nothing, as it does of what another process
 * wrote a moment ago.
 */
export const glance = <A>(store: Store, kind: Kind<A>, id: string): Effect.Effect<A | undefined, Refused> => {
  const kept = store.peek(kind.of(id))
  return kept === undefined
    ? Effect.map(read(store, kind, id), (found) => found?.value)
    : Effect.sync(() => valueOf(kind, kept))
}

/** Every entry of a kind, from the copy. */
export const all = <A>(store: Store, kind: Kind<A>): Effect.Effect<ReadonlyArray<A>, Refused> =>
  store.list(kind.prefix).pipe(
    Effect.mapError(vaultDown),
    Effect.map((entries) => entries.map(([, kept]) => valueOf(kind, kept)))
  )

/** Writes an entry over the named revision, 0 for none. */
export const write = <A>(
  store: Store,
  kind: Kind<A>,
  id: string,
  value: A,
  revision: number
): Effect.Effect<number, VaultDown | VaultMoved> => store.put(kind.of(id), encodeAs(kind.schema, value), revision)

/** Makes an entry; false where there is one. */
export const make = <A>(store: Store, kind: Kind<A>, id: string, value: A): Effect.Effect<boolean, Refused> =>
  write(store, kind, id, value, 0).pipe(
    Effect.as(true),
    Effect.catchTag("VaultMoved", () => Effect.succeed(false)),
    Effect.mapError(vaultDown)
  )

const retriesMax = 8

/**
 * Changes an entry by a rule that is judged anew whenever somebody else was first. The rule is given undefined where
 * there is no entry, gives undefined to leave it as it is, and fails to refuse. Gives what stands in the end.
 */
export const change = <A, B extends A | undefined, R>(
  store: Store,
  kind: Kind<A>,
  id: string,
  rule: (before: A | undefined) => Effect.Effect<B, Refused, R>
): Effect.Effect<B, Refused, R> => {
  const attempt = (left: number): Effect.Effect<B, Refused, R> =>
    Effect.gen(function* () {
      const before = yield* read(store, kind, id)
      const after = yield* rule(before?.value)
      if (after === undefined || after === before?.value) return after
      return yield* write(store, kind, id, after as A, before?.revision ?? 0).pipe(
        Effect.as(after),
        Effect.catchTags({
          VaultDown: () => Effect.fail(vaultDown()),
          VaultMoved: () =>
            left > 0 ? attempt(left - 1) : Effect.fail(conflict("Others are changing it at this moment: try again."))
        })
      )
    })
  return attempt(retriesMax)
}
