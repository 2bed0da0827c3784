/** The first administrator: made once, by whoever can read what was printed at the first start. */
import { Effect } from "effect"
import { TenantId } from "../../schemas/ids.ts"
import type { UserId } from "../../schemas/identity.ts"
import { conflict, type Refused } from "../refused.ts"
import { newSecret } from "./entropy.ts"
import type { Means } from "./identity.ts"
import { type FirstAdmin, firstAdmins, type User, users } from "./records.ts"
import { change, glance, read, write } from "./shelf.ts"
import { type NewTenant, unownedTenant } from "./tenants.ts"
import { isProvenBy, proofOf } from "./tokens.ts"
import { createUser, newUserId } from "./users.ts"
import { hashesBusy, refusedToken, vaultDown } from "./why.ts"

/** There is one entry of its kind. */
const only = "only"

type Entry = typeof FirstAdmin.Type

/** Whoever spent the secret and is no user after so long, in milliseconds, ended before he was one. */
const abandonedMs = 60_000

const isUsed = ({ vault }: Means, entry: Entry | undefined, now: number): Effect.Effect<boolean, Refused> => {
  if (entry === undefined || entry.usedBy === null) return Effect.succeed(false)
  if (now - entry.at < abandonedMs) return Effect.succeed(true)
  return Effect.map(glance(vault, users, entry.usedBy), (user) => user !== undefined)
}

export const needsFirstAdmin = (means: Means, now: number): Effect.Effect<boolean, Refused> =>
  Effect.gen(function* () {
    return !(yield* isUsed(means, yield* glance(means.vault, firstAdmins, only), now))
  })

/**
 * A secret to be printed once, of which only the digest is kept; undefined where there is an administrator, or where
 * another process makes one at this moment. An unused one of an earlier start is replaced: nobody can print it again.
 */
export const firstAdminSecret = (means: Means): Effect.Effect<string | undefined, Refused> =>
  Effect.gen(function* () {
    const at = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    const found = yield* read(means.vault, firstAdmins, only)
    if (yield* isUsed(means, found?.value, at)) return undefined
    const secret = newSecret(means.entropy)
    const entry: Entry = { hash: proofOf(secret), usedBy: null, at }
    return yield* write(means.vault, firstAdmins, only, entry, found?.revision ?? 0).pipe(
      Effect.as(secret),
      Effect.catchTag("VaultMoved", () => Effect.succeed(undefined)),
      Effect.mapError(vaultDown)
    )
  })

export interface FirstUser {
  readonly secret: string
  readonly email: string
  readonly name: string
  readonly password: string
  readonly tenant: TenantId
}

/** Spends the secret and makes tenant and owner. Of two at once, one is the administrator. */
export const createFirstAdmin = (means: Means, wanted: FirstUser, now: number): Effect.Effect<User, Refused> =>
  Effect.gen(function* () {
    const { secret, tenant, email, name } = wanted
    const id = newUserId(means)
    const judged = (before: Entry | undefined) =>
      Effect.gen(function* () {
        if (yield* isUsed(means, before, now)) return yield* conflict("There is an administrator already: sign in.")
        if (before === undefined || !isProvenBy(secret, before.hash)) return yield* refusedToken("invalid-token")
        return before
      })
    yield* judged((yield* read(means.vault, firstAdmins, only))?.value)
    const password = yield* Effect.mapError(means.passwords.hash(wanted.password), hashesBusy)
    yield* emptyTenant(means, { id: tenant, companyName: tenant, email }, now)
    yield* change(means.vault, firstAdmins, only, (before) =>
      Effect.map(judged(before), (entry) => ({ ...entry, usedBy: id, at: now }))
    )
    const owner = { tenant, email, name, role: "owner" as const, superAdmin: true, password, oidc: null }
    const user = yield* Effect.onError(createUser(means, id, owner, now), () => reopen(means, id))
    if (user !== undefined) return user
    yield* reopen(means, id)
    return yield* conflict("Somebody has this address already: take another one.")
  })

/** Who signed up before is not given an owner from outside. */
const emptyTenant = (means: Means, wanted: NewTenant, now: number) =>
  Effect.gen(function* () {
    const tenant = yield* unownedTenant(means, wanted, now)
    if (tenant === undefined) return yield* conflict("There is such a tenant already: name another one.")
    return tenant
  })

/** Nobody became a user by it: it is as good as before. */
const reopen = ({ vault }: Means, by: UserId) =>
  Effect.ignore(
    change(vault, firstAdmins, only, (entry) =>
      Effect.succeed(entry?.usedBy === by ? { ...entry, usedBy: null } : entry)
    )
  )
