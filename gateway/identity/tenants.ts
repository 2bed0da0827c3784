/** Tenants: made by whoever runs the installation or, where signing up is open, by their first owner. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import type { Caller } from "../caller.ts"
import { conflict, notFound, type Refused, unprocessable } from "../refused.ts"
import type { Means } from "./identity.ts"
import { owners, type Tenant, tenants } from "./records.ts"
import { change, make, read } from "./shelf.ts"

/** What stands in subjects and keys for something else, and so may not be a tenant's id. */
const isTaken = (id: string) => id === "all" || /^\d{12}$/.test(id)

/** Refuses ids that would be taken for an AWS account, or for everybody. */
export const fitId = (id: TenantId): Effect.Effect<TenantId, Refused> =>
  isTaken(id)
    ? Effect.fail(unprocessable("A tenant's id is not `all`, and not twelve digits, which an AWS account would have."))
    : Effect.succeed(id)

export type NewTenant = Pick<Tenant, "id" | "companyName" | "email">

/** Makes a tenant; undefined where there is one of this id. */
export const createTenant = (
  { vault }: Means,
  wanted: NewTenant,
  now: number
): Effect.Effect<Tenant | undefined, Refused> =>
  Effect.gen(function* () {
    const tenant: Tenant = { ...wanted, email: wanted.email.toLowerCase(), status: "active", createdAt: now }
    return (yield* make(vault, tenants, yield* fitId(wanted.id), tenant)) ? tenant : undefined
  })

/** Makes a tenant, or gives the one that nobody owns yet; undefined where it has an owner. */
export const unownedTenant = (
  means: Means,
  wanted: NewTenant,
  now: number
): Effect.Effect<Tenant | undefined, Refused> =>
  Effect.gen(function* () {
    const made = yield* createTenant(means, wanted, now)
    if (made !== undefined) return made
    const counted = yield* read(means.vault, owners, wanted.id)
    return (counted?.value.ids ?? []).length === 0 ? (yield* read(means.vault, tenants, wanted.id))?.value : undefined
  })

/** Suspends a tenant or lets it in again. Its sessions and keys are looked at together with it, on each request. */
export const setStatus = (
  { vault }: Means,
  by: Caller,
  id: TenantId,
  status: Tenant["status"]
): Effect.Effect<Tenant, Refused> =>
  change(vault, tenants, id, (before) => {
    if (before === undefined) return Effect.fail(notFound("There is no such tenant."))
    if (id === by.tenant) return Effect.fail(conflict("This is your own tenant: nobody could let you in again."))
    if (before.status === status) return Effect.fail(conflict(`It is ${status} already.`))
    return Effect.succeed({ ...before, status })
  })
