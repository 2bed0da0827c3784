/** API keys: what a program proves itself with. Shown once, kept as a digest, revoked at once. */
import { Effect } from "effect"
import type { KeyId, Role, Scope } from "../../schemas/identity.ts"
import { KeyId as KeyIdSchema } from "../../schemas/identity.ts"
import type { Caller } from "../caller.ts"
import { notFound, type Refused } from "../refused.ts"
import { newId, newSecret } from "./entropy.ts"
import type { Means } from "./identity.ts"
import { type Key, keys, keyUses, tenants } from "./records.ts"
import { change, glance, make } from "./shelf.ts"
import { slugOf } from "./settings.ts"
import { isProvenBy, proofOf } from "./tokens.ts"
import { refusedToken } from "./why.ts"

export const keyPrefix = "sk_"
const shape = /^sk_([a-z0-9-]{1,20})_(k_[a-z0-9]{16})_([\w-]{43})$/
const dayMs = 24 * 3_600_000
export const keyDaysDefault = 90
/** How often it is noted that a key was used, in milliseconds. */
const usedEveryMs = 60_000

/** A key's rights as a role, for what is shown and logged by role; what it may do is said by its scopes alone. */
const roleOf = (scopes: ReadonlyArray<Scope>): Role =>
  scopes.includes("approve") ? "approver" : scopes.includes("operate") ? "operator" : "viewer"

export interface NewKey {
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  readonly days: number
}

/** Issues a key of the caller's tenant; the secret is given here and never again. */
export const issueKey = (
  means: Means,
  by: Caller,
  wanted: NewKey,
  now: number
): Effect.Effect<{ readonly key: Key; readonly secret: string }, Refused> =>
  Effect.gen(function* () {
    const id = KeyIdSchema.make(`k_${newId(means.entropy)}`)
    const secret = newSecret(means.entropy)
    const key: Key = {
      id,
      tenant: by.tenant,
      name: wanted.name,
      scopes: [...new Set(wanted.scopes)],
      hash: proofOf(secret),
      createdBy: by.name,
      createdAt: now,
      expiresAt: now + wanted.days * dayMs,
      revokedAt: null
    }
    yield* make(means.vault, keys, id, key)
    return { key, secret: `${keyPrefix}${slugOf(means.settings.environment)}_${id}_${secret}` }
  })

/** Revokes a key of the caller's tenant; a second time changes nothing. */
export const revokeKey = ({ vault }: Means, by: Caller, id: KeyId, now: number): Effect.Effect<Key, Refused> =>
  change(vault, keys, id, (before) =>
    before?.tenant === by.tenant
      ? Effect.succeed(before.revokedAt === null ? { ...before, revokedAt: now } : before)
      : Effect.fail(notFound("Your tenant has no such key."))
  )

/**
 * Notes that a key was used, once a minute per process. It decides nothing, so nobody waits for it, and where it cannot
 * be written it is not.
 */
const noteUse = ({ vault, uses }: Means, id: KeyId, now: number): Effect.Effect<void> => {
  if (now - (uses.get(id) ?? 0) < usedEveryMs) return Effect.void
  // before the store has answered: those who come meanwhile must not all write
  uses.set(id, now)
  const last = vault.peek(keyUses.of(id))
  const use = last === undefined ? undefined : (last.value as { readonly at?: unknown }).at
  if (typeof use === "number" && now - use < usedEveryMs) return Effect.void
  const note = vault.put(keyUses.of(id), { at: now }, last?.revision ?? 0)
  return Effect.asVoid(Effect.forkDetach(Effect.ignore(note)))
}

/** The program that a key stands for, as its key and tenant are now. */
export const callerOfKey = (means: Means, token: string, now: number): Effect.Effect<Caller, Refused> =>
  Effect.gen(function* () {
    const [, environment, id, secret] = shape.exec(token) ?? []
    if (id === undefined || secret === undefined) return yield* refusedToken("invalid-token")
    if (environment !== slugOf(means.settings.environment)) return yield* refusedToken("invalid-token")
    const key = yield* glance(means.vault, keys, id)
    if (key === undefined || !isProvenBy(secret, key.hash)) return yield* refusedToken("invalid-token")
    if (key.revokedAt !== null) return yield* refusedToken("revoked")
    if (key.expiresAt !== null && key.expiresAt <= now) return yield* refusedToken("expired")
    const tenant = yield* glance(means.vault, tenants, key.tenant)
    if (tenant?.status !== "active") return yield* refusedToken("revoked")
    yield* noteUse(means, key.id, now)
    return {
      kind: "key",
      id: key.id,
      tenant: key.tenant,
      name: `key ${key.name}`,
      role: roleOf(key.scopes),
      scopes: key.scopes,
      superAdmin: false,
      until: key.expiresAt ?? Number.MAX_SAFE_INTEGER
    }
  })
