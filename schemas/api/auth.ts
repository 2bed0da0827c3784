/** Who one is: signing in by password, invitation or identity provider, and the session that comes of it. */
import { Schema } from "effect"
import { TenantId } from "../ids.ts"
import { Email, Password } from "../identity.ts"
import { endpoint } from "./endpoint.ts"
import { named } from "./page.ts"
import { Me } from "./people.ts"

/** A browser keeps its tokens in cookies that no script can read; a program that asks for `token` gets them here. */
export const Session = Schema.Struct({
  me: Me,
  accessToken: Schema.optionalKey(Schema.String),
  refreshToken: Schema.optionalKey(Schema.String),
  expiresInSeconds: Schema.Int
})
const As = Schema.optionalKey(Schema.Literals(["cookie", "token"]))

const open = { access: "public", scope: null, rate: "login", method: "POST", tag: "auth" } as const
const self = { access: "signed-in", scope: null, rate: "command", tag: "auth" } as const

export const getConfig = endpoint({
  name: "getConfig",
  method: "GET",
  path: "/api/v1/config",
  tag: "auth",
  summary: "What a client must know before anybody has signed in.",
  access: "public",
  scope: "read",
  rate: "read",
  reply: Schema.Struct({
    version: Schema.String,
    environment: Schema.String,
    /** Whether the first administrator is still to be made, with the secret that was printed at the start. */
    needsFirstAdmin: Schema.Boolean,
    signupOpen: Schema.Boolean,
    oidc: Schema.NullOr(Schema.Struct({ name: Schema.String })),
    /** Whether the cloud is a simulated one, whose days pass faster. */
    simulated: Schema.Boolean,
    /** How long an approval may be asked for, and how old data may be, in milliseconds. */
    staleAfterMs: Schema.Int
  })
})
export const postFirstAdmin = endpoint({
  ...open,
  name: "createFirstAdmin",
  path: "/api/v1/auth/first-admin",
  summary: "Makes the first administrator, once, with the secret that was printed at the first start.",
  body: Schema.Struct({
    secret: Schema.String.check(Schema.isMaxLength(200)),
    email: Email,
    name: named(200),
    password: Password,
    tenant: Schema.optionalKey(TenantId),
    as: As
  }),
  reply: Session,
  status: 201,
  refusals: [409, 422]
})
export const postSignup = endpoint({
  ...open,
  name: "signup",
  path: "/api/v1/auth/signup",
  summary: "Makes a tenant with its owner, where signing up is open.",
  body: Schema.Struct({
    companyName: named(200),
    tenant: TenantId,
    email: Email,
    name: named(200),
    password: Password
  }),
  reply: Schema.Struct({ accepted: Schema.Literal(true) }),
  status: 202,
  refusals: [422]
})
export const postLogin = endpoint({
  ...open,
  name: "login",
  path: "/api/v1/auth/login",
  summary: "Signs in. A wrong password and an unknown address are answered alike, in the same time.",
  body: Schema.Struct({ email: Email, password: Schema.String.check(Schema.isMaxLength(256)), as: As }),
  reply: Session
})
export const postRefresh = endpoint({
  ...open,
  name: "refresh",
  path: "/api/v1/auth/refresh",
  summary: "A new access token and a new refresh token; the old one is spent. One that is used twice ends the session.",
  body: Schema.Struct({ refreshToken: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500))), as: As }),
  reply: Session
})
export const postLogout = endpoint({
  ...self,
  rate: "login",
  name: "logout",
  method: "POST",
  path: "/api/v1/auth/logout",
  summary: "Ends the session."
})
export const getMe = endpoint({
  ...self,
  scope: "read",
  rate: "read",
  name: "me",
  method: "GET",
  path: "/api/v1/auth/me",
  summary: "Who one is, and what one may do.",
  reply: Me
})
export const postPassword = endpoint({
  ...self,
  rate: "login",
  name: "changePassword",
  method: "POST",
  path: "/api/v1/auth/change-password",
  summary: "Changes one's password; every other session of one's own ends.",
  body: Schema.Struct({ old: Schema.String.check(Schema.isMaxLength(256)), new: Password }),
  refusals: [422]
})
export const postAccept = endpoint({
  ...open,
  name: "acceptInvitation",
  path: "/api/v1/auth/accept-invitation",
  summary: "Becomes a user by an invitation's token.",
  body: Schema.Struct({
    token: Schema.String.check(Schema.isMaxLength(200)),
    name: named(200),
    password: Password,
    as: As
  }),
  reply: Session,
  status: 201,
  refusals: [409, 422]
})
export const getOidcStart = endpoint({
  ...open,
  method: "GET",
  name: "oidcStart",
  path: "/api/v1/auth/oidc/start",
  summary: "Sends the browser to the identity provider.",
  query: Schema.Struct({
    /** Path of the dashboard to come back to. */
    next: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\/(?![/\\])[\w\-./?=&%:,+]{0,500}$/u)))
  }),
  status: 302,
  native: "redirect"
})
export const getOidcCallback = endpoint({
  ...open,
  method: "GET",
  name: "oidcCallback",
  path: "/api/v1/auth/oidc/callback",
  summary: "Where the identity provider sends the browser back to.",
  status: 302,
  native: "redirect"
})

export const authEndpoints = [
  getConfig,
  postFirstAdmin,
  postSignup,
  postLogin,
  postRefresh,
  postLogout,
  getMe,
  postPassword,
  postAccept,
  getOidcStart,
  getOidcCallback
] as const
