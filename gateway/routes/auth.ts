/** Signing in and out: by password, by invitation, by the first secret, and the session that comes of it. */
import { Effect } from "effect"
import * as endpoints from "../../schemas/api/auth.ts"
import type { Caller } from "../caller.ts"
import { cookieNames, noSessionCookies } from "../identity/cookies.ts"
import { createFirstAdmin, needsFirstAdmin } from "../identity/first-admin.ts"
import type { Means } from "../identity/identity.ts"
import { accept } from "../identity/invitations.ts"
import { changePassword, signIn, signUp } from "../identity/sign-in.ts"
import { cookiesOf, endSession, openSession, refresh, type Tokens } from "../identity/sessions.ts"
import { keys, users } from "../identity/records.ts"
import { glance } from "../identity/shelf.ts"
import { tell } from "../identity/told.ts"
import { accessSeconds } from "../identity/tokens.ts"
import { meOfKey, meOfUser } from "../identity/views.ts"
import { refusedToken } from "../identity/why.ts"
import { forbidden, notFound } from "../refused.ts"
import { Answer, type Route, route } from "../route.ts"

/** A browser is given cookies and no token; a program tokens and no cookie. */
const sessionAnswer = (means: Means, tokens: Tokens, as: "cookie" | "token" | undefined, now: number) => {
  const me = meOfUser(means.vault, tokens.user, now + accessSeconds * 1_000)
  const session = { me, expiresInSeconds: accessSeconds }
  return as === "token"
    ? new Answer({ ...session, accessToken: tokens.access, refreshToken: tokens.refresh })
    : new Answer(session, { headers: { "set-cookie": cookiesOf(tokens) } })
}

const config = (means: Means) =>
  route(endpoints.getConfig, ({ now }) =>
    Effect.map(needsFirstAdmin(means, now), (needsFirstAdmin) => ({
      version: means.settings.version,
      environment: means.settings.environment,
      needsFirstAdmin,
      signupOpen: means.settings.signupOpen,
      oidc: means.settings.oidc === null ? null : { name: new URL(means.settings.oidc.issuer).host },
      simulated: means.settings.simulated,
      staleAfterMs: means.settings.staleAfterMs
    }))
  )

const firstAdmin = (means: Means) =>
  route(endpoints.postFirstAdmin, ({ body, now, from }) =>
    Effect.gen(function* () {
      const tenant = body.tenant ?? means.settings.homeTenant
      // by address alone: nobody guesses the secret, and nobody shall keep the right one from showing it
      yield* means.throttle.enter({ account: `first-admin from ${from}`, from, now })
      const user = yield* createFirstAdmin(means, { ...body, tenant }, now)
      const said = { tenant, by: user.email, details: "by the secret of the first start", at: now }
      yield* tell({ ...said, what: "tenant-created", about: tenant })
      yield* tell({ ...said, what: "user-created", about: user.id })
      return sessionAnswer(means, yield* openSession(means, user, now), body.as, now)
    })
  )

const signup = (means: Means) =>
  route(endpoints.postSignup, ({ body, now }) =>
    means.settings.signupOpen
      ? Effect.as(signUp(means, body, now), { accepted: true as const })
      : Effect.fail(forbidden("Signing up is closed here: ask whoever runs this installation."))
  )

const login = (means: Means) =>
  route(endpoints.postLogin, ({ body, now, from }) =>
    Effect.map(signIn(means, { ...body, from }, now), (tokens) => sessionAnswer(means, tokens, body.as, now))
  )

const renew = (means: Means) =>
  route(endpoints.postRefresh, ({ body, cookies, now }) =>
    Effect.gen(function* () {
      const isCookie = body.refreshToken === undefined
      const token = body.refreshToken ?? cookies[cookieNames.refresh]
      const tokens = yield* refresh(means, token, now)
      return sessionAnswer(means, tokens, body.as ?? (isCookie ? "cookie" : "token"), now)
    })
  )

const person = (caller: Caller) =>
  caller.kind === "user" && caller.session !== undefined
    ? Effect.succeed({ ...caller, session: caller.session })
    : Effect.fail(forbidden("Only a person who is signed in can do this."))

const logout = (means: Means) =>
  route(endpoints.postLogout, ({ caller, now }) =>
    Effect.gen(function* () {
      const { session, tenant, id, name } = yield* person(caller)
      yield* endSession(means, session)
      yield* tell({ tenant, what: "signed-out", about: id, by: name, details: "", at: now })
      return new Answer(undefined, { headers: { "set-cookie": noSessionCookies } })
    })
  )

const me = (means: Means) =>
  route(endpoints.getMe, ({ caller }) =>
    Effect.gen(function* () {
      if (caller.kind === "key") {
        const key = (yield* glanceKey(means, caller)) ?? (yield* refusedToken("revoked"))
        return meOfKey(means.vault, caller, key)
      }
      const user = yield* glance(means.vault, users, caller.id)
      return user === undefined
        ? yield* notFound("You are no user any more.")
        : meOfUser(means.vault, user, caller.until)
    })
  )
const glanceKey = (means: Means, caller: Caller) => glance(means.vault, keys, caller.id)

const password = (means: Means) =>
  route(endpoints.postPassword, ({ body, caller, now, from }) =>
    Effect.gen(function* () {
      const who = yield* person(caller)
      yield* changePassword(means, who, { ...body, from }, now)
      return undefined
    })
  )

const accepted = (means: Means) =>
  route(endpoints.postAccept, ({ body, now }) =>
    Effect.gen(function* () {
      const user = yield* accept(means, body, now)
      const said = { tenant: user.tenant, about: user.id, by: user.email, at: now }
      yield* tell({ ...said, what: "user-created", details: `invited as ${user.role}` })
      return sessionAnswer(means, yield* openSession(means, user, now), body.as, now)
    })
  )

/** Everything of signing in but the two stations of the identity provider, which answer with redirects. */
export const authRoutes = (means: Means): ReadonlyArray<Route> =>
  [config, firstAdmin, signup, login, renew, logout, me, password, accepted].map((one) => one(means))
