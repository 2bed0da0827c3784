/** What is shown of identities: never a hash. */
import type { Caller } from "../caller.ts"
import { type Invitation, type Key, keyUses, seen, type Tenant, type User } from "./records.ts"
import type { Vault } from "./vault.ts"

type Store = Vault["Service"]
type Kind = { readonly of: (id: string) => string }

const timeOf = (store: Store, kind: Kind, id: string): number | null => {
  const at = (store.peek(kind.of(id))?.value as { readonly at?: unknown } | undefined)?.at
  return typeof at === "number" ? at : null
}

export const tenantView = ({ id, companyName, email, status, createdAt }: Tenant) => ({
  id,
  companyName,
  email,
  status,
  createdAt
})

export const userView = (store: Store, user: User) => ({
  id: user.id,
  tenant: user.tenant,
  email: user.email,
  name: user.name,
  role: user.role,
  superAdmin: user.superAdmin,
  status: user.status,
  signsInWith: [
    ...(user.password === null ? [] : (["password"] as const)),
    ...(user.oidc === null ? [] : (["oidc"] as const))
  ],
  lastSeenAt: timeOf(store, seen, user.id),
  createdAt: user.createdAt
})

export const keyView = (store: Store, { hash: _hash, ...key }: Key) => ({
  ...key,
  lastUsedAt: timeOf(store, keyUses, key.id)
})

export const invitationView = ({ hash: _hash, ...invitation }: Invitation) => invitation

export const meOfUser = (store: Store, user: User, until: number | null) => ({
  kind: "user" as const,
  tenant: user.tenant,
  user: userView(store, user),
  key: null,
  role: user.role,
  scopes: [],
  superAdmin: user.superAdmin,
  until
})

export const meOfKey = (store: Store, caller: Caller, key: Key) => ({
  kind: "key" as const,
  tenant: key.tenant,
  user: null,
  key: keyView(store, key),
  role: caller.role,
  scopes: key.scopes,
  superAdmin: false,
  until: key.expiresAt
})
