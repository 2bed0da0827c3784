/** Signing in through the identity provider: away with a flow, back with a code, in with the role of one's groups. */
import { Effect, Result, Schema } from "effect"
import { jwtVerify, SignJWT } from "jose"
import type { Bus } from "../../bus/bus.ts"
import { named } from "../../schemas/api/page.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import { Email, isAtLeast, type Role } from "../../schemas/identity.ts"
import { notFound, type Refused, unavailable } from "../refused.ts"
import { cookieNames, flowCookie, noFlowCookie } from "./cookies.ts"
import { newSecret } from "./entropy.ts"
import type { Means } from "./identity.ts"
import type { Claims, Flow, OidcRefused, Provider } from "./oidc.ts"
import { subjectId, subjects, tenants, type User, users } from "./records.ts"
import { cookiesOf, openSession } from "./sessions.ts"
import type { OidcSettings } from "./settings.ts"
import { glance, read } from "./shelf.ts"
import { createTenant } from "./tenants.ts"
import { tell } from "./told.ts"
import { createUser, editUser, newUserId, take, userByEmail } from "./users.ts"
import { refusedSignIn } from "./why.ts"

/** Where the browser goes next, and what it keeps. */
export interface Redirect {
  readonly location: string
  readonly cookies: ReadonlyArray<string>
}

const isName = Schema.is(named(200))
/** How long one may take at the provider's page, in seconds. */
const flowSeconds = 600
const flowType = "oidc-flow+jwt"

const FlowClaims = Schema.Struct({
  state: Schema.String,
  nonce: Schema.String,
  verifier: Schema.String,
  next: Schema.String
})
type Kept = typeof FlowClaims.Type

const signFlow = ({ keys }: Means, kept: Kept, now: number) => {
  const seconds = Math.floor(now / 1_000)
  const token = new SignJWT({ ...kept })
    .setProtectedHeader({ alg: "HS256", typ: flowType })
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + flowSeconds)
  return Effect.promise(() => token.sign(keys.flow))
}

/** What the browser brings back of the sign-in that it began here; undefined where it began none, or too long ago. */
const flowIn = ({ keys }: Means, token: string | undefined, now: number): Effect.Effect<Kept | undefined> =>
  Effect.promise(async () => {
    try {
      const checks = { algorithms: ["HS256"], typ: flowType, requiredClaims: ["exp"], currentDate: new Date(now) }
      const { payload } = await jwtVerify(token ?? "", keys.flow, checks)
      const kept = decodeAs(FlowClaims, payload)
      return Result.isSuccess(kept) ? kept.success : undefined
    } catch {
      return undefined
    }
  })

const configured = ({ oidc, settings }: Means) =>
  oidc === null || settings.oidc === null
    ? Effect.fail(notFound("There is no identity provider here: sign in with a password."))
    : Effect.succeed({ provider: oidc, settings: settings.oidc })

const providerDown = () => unavailable("The identity provider does not answer: try again in a moment.")

/** Sends a browser to the provider; `next` is the page to come back to. */
export const startOidc = (means: Means, next: string, now: number): Effect.Effect<Redirect, Refused> =>
  Effect.gen(function* () {
    const { provider } = yield* configured(means)
    const secret = () => newSecret(means.entropy)
    const flow: Flow = { state: secret(), nonce: secret(), verifier: secret() }
    const url = yield* Effect.mapError(provider.start(flow), providerDown)
    const token = yield* signFlow(means, { ...flow, next }, now)
    return { location: url.href, cookies: [flowCookie(token, flowSeconds)] }
  })

/** The highest role that one's groups stand for. */
export const roleOf = ({ roleOf }: OidcSettings, groups: ReadonlyArray<string>): Role | undefined =>
  groups
    // own members only: a group may be called `constructor`
    .flatMap((group) => (Object.hasOwn(roleOf, group) ? [roleOf[group]] : []))
    .filter((role) => role !== undefined)
    .reduce<Role | undefined>((best, role) => (best !== undefined && isAtLeast(best, role) ? best : role), undefined)

const decodeEmail = Schema.decodeUnknownOption(Email)

