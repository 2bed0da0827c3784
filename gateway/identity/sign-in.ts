/** Signing in by password: slow to try, alike for whoever is known and whoever is not. */
import { Effect } from "effect"
import type { Bus } from "../../bus/bus.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { UserId } from "../../schemas/identity.ts"
import type { Caller } from "../caller.ts"
import { type Refused, unprocessable } from "../refused.ts"
import type { Means } from "./identity.ts"
import { tenants, type User } from "./records.ts"
import { carryOver, openSession, type Tokens } from "./sessions.ts"
import { glance } from "./shelf.ts"
import { createTenant, fitId } from "./tenants.ts"
import { tell, tellLater } from "./told.ts"
import { createUser, editUser, newUserId, userByEmail } from "./users.ts"
import { hashesBusy, refusedToken, wrongCredentials } from "./why.ts"

export interface Credentials {
  readonly email: string
  readonly password: string
  /** Network address that they come from. */
  readonly from: string
}

/**
 * A session for whoever knows the password. Unknown, wrong, disabled and suspended are one answer, in one time: the
 * hash is computed for all of them. 429 after too many failures, 503 where too many are signing in.
 */
export const signIn = (
  means: Means,
  { email, password, from }: Credentials,
  now: number
): Effect.Effect<Tokens, Refused, Bus> =>
  Effect.gen(function* () {
    const attempt = { account: email, from, now }
    yield* means.throttle.enter(attempt)
    const user = yield* userByEmail(means, email)
    const isRight = yield* Effect.mapError(means.passwords.verify(user?.password ?? null, password), hashesBusy)
    const tenant = user === undefined ? undefined : yield* glance(means.vault, tenants, user.tenant)
    if (user === undefined || !isRight || user.status !== "active" || tenant?.status !== "active") {
      if (user !== undefined) yield* tellLater(refusedOf(user, isRight, from, now))
      return yield* wrongCredentials()
    }
    yield* means.throttle.succeeded(attempt)
    const said = { tenant: user.tenant, about: user.id, by: user.email, details: `password, from ${from}`, at: now }
    yield* tell({ ...said, what: "signed-in" })
    return yield* openSession(means, user, now)
  })

const refusedOf = (user: User, isRight: boolean, from: string, at: number) => ({
  tenant: user.tenant,
  what: "sign-in-refused" as const,
  about: user.id,
  by: user.email,
  details: `${isRight ? "disabled or suspended" : "wrong password"}, from ${from}`,
  at
})

export interface Signup {
  readonly companyName: string
  readonly tenant: TenantId
  readonly email: string
  readonly name: string
  readonly password: string
}

/** Makes a tenant with its owner. Where id or address are somebody's already nothing is made, and nothing is said. */
export const signUp = (means: Means, wanted: Signup, now: number): Effect.Effect<void, Refused, Bus> =>
  Effect.gen(function* () {
    yield* fitId(wanted.tenant)
    const password = yield* Effect.mapError(means.passwords.hash(wanted.password), hashesBusy)
    if ((yield* userByEmail(means, wanted.email)) !== undefined) return
    const { companyName, tenant: id, email, name } = wanted
    const tenant = yield* createTenant(means, { id, companyName, email }, now)
    if (tenant === undefined) return
    const owner = { tenant: id, email, name, role: "owner" as const, superAdmin: false, password, oidc: null }
    const user = yield* createUser(means, newUserId(means), owner, now)
    if (user === undefined) return
    const said = { tenant: id, by: user.email, details: "signed up", at: now }
    yield* tellLater({ ...said, what: "tenant-created", about: id })
    yield* tellLater({ ...said, what: "user-created", about: user.id })
  })

export interface NewPassword {
  readonly old: string
  readonly new: string
  readonly from: string
}

/** Changes one's password; every other session of one's own ends. */
export const changePassword = (
  means: Means,
  by: Caller & { readonly session: string },
  wanted: NewPassword,
  now: number
): Effect.Effect<void, Refused, Bus> =>
  Effect.gen(function* () {
    const attempt = { account: by.name, from: wanted.from, now }
    yield* means.throttle.enter(attempt)
    const before = yield* userByEmail(means, by.name)
    if (before === undefined || before.password === null)
      return yield* unprocessable("You sign in through the identity provider.")
    const isRight = yield* Effect.mapError(means.passwords.verify(before.password, wanted.old), hashesBusy)
    if (!isRight) return yield* unprocessable("The old password is not the one.")
    yield* means.throttle.succeeded(attempt)
    const password = yield* Effect.mapError(means.passwords.hash(wanted.new), hashesBusy)
    const after = yield* editUser(means, UserId.make(by.id), (now) =>
      now.epoch === before.epoch ? Effect.succeed({ ...now, password }) : Effect.fail(refusedToken("revoked"))
    )
    yield* carryOver(means, by.session, after.epoch)
    yield* tell({ tenant: by.tenant, what: "password-changed", about: by.id, by: by.name, details: "", at: now })
  })
