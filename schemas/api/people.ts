/** Who is there: tenants, their users and invitations, and the keys of programs. */
import { Schema } from "effect"
import { TenantId } from "../ids.ts"
import { Email, KeyId, Role, Scope, UserId } from "../identity.ts"
import { endpoint } from "./endpoint.ts"
import { Listed, named, page, Reason, Time } from "./page.ts"

export const TenantView = Schema.Struct({
  id: TenantId,
  companyName: Schema.String,
  email: Email,
  status: Schema.Literals(["active", "suspended"]),
  createdAt: Time
})
export const UserView = Schema.Struct({
  id: UserId,
  tenant: TenantId,
  email: Email,
  name: Schema.String,
  role: Role,
  superAdmin: Schema.Boolean,
  status: Schema.Literals(["active", "disabled"]),
  /** Signs in with a password, through the identity provider, or both. */
  signsInWith: Schema.Array(Schema.Literals(["password", "oidc"])),
  lastSeenAt: Schema.NullOr(Time),
  createdAt: Time
})
export const KeyView = Schema.Struct({
  id: KeyId,
  tenant: TenantId,
  name: Schema.String,
  scopes: Schema.Array(Scope),
  createdBy: Schema.String,
  createdAt: Time,
  expiresAt: Schema.NullOr(Time),
  lastUsedAt: Schema.NullOr(Time),
  revokedAt: Schema.NullOr(Time)
})
export const Me = Schema.Struct({
  kind: Schema.Literals(["user", "key"]),
  tenant: TenantId,
  user: Schema.NullOr(UserView),
  key: Schema.NullOr(KeyView),
  role: Role,
  scopes: Schema.Array(Scope),
  superAdmin: Schema.Boolean,
  /** When the session, or the key, ends. */
  until: Schema.NullOr(Time)
})

const Invitation = Schema.Struct({
  id: Schema.String,
  tenant: TenantId,
  email: Email,
  role: Role,
  by: Schema.String,
  expiresAt: Time,
  usedAt: Schema.NullOr(Time)
})

const owner = { access: "owner", scope: null, rate: "command", tag: "people" } as const
const admin = { access: "super-admin", scope: null, rate: "command", tag: "administration" } as const
const user = Schema.Struct({ id: UserId })
const tenant = Schema.Struct({ id: TenantId })

export const listUsers = endpoint({
  name: "listUsers",
  method: "GET",
  path: "/api/v1/users",
  tag: "people",
  summary: "The tenant's users.",
  access: "viewer",
  scope: null,
  rate: "read",
  query: Listed,
  reply: page(UserView)
})
export const patchUser = endpoint({
  ...owner,
  name: "changeUser",
  method: "PATCH",
  path: "/api/v1/users/{id}",
  summary: "Changes a user's role, or disables him: his sessions end at once. The last owner stays.",
  params: user,
  body: Schema.Struct({
    role: Schema.optionalKey(Role),
    status: Schema.optionalKey(Schema.Literals(["active", "disabled"])),
    name: Schema.optionalKey(named(200))
  }),
  reply: UserView,
  refusals: [409, 422]
})
export const listInvitations = endpoint({
  ...owner,
  rate: "read",
  name: "listInvitations",
  method: "GET",
  path: "/api/v1/invitations",
  summary: "Invitations that were given out.",
  query: Listed,
  reply: page(Invitation)
})
export const postInvitation = endpoint({
  ...owner,
  isSecret: true,
  name: "invite",
  method: "POST",
  path: "/api/v1/invitations",
  summary: "Invites somebody. The token is shown once: whoever invites hands it over.",
  body: Schema.Struct({ email: Email, role: Role }),
  reply: Schema.Struct({ invitation: Invitation, token: Schema.String }),
  status: 201,
  refusals: [409, 422]
})
export const listKeys = endpoint({
  ...owner,
  rate: "read",
  name: "listKeys",
  method: "GET",
  path: "/api/v1/keys",
  summary: "API keys of the tenant, without their secrets.",
  query: Listed,
  reply: page(KeyView)
})
export const postKey = endpoint({
  ...owner,
  isSecret: true,
  name: "issueKey",
  method: "POST",
  path: "/api/v1/keys",
  summary: "Issues an API key. It is shown once.",
  body: Schema.Struct({
    name: named(100),
    scopes: Schema.Array(Scope).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
    /** At most 365; default 90. */
    days: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 365 })))
  }),
  reply: Schema.Struct({ key: KeyView, secret: Schema.String }),
  status: 201,
  refusals: [422]
})
export const deleteKey = endpoint({
  ...owner,
  name: "revokeKey",
  method: "DELETE",
  path: "/api/v1/keys/{id}",
  summary: "Revokes a key, at once.",
  params: Schema.Struct({ id: KeyId })
})
export const listTenants = endpoint({
  ...admin,
  rate: "read",
  name: "listTenants",
  method: "GET",
  path: "/api/v1/tenants",
  summary: "Every tenant of the installation.",
  query: Listed,
  reply: page(TenantView)
})
export const postTenant = endpoint({
  ...admin,
  isSecret: true,
  name: "createTenant",
  method: "POST",
  path: "/api/v1/tenants",
  summary: "Makes a tenant and invites its owner.",
  body: Schema.Struct({
    id: TenantId,
    companyName: named(200),
    email: Email
  }),
  reply: Schema.Struct({ tenant: TenantView, token: Schema.String }),
  status: 201,
  refusals: [409, 422]
})
export const postSuspend = endpoint({
  ...admin,
  name: "suspendTenant",
  method: "POST",
  path: "/api/v1/tenants/{id}/suspend",
  summary: "Ends every session of a tenant and lets nobody of it in.",
  params: tenant,
  body: Schema.Struct({ because: Reason }),
  reply: TenantView,
  refusals: [409, 422]
})
export const postResume = endpoint({
  ...admin,
  name: "resumeTenant",
  method: "POST",
  path: "/api/v1/tenants/{id}/resume",
  summary: "Lets a suspended tenant in again.",
  params: tenant,
  body: Schema.Struct({ because: Reason }),
  reply: TenantView,
  refusals: [409, 422]
})
export const peopleEndpoints = [
  listUsers,
  patchUser,
  listInvitations,
  postInvitation,
  listKeys,
  postKey,
  deleteKey,
  listTenants,
  postTenant,
  postSuspend,
  postResume
] as const
