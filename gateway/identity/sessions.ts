/** Sessions: opened by a proof of who one is, kept up by refresh tokens of which each is good once, ended at once. */
import { Effect } from "effect"
import type { Caller } from "../caller.ts"
import type { Refused } from "../refused.ts"
import { sessionCookies } from "./cookies.ts"
import { newId, newSecret } from "./entropy.ts"
import type { Means } from "./identity.ts"
import { seen, type Session, sessions, tenants, type User, users } from "./records.ts"
import { change, glance, make } from "./shelf.ts"
import { accessSeconds, isProvenBy, proofOf, refreshIn, refreshToken, signAccess, verifyAccess } from "./tokens.ts"
import { tell } from "./told.ts"
import { refusedToken } from "./why.ts"

const dayMs = 24 * 3_600_000
/** A session ends so long after it was opened, whatever happens, and so long after it was last renewed. */
export const sessionMs = 30 * dayMs
export const idleMs = 7 * dayMs
/**
 * How long the token before the current one may still be shown, as by a client whose answer got lost on the way. It is
 * then given a third one, and the second is worth nothing: there is never more than one good token. Whoever shows the
 * second after that ends the session, so a thief who uses this is found out when the other one renews, as ever.
 */
export const graceMs = 10_000

/** What a session's holder is given. */
export interface Tokens {
  readonly user: User
  readonly session: string
  readonly access: string
  readonly refresh: string
  readonly refreshSeconds: number
}

/** When a session ends if nobody renews it, in milliseconds since 1970. */
export const endOf = (session: Session): number => Math.min(session.createdAt + sessionMs, session.usedAt + idleMs)

const tokensOf = (means: Means, session: Session, user: User, secret: string, now: number) =>
  Effect.map(
    signAccess(means.keys, user.id, session.id, now),
    (access): Tokens => ({
      user,
      session: session.id,
      access,
      refresh: refreshToken(means.keys, session.id, secret),
      refreshSeconds: Math.max(1, Math.floor((endOf(session) - now) / 1_000))
    })
  )

/** Opens a session for a user who has proven himself. */
export const openSession = (means: Means, user: User, now: number): Effect.Effect<Tokens, Refused> =>
  Effect.gen(function* () {
    const secret = newSecret(means.entropy)
    const session: Session = {
      id: newId(means.entropy),
      user: user.id,
      tenant: user.tenant,
      epoch: user.epoch,
      current: proofOf(secret),
      spent: null,
      createdAt: now,
      usedAt: now,
      endedBecause: null
    }
    yield* make(means.vault, sessions, session.id, session)
    yield* noteSeen(means, user, now)
    return yield* tokensOf(means, session, user, secret, now)
  })

/** It decides nothing: where it cannot be written, it is not. */
const noteSeen = ({ vault }: Means, user: User, now: number) =>
  Effect.ignore(change(vault, seen, user.id, () => Effect.succeed({ at: now })))

/** The user of a session that stands, with his tenant; else why it does not. */
const holderOf = (means: Means, session: Session | undefined, now: number): Effect.Effect<User, Refused> =>
  Effect.gen(function* () {
    if (session === undefined || session.endedBecause !== null) return yield* refusedToken("revoked")
    if (endOf(session) <= now) return yield* refusedToken("expired")
    const user = yield* glance(means.vault, users, session.user)
    if (user?.status !== "active" || user.epoch !== session.epoch) return yield* refusedToken("revoked")
    const tenant = yield* glance(means.vault, tenants, user.tenant)
    if (tenant?.status !== "active") return yield* refusedToken("revoked")
    return user
  })

/** What becomes of a session when somebody shows a token of it. */
const judged = (session: Session, secret: string, fresh: string, now: number): Session => {
  const next = { ...session, current: proofOf(fresh), usedAt: now }
  if (isProvenBy(secret, session.current)) return { ...next, spent: { hash: session.current, at: now } }
  const { spent } = session
  const isRetry = spent !== null && isProvenBy(secret, spent.hash) && now - spent.at <= graceMs
  return isRetry ? next : { ...session, endedBecause: "used-twice" }
}

/**
 * Spends a refresh token for new ones. One of ours that is not the current one has been spent or superseded: somebody
 * has a copy, nobody knows who, and the session ends for both.
 */
export const refresh = (means: Means, token: string | undefined, now: number) =>
  Effect.gen(function* () {
    const shown = refreshIn(means.keys, token)
    if (shown === undefined) return yield* refusedToken("invalid-token")
    const fresh = newSecret(means.entropy)
    let isKilled = false
    const after = yield* change(means.vault, sessions, shown.session, (before) => {
      const isOver = before === undefined || before.endedBecause !== null || endOf(before) <= now
      const next = isOver ? before : judged(before, shown.secret, fresh, now)
      isKilled = !isOver && next?.endedBecause === "used-twice"
      return Effect.succeed(next)
    })
    if (isKilled && after !== undefined) yield* tellKilled(after, now)
    const user = yield* holderOf(means, after, now)
    if (after === undefined) return yield* refusedToken("revoked")
    yield* noteSeen(means, user, now)
    return yield* tokensOf(means, after, user, fresh, now)
  })

const tellKilled = (session: Session, now: number) =>
  tell({
    tenant: session.tenant,
    what: "family-killed",
    about: session.user,
    by: session.user,
    details: "a refresh token was used twice: somebody has a copy",
    at: now
  })

/** Ends a session, by its id. */
export const endSession = ({ vault }: Means, id: string): Effect.Effect<void, Refused> =>
  Effect.asVoid(
    change(vault, sessions, id, (before) =>
      Effect.succeed(
        before === undefined ? undefined : { ...before, endedBecause: before.endedBecause ?? "signed-out" }
      )
    )
  )

/** The session that stands at the user's new epoch: the one that he changed his password in. */
export const carryOver = ({ vault }: Means, id: string, epoch: number): Effect.Effect<void, Refused> =>
  Effect.asVoid(
    change(vault, sessions, id, (before) => Effect.succeed(before === undefined ? undefined : { ...before, epoch }))
  )

/** Who an access token stands for, as he is now: its session, user and tenant are looked at on every request. */
export const callerOfToken = (means: Means, token: string, now: number): Effect.Effect<Caller, Refused> =>
  Effect.gen(function* () {
    const claims = yield* verifyAccess(means.keys, token, now)
    if (typeof claims === "string") return yield* refusedToken(claims)
    const session = yield* glance(means.vault, sessions, claims.sid)
    if (session?.user !== claims.sub) return yield* refusedToken("revoked")
    const user = yield* holderOf(means, session, now)
    return {
      kind: "user",
      id: user.id,
      tenant: user.tenant,
      name: user.email,
      role: user.role,
      scopes: [],
      superAdmin: user.superAdmin,
      until: claims.exp * 1_000,
      session: session.id
    }
  })

/** Lines of `Set-Cookie` for a browser. */
export const cookiesOf = ({ access, refresh, refreshSeconds }: Tokens): ReadonlyArray<string> =>
  sessionCookies(access, refresh, { access: accessSeconds, refresh: refreshSeconds })
