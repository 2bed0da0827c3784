/** What the vault holds, kind by kind: under which key, and in which shape. Never a secret, only what proves one. */
import { Schema } from "effect"
import { digestOf } from "../../schemas/digest.ts"
import { TenantId } from "../../schemas/ids.ts"
import { Email, KeyId, Role, Scope, UserId } from "../../schemas/identity.ts"

/** Milliseconds since 1970. */
const Time = Schema.Int

/** One kind of entry. */
export interface Kind<A> {
  readonly schema: Schema.Codec<A, any>
  readonly prefix: string
  /** The entry's key in the vault, of what is already safe to stand in one. */
  readonly of: (id: string) => string
}
const kind = <A>(prefix: string, schema: Schema.Codec<A, any>): Kind<A> => ({
  schema,
  prefix,
  of: (id) => `${prefix}.${id}`
})

export const Tenant = Schema.Struct({
  id: TenantId,
  companyName: Schema.String,
  email: Email,
  status: Schema.Literals(["active", "suspended"]),
  createdAt: Time
})
export type Tenant = typeof Tenant.Type
export const tenants = kind("tenant", Tenant)

/**
 * By which external id a tenant's roles know us. Apart from the tenant, as it must outlast every edit of that: an older
 * version of ours, writing back what it knows of a tenant, would drop it, and every role of his would shut us out.
 */
export const Trust = Schema.Struct({ externalId: Schema.String, at: Time })
export const trusts = kind("trust", Trust)

/** The owners of a tenant that are counted on: whoever is here is one, so that the last of them can be kept. */
export const owners = kind("owners", Schema.Struct({ ids: Schema.Array(UserId) }))

export const User = Schema.Struct({
  id: UserId,
  tenant: TenantId,
  /** In lower case. */
  email: Email,
  name: Schema.String,
  role: Role,
  superAdmin: Schema.Boolean,
  status: Schema.Literals(["active", "disabled"]),
  /** PHC string; null where the identity provider is asked. */
  password: Schema.NullOr(Schema.String),
  /** To whom the identity provider's subject is bound, for good. */
  oidc: Schema.NullOr(Schema.Struct({ issuer: Schema.String, subject: Schema.String })),
  /** Sessions of an earlier epoch are over: one write ends them all. */
  epoch: Schema.Int,
  createdAt: Time
})
export type User = typeof User.Type
export const users = kind("user", User)
/** When a user was last here; apart, as it is written often and decides nothing. */
export const seen = kind("seen", Schema.Struct({ at: Time }))

/** Whose an address or a subject is. It is taken before the user is written, so that nobody has it twice. */
const Taken = Schema.Struct({ user: UserId, at: Time })
export const emails = kind("email", Taken)
export const subjects = kind("subject", Taken)
/** What may hold any text stands in a key as its digest: it tells nobody who is known here, either. */
export const hashed = (...parts: ReadonlyArray<string>): string => digestOf(parts).slice(0, 48)
export const emailId = (email: string): string => hashed(email.toLowerCase())
export const subjectId = (issuer: string, subject: string): string => hashed(issuer, subject)

export const Session = Schema.Struct({
  id: Schema.String,
  user: UserId,
  tenant: TenantId,
  epoch: Schema.Int,
  /** SHA-256 of the only refresh token that is good. */
  current: Schema.String,
  /** SHA-256 of the one before, and when it was spent. */
  spent: Schema.NullOr(Schema.Struct({ hash: Schema.String, at: Time })),
  createdAt: Time,
  usedAt: Time,
  endedBecause: Schema.NullOr(Schema.Literals(["signed-out", "used-twice"]))
})
export type Session = typeof Session.Type
export const sessions = kind("session", Session)

export const Key = Schema.Struct({
  id: KeyId,
  tenant: TenantId,
  name: Schema.String,
  scopes: Schema.Array(Scope),
  hash: Schema.String,
  createdBy: Schema.String,
  createdAt: Time,
  expiresAt: Schema.NullOr(Time),
  revokedAt: Schema.NullOr(Time)
})
export type Key = typeof Key.Type
export const keys = kind("key", Key)
export const keyUses = kind("key-use", Schema.Struct({ at: Time }))

export const Invitation = Schema.Struct({
  id: Schema.String,
  tenant: TenantId,
  email: Email,
  role: Role,
  by: Schema.String,
  hash: Schema.String,
  expiresAt: Time,
  usedAt: Schema.NullOr(Time)
})
export type Invitation = typeof Invitation.Type
export const invitations = kind("invitation", Invitation)

export const Throttled = Schema.Struct({ failures: Schema.Int, last: Time })
export const throttles = kind("throttle", Throttled)

export const FirstAdmin = Schema.Struct({ hash: Schema.String, usedBy: Schema.NullOr(UserId), at: Time })
export const firstAdmins = kind("first-admin", FirstAdmin)

export const Secret = Schema.Struct({ value: Schema.String, at: Time })
export const secrets = kind("secret", Secret)
