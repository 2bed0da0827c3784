/** Who calls: a person in a session or a program with a key, always of exactly one tenant. */
import type { TenantId } from "../schemas/ids.ts"
import { isAtLeast, type Role, type Scope } from "../schemas/identity.ts"
import type { Endpoint } from "../schemas/api/endpoint.ts"

export interface Caller {
  readonly kind: "user" | "key"
  /** Of the user or key: what rate limits and idempotency keys are counted by. */
  readonly id: string
  readonly tenant: TenantId
  /** As it stands in the log and on screen: the user's address, or `key NAME`. */
  readonly name: string
  readonly role: Role
  readonly scopes: ReadonlyArray<Scope>
  readonly superAdmin: boolean
  /** When what proved it ends, in milliseconds since 1970; a stream ends then too. */
  readonly until: number
  /** Of a person: the session that he asks in. */
  readonly session?: string
}

/** Why a caller may not call an endpoint; undefined where he may. */
export const barred = (one: Endpoint, caller: Caller | undefined): "unknown" | "role" | "scope" | undefined => {
  if (one.access === "public") return undefined
  if (caller === undefined) return "unknown"
  // a key is of one tenant, whoever issued it: what concerns them all takes a person
  if (caller.kind === "key" && one.access === "super-admin") return "role"
  if (caller.kind === "key") return one.scope !== null && caller.scopes.includes(one.scope) ? undefined : "scope"
  if (one.access === "signed-in" || caller.superAdmin) return undefined
  if (one.access === "super-admin") return "role"
  return isAtLeast(caller.role, one.access) ? undefined : "role"
}
