/** Invitations: how somebody becomes a user, by a token that is given once and good once. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import type { Role } from "../../schemas/identity.ts"
import { conflict, notFound, type Refused } from "../refused.ts"
import { newId, newSecret } from "./entropy.ts"
import type { Means } from "./identity.ts"
import { type Invitation, invitations, tenants, type User } from "./records.ts"
import { change, glance, make, read } from "./shelf.ts"
import { isProvenBy, proofOf } from "./tokens.ts"
import { createUser, newUserId, userByEmail } from "./users.ts"
import { hashesBusy } from "./why.ts"

/** How long an invitation is good, in milliseconds. */
const lifeMs = 7 * 24 * 3_600_000
const shape = /^inv_([a-z0-9]{16})_([\w-]{43})$/

export interface Invite {
  readonly tenant: TenantId
  readonly email: string
  readonly role: Role
  readonly by: string
}

/** Invites somebody. That an address is another tenant's is not told: whoever has it learns it when he accepts. */
export const invite = (
  means: Means,
  wanted: Invite,
  now: number
): Effect.Effect<{ readonly invitation: Invitation; readonly token: string }, Refused> =>
  Effect.gen(function* () {
    const known = yield* userByEmail(means, wanted.email)
    if (known?.tenant === wanted.tenant) return yield* conflict("This address is a user of yours already.")
    const id = newId(means.entropy)
    const secret = newSecret(means.entropy)
    const invitation: Invitation = {
      ...wanted,
      id,
      email: wanted.email.toLowerCase(),
      hash: proofOf(secret),
      expiresAt: now + lifeMs,
      usedAt: null
    }
    yield* make(means.vault, invitations, id, invitation)
    return { invitation, token: `inv_${id}_${secret}` }
  })

/** Wrong, used and expired are one answer. */
const noGood = () => notFound("This invitation is not good, or no longer: ask for another one.")

export interface Acceptance {
  readonly token: string
  readonly name: string
  readonly password: string
}

/** Makes the user that a token invites. Of two who show it at once, one becomes the user. */
export const accept = (
  means: Means,
  { token, name, password }: Acceptance,
  now: number
): Effect.Effect<User, Refused> =>
  Effect.gen(function* () {
    const [, id, secret] = shape.exec(token) ?? []
    if (id === undefined || secret === undefined) return yield* noGood()
    const found = (yield* read(means.vault, invitations, id))?.value
    const isGood = (one: Invitation | undefined): one is Invitation =>
      one !== undefined && isProvenBy(secret, one.hash) && one.usedAt === null && one.expiresAt > now
    if (!isGood(found)) return yield* noGood()
    const { tenant, email, role } = found
    if ((yield* glance(means.vault, tenants, tenant))?.status !== "active") return yield* noGood()
    const hash = yield* Effect.mapError(means.passwords.hash(password), hashesBusy)
    const wanted = { tenant, email, name, role, superAdmin: false, password: hash, oidc: null }
    yield* change(means.vault, invitations, id, (one) =>
      isGood(one) ? Effect.succeed({ ...one, usedAt: now }) : Effect.fail(noGood())
    )
    const user = yield* createUser(means, newUserId(means), wanted, now).pipe(
      // nobody became a user by it: it is as good as before
      Effect.tapError(() => reopen(means, id, now))
    )
    if (user === undefined) return yield* conflict("Somebody has this address already: sign in.")
    return user
  })

const reopen = ({ vault }: Means, id: string, usedAt: number) =>
  Effect.ignore(
    change(vault, invitations, id, (one) => Effect.succeed(one?.usedAt === usedAt ? { ...one, usedAt: null } : one))
  )
