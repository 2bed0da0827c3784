/** The store of identities in memory: one server that is never away, whose writes are seen by all at once. */
import { Effect, Layer } from "effect"
import { makeCopy } from "./vault-copy.ts"
import { Vault, VaultMoved } from "./vault.ts"

/** A new, empty store. */
export const makeVault = (): Vault["Service"] => {
  const { peek, list, take } = makeCopy()
  let revision = 0
  /** Undefined where somebody wrote it since. */
  const written = (key: string, named: number, value: string | undefined) =>
    Effect.suspend(() => {
      if ((peek(key)?.revision ?? 0) !== named) return Effect.fail(new VaultMoved({ key }))
      take(key, value === undefined ? undefined : JSON.parse(value), ++revision)
      return Effect.succeed(revision)
    })
  return {
    get: (key) => Effect.sync(() => peek(key)),
    // stored as text: what is not JSON does not come back, as on a server
    put: (key, value, named) => written(key, named, JSON.stringify(value)),
    remove: (key, named) => Effect.asVoid(written(key, named, undefined)),
    list: (prefix) => Effect.sync(() => list(prefix)),
    peek
  }
}

export const layer: Layer.Layer<Vault> = Layer.sync(Vault, makeVault)
