/** Where what must not stand in the log is kept: password hashes, sessions, hashes of keys, receipts of requests. */
import { Context, type Effect, Schema } from "effect"

/** The store does not answer. */
export class VaultDown extends Schema.TaggedError<VaultDown>()("VaultDown", {
  op: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `the store of identities does not answer (${this.op})`
  }
}
/** Somebody else wrote the entry since it was read: read it again. */
export class VaultMoved extends Schema.TaggedError<VaultMoved>()("VaultMoved", { key: Schema.String }) {}

export interface Kept<A = unknown> {
  readonly value: A
  /** What a write must name to replace it. */
  readonly revision: number
}

/**
 * Entries of JSON under keys of dot-separated tokens (`user.u_…`). Every write names the revision that it replaces, 0
 * for none: two processes cannot both spend one refresh token. It is the source of truth, not a cache: `get` asks the
 * leader.
 */
export class Vault extends Context.Service<
  Vault,
  {
    readonly get: (key: string) => Effect.Effect<Kept | undefined, VaultDown>
    readonly put: (key: string, value: unknown, revision: number) => Effect.Effect<number, VaultDown | VaultMoved>
    readonly remove: (key: string, revision: number) => Effect.Effect<void, VaultDown | VaultMoved>
    /** Every entry whose key begins with these tokens, from a live copy in memory: a little behind, never ahead. */
    readonly list: (prefix: string) => Effect.Effect<ReadonlyArray<readonly [key: string, Kept]>, VaultDown>
    /** From the live copy: for what is asked on every request, as whether a session still stands. */
    readonly peek: (key: string) => Kept | undefined
  }
>()("cloudoptim/Vault") {}