/** Makes the user of a subject who comes for the first time. An address that is somebody's here stays his. */
const firstTime = (means: Means, settings: OidcSettings, claims: Claims, role: Role, now: number) =>
  Effect.gen(function* () {
    const email = claims.isEmailVerified ? decodeEmail(claims.email) : decodeEmail(undefined)
    if (email._tag === "None") return yield* refusedSignIn("unproven-address")
    const taken = () => refusedSignIn("address-taken")
    if ((yield* userByEmail(means, email.value)) !== undefined) return yield* taken()
    const { issuer, subject } = claims
    const id = newUserId(means)
    if (!(yield* take(means, subjects, subjectId(issuer, subject), id, now))) {
      return yield* refusedSignIn("at-once")
    }
    const { tenant } = settings
    yield* createTenant(means, { id: tenant, companyName: tenant, email: email.value }, now)
    // a name that nobody can read, or that looks like another, gives way to the address
    const name = isName(claims.name) ? claims.name : email.value
    const wanted = { tenant, email: email.value, name, role, superAdmin: false, password: null }
    const user = yield* createUser(means, id, { ...wanted, oidc: { issuer, subject } }, now)
    if (user === undefined) return yield* taken()
    yield* tell({ tenant, what: "user-created", about: id, by: email.value, details: `from ${issuer}`, at: now })
    return user
  })

/** The user of a subject; whoever has been here before has the role that his groups stand for now. */
const userOf = (means: Means, settings: OidcSettings, claims: Claims, now: number) =>
  Effect.gen(function* (): Effect.fn.Return<User, Refused, Bus> {
    const role = roleOf(settings, claims.groups)
    if (role === undefined) return yield* refusedSignIn("no-role")
    const bound = yield* read(means.vault, subjects, subjectId(claims.issuer, claims.subject))
    const known = bound === undefined ? undefined : yield* read(means.vault, users, bound.value.user)
    const user =
      known === undefined
        ? yield* firstTime(means, settings, claims, role, now)
        : yield* inRole(means, known.value, role, now)
    const tenant = yield* glance(means.vault, tenants, user.tenant)
    if (user.status !== "active" || tenant?.status !== "active") return yield* refusedSignIn("not-admitted")
    return user
  })

const inRole = (means: Means, user: User, role: Role, now: number) =>
  Effect.gen(function* () {
    if (user.role === role || user.status !== "active") return user
    const changed = yield* editUser(means, user.id, (before) => Effect.succeed({ ...before, role }), true)
    const details = `${user.role} to ${role}, by groups`
    const said = { tenant: user.tenant, about: user.id, by: user.email, details, at: now }
    yield* tell({ ...said, what: "user-changed" })
    return changed
  })

export interface Back {
  /** The query that the browser came back with, as in `?code=…&state=…`. */
  readonly search: string
  readonly cookies: Readonly<Record<string, string>>
  readonly from: string
}

const claimsOf = (provider: Provider, search: string, flow: Flow) =>
  provider.finish(search, flow).pipe(
    Effect.tapError((no) => Effect.logWarning(no.message, (no as OidcRefused).cause)),
    Effect.mapError((no) => (no._tag === "OidcDown" ? providerDown() : refusedSignIn("not-held")))
  )

/** A session for whoever comes back from the provider with an answer to what this browser asked. */
export const finishOidc = (means: Means, back: Back, now: number): Effect.Effect<Redirect, Refused, Bus> =>
  Effect.gen(function* () {
    const { provider, settings } = yield* configured(means)
    const kept = yield* flowIn(means, back.cookies[cookieNames.flow], now)
    if (kept === undefined) return yield* refusedSignIn("not-begun")
    const { next, ...flow } = kept
    const user = yield* userOf(means, settings, yield* claimsOf(provider, back.search, flow), now)
    const details = `${settings.issuer}, from ${back.from}`
    yield* tell({ tenant: user.tenant, what: "signed-in", about: user.id, by: user.email, details, at: now })
    const tokens = yield* openSession(means, user, now)
    return { location: next, cookies: [noFlowCookie, ...cookiesOf(tokens)] }
  })
