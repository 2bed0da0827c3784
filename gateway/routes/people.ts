/** Who is there: users, invitations and keys of the caller's tenant; and all tenants, for who runs the installation. */
import { Effect } from "effect"
import * as endpoints from "../../schemas/api/people.ts"
import type { Caller } from "../caller.ts"
import type { Means } from "../identity/identity.ts"
import { invite } from "../identity/invitations.ts"
import { issueKey, keyDaysDefault, revokeKey } from "../identity/keys.ts"
import { invitations, keys, type Kind, tenants, users } from "../identity/records.ts"
import { all } from "../identity/shelf.ts"
import { setStatus, unownedTenant } from "../identity/tenants.ts"
import { tell } from "../identity/told.ts"
import { changeUser } from "../identity/users.ts"
import { invitationView, keyView, tenantView, userView } from "../identity/views.ts"
import { containing, type Paged, paged, type SortKey } from "../paging.ts"
import { badRequest, conflict } from "../refused.ts"
import { type Route, route } from "../route.ts"
import { momentAt } from "../rows.ts"

interface Question extends Paged {
  readonly at?: string
  readonly q?: string
}

/** A page of what is shown of the entries of a kind. Identities are known as they are now, and no earlier. */
const listed = <A, B>(
  means: Means,
  query: Question,
  kind: Kind<A>,
  shown: (one: A) => B | undefined,
  keyOf: (view: B) => SortKey
) =>
  Effect.gen(function* () {
    if (query.at !== undefined) return yield* badRequest("People and keys are known as they are now: leave out `at`.")
    const views = (yield* all(means.vault, kind)).map(shown).filter((view) => view !== undefined)
    const { asOf } = yield* momentAt()
    return yield* paged(containing(views as ReadonlyArray<B>, query.q), keyOf, query, asOf)
  })

/** What is another tenant's is not there. */
const own =
  <A extends { readonly tenant: string }, B>(caller: Caller, view: (one: A) => B) =>
  (one: A): B | undefined =>
    one.tenant === caller.tenant ? view(one) : undefined

const listUsers = (means: Means) =>
  route(endpoints.listUsers, ({ caller, query }) => {
    const shown = own(caller, (user: typeof users.schema.Type) => userView(means.vault, user))
    return listed(means, query, users, shown, ({ email, id }) => [email, id])
  })

const wordsOf = (edit: Readonly<Record<string, unknown>>) =>
  Object.entries(edit)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(", ")

const patchUser = (means: Means) =>
  route(endpoints.patchUser, ({ caller, params, body, now }) =>
    Effect.gen(function* () {
      const user = yield* changeUser(means, caller, params.id, body)
      const what = body.status === "disabled" ? ("user-disabled" as const) : ("user-changed" as const)
      const details = wordsOf(body)
      yield* tell({ tenant: user.tenant, what, about: user.id, by: caller.name, details, at: now })
      return userView(means.vault, user)
    })
  )

const listInvitations = (means: Means) =>
  route(endpoints.listInvitations, ({ caller, query }) =>
    listed(means, query, invitations, own(caller, invitationView), ({ expiresAt, id }) => [-expiresAt, id])
  )

const postInvitation = (means: Means) =>
  route(endpoints.postInvitation, ({ caller, body, now }) =>
    Effect.gen(function* () {
      const { tenant, name: by } = caller
      const { invitation, token } = yield* invite(means, { ...body, tenant, by }, now)
      const details = `${invitation.email} as ${invitation.role}`
      yield* tell({ tenant, what: "user-invited", about: invitation.id, by, details, at: now })
      return { invitation: invitationView(invitation), token }
    })
  )

const listKeys = (means: Means) =>
  route(endpoints.listKeys, ({ caller, query }) => {
    const shown = own(caller, (key: typeof keys.schema.Type) => keyView(means.vault, key))
    return listed(means, query, keys, shown, ({ createdAt, id }) => [-createdAt, id])
  })

const postKey = (means: Means) =>
  route(endpoints.postKey, ({ caller, body, now }) =>
    Effect.gen(function* () {
      const wanted = { name: body.name, scopes: body.scopes, days: body.days ?? keyDaysDefault }
      const { key, secret } = yield* issueKey(means, caller, wanted, now)
      const details = `${key.name}: ${key.scopes.join(", ")}`
      yield* tell({ tenant: key.tenant, what: "key-issued", about: key.id, by: caller.name, details, at: now })
      return { key: keyView(means.vault, key), secret }
    })
  )

const deleteKey = (means: Means) =>
  route(endpoints.deleteKey, ({ caller, params, now }) =>
    Effect.gen(function* () {
      const key = yield* revokeKey(means, caller, params.id, now)
      const said = { tenant: key.tenant, about: key.id, by: caller.name, details: key.name, at: now }
      yield* tell({ ...said, what: "key-revoked" })
      return undefined
    })
  )

const listTenants = (means: Means) =>
  route(endpoints.listTenants, ({ query }) => listed(means, query, tenants, tenantView, ({ id }) => id))

const postTenant = (means: Means) =>
  route(endpoints.postTenant, ({ caller, body, now }) =>
    Effect.gen(function* () {
      // made before and never owned, as when its invitation ran out: its owner is invited again
      const tenant = yield* unownedTenant(means, body, now)
      if (tenant === undefined) return yield* conflict("There is a tenant of this id already.")
      const wanted = { tenant: tenant.id, email: body.email, role: "owner" as const, by: caller.name }
      const { token } = yield* invite(means, wanted, now)
      const said = { tenant: tenant.id, about: tenant.id, by: caller.name, at: now }
      yield* tell({ ...said, what: "tenant-created", details: tenant.companyName })
      return { tenant: tenantView(tenant), token }
    })
  )

const postSuspend = (means: Means) =>
  route(endpoints.postSuspend, ({ caller, params, body, now }) =>
    Effect.gen(function* () {
      const tenant = yield* setStatus(means, caller, params.id, "suspended")
      const said = { tenant: tenant.id, about: tenant.id, by: caller.name, details: body.because, at: now }
      yield* tell({ ...said, what: "tenant-suspended" })
      return tenantView(tenant)
    })
  )

const postResume = (means: Means) =>
  route(endpoints.postResume, ({ caller, params, body, now }) =>
    Effect.gen(function* () {
      const tenant = yield* setStatus(means, caller, params.id, "active")
      const said = { tenant: tenant.id, about: tenant.id, by: caller.name, details: body.because, at: now }
      yield* tell({ ...said, what: "tenant-resumed" })
      return tenantView(tenant)
    })
  )

export const peopleRoutes = (means: Means): ReadonlyArray<Route> =>
  [
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
  ].map((one) => one(means))
