/** Who may do what: tenants, their users, the keys of programs, and what the log is told of them (never a secret). */
import { Schema } from "effect"
import { Instant, TenantId } from "./ids.ts"
import { event } from "./message.ts"

/** In rising order; whoever has one may also do what those before it may. */
export const roles = ["viewer", "operator", "approver", "owner"] as const
export const Role = Schema.Literals(roles)
export type Role = typeof Role.Type
export const isAtLeast = (has: Role, asked: Role): boolean => roles.indexOf(has) >= roles.indexOf(asked)

/** What an API key may be given. A key never manages people or other keys. */
export const scopes = ["read", "operate", "approve"] as const
export const Scope = Schema.Literals(scopes)
export type Scope = typeof Scope.Type

export const UserId = Schema.String.check(Schema.isPattern(/^u_[a-z0-9]{16}$/u)).pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type
export const KeyId = Schema.String.check(Schema.isPattern(/^k_[a-z0-9]{16}$/u)).pipe(Schema.brand("KeyId"))
export type KeyId = typeof KeyId.Type

/** RFC 5321 allows 254 characters; what is before the @ is compared in lower case, as every large provider does. */
export const Email = Schema.String.check(
  Schema.isMaxLength(254),
  Schema.isPattern(/^[^\s@"<>(),:;[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/u)
)

/** Length is what counts; nothing is asked of the characters. Source: NIST SP 800-63B, 5.1.1.2. */
export const Password = Schema.String.check(Schema.isMinLength(12), Schema.isMaxLength(256))

/** What happened to whom, for the audit trail. `about` is a user, a key, a tenant, an account, a row, or a message. */
export class IdentityChanged extends Schema.TaggedClass<IdentityChanged>()("IdentityChanged", {
  tenant: TenantId,
  what: Schema.Literals([
    "tenant-created",
    "tenant-suspended",
    "tenant-resumed",
    "user-created",
    "user-invited",
    "user-changed",
    "user-disabled",
    "password-changed",
    "signed-in",
    "signed-out",
    "sign-in-refused",
    "family-killed",
    "key-issued",
    "key-revoked",
    "mode-raise-asked",
    "mode-changed",
    "attention-muted",
    "attention-unmuted",
    "message-redriven"
  ]),
  about: Schema.String,
  by: Schema.String,
  details: Schema.String,
  at: Instant
}) {}
export const identityChanged = event("gateway", IdentityChanged, {
  account: () => "all",
  key: (e) => [e.tenant, e.about, String(e.at)]
})
