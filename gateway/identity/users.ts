/** Users: made once per address, changed by their tenant's owners, of whom the last one stays. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import { type Role, UserId } from "../../schemas/identity.ts"
import type { Caller } from "../caller.ts"
import { conflict, notFound, type Refused } from "../refused.ts"
import { newId } from "./entropy.ts"
import type { Means } from "./identity.ts"
import { emailId, emails, type Kind, owners, type User, users } from "./records.ts"
import { change, make, read } from "./shelf.ts"

export interface NewUser {
  readonly tenant: TenantId
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly superAdmin: boolean
  readonly password: string | null
  readonly oidc: User["oidc"]
}
type Taken = { readonly user: UserId; readonly at: number }

export const newUserId = ({ entropy }: Means): UserId => UserId.make(`u_${newId(entropy)}`)

/** Whoever took a name and was gone before he became a user has lost it after so long, in milliseconds. */
const abandonedMs = 60_000

/** Takes a name for a user to be; false where it is somebody else's. */
export const take = (
  { vault }: Means,
  kind: Kind<Taken>,
  id: string,
  user: UserId,
  now: number
): Effect.Effect<boolean, Refused> =>
  Effect.map(
    change(vault, kind, id, (before) =>
      Effect.gen(function* () {
        if (before === undefined || before.user === user) return { user, at: before?.at ?? now }
        const holder = yield* read(vault, users, before.user)
        return holder !== undefined || now - before.at < abandonedMs ? before : { user, at: now }
      })
    ),
    (stands) => stands.user === user
  )

/** Nobody's: asked for where there is nobody, so that it takes as long. */
const nobody = "u_0000000000000000"

/** The user who has this address. */
export const userByEmail = ({ vault }: Means, email: string): Effect.Effect<User | undefined, Refused> =>
  Effect.gen(function* () {
    const taken = yield* read(vault, emails, emailId(email))
    return (yield* read(vault, users, taken?.value.user ?? nobody))?.value
  })

const addOwner = ({ vault }: Means, user: User) =>
  change(vault, owners, user.tenant, (before) => {
    const ids = before?.ids ?? []
    return Effect.succeed(ids.includes(user.id) ? before : { ids: [...ids, user.id] })
  })
const isCounted = (user: User) => user.role === "owner" && user.status === "active"

/** Makes a user under an address that he must be the first to have; undefined where he is not. */
export const createUser = (
  means: Means,
  id: UserId,
  wanted: NewUser,
  now: number
): Effect.Effect<User | undefined, Refused> =>
  Effect.gen(function* () {
    const email = wanted.email.toLowerCase()
    if (!(yield* take(means, emails, emailId(email), id, now))) return undefined
    const user: User = { ...wanted, id, email, status: "active", epoch: 0, createdAt: now }
    const isMade = yield* make(means.vault, users, id, user)
    if (!isMade) return undefined
    if (isCounted(user)) yield* addOwner(means, user)
    return user
  })

export interface Edit {
  readonly role?: Role
  readonly status?: "active" | "disabled"
  readonly name?: string
}

/**
 * Takes an owner off those that are counted on, before he ceases to be one: of two owners who demote each other, one
 * comes second. `isForced`: the identity provider says so, and its word goes.
 */
const dropOwner = ({ vault }: Means, user: User, isForced: boolean) =>
  change(vault, owners, user.tenant, (before) => {
    const ids = (before?.ids ?? []).filter((id) => id !== user.id)
    if (isForced && ids.length === (before?.ids ?? []).length) return Effect.succeed(before)
    return ids.length === 0 && !isForced
      ? Effect.fail(conflict("A tenant keeps one owner at least: make somebody else one first."))
      : Effect.succeed({ ids })
  })

/** Changes a user by a rule; his sessions end where his role, standing or password changes. */
export const editUser = (
  means: Means,
  id: UserId,
  rule: (before: User) => Effect.Effect<User, Refused>,
  isForced = false
): Effect.Effect<User, Refused> =>
  Effect.gen(function* () {
    const changed = change(means.vault, users, id, (before) =>
      Effect.gen(function* (): Effect.fn.Return<User, Refused> {
        if (before === undefined) return yield* notFound("There is no such user.")
        const next = yield* rule(before)
        if (isCounted(before) && !isCounted(next)) yield* dropOwner(means, before, isForced)
        const isOther = next.role !== before.role || next.status !== before.status || next.password !== before.password
        return isOther ? { ...next, epoch: before.epoch + 1 } : next
      })
    )
    const after = yield* Effect.onError(changed, () => recount(means, id))
    yield* isCounted(after) ? addOwner(means, after) : dropOwner(means, after, true)
    return after
  })

/** Whoever was taken off and then not changed after all is counted again. */
const recount = (means: Means, id: UserId) =>
  Effect.ignore(
    Effect.flatMap(read(means.vault, users, id), (found) =>
      found !== undefined && isCounted(found.value) ? Effect.asVoid(addOwner(means, found.value)) : Effect.void
    )
  )

/** What an owner may change of a user of his tenant. Whoever runs the installation is changed by nobody else. */
export const changeUser = (means: Means, by: Caller, id: UserId, edit: Edit): Effect.Effect<User, Refused> =>
  editUser(means, id, (before) => {
    if (before.tenant !== by.tenant) return Effect.fail(notFound("There is no such user."))
    const next = { ...before, ...edit }
    const isOther = next.role !== before.role || next.status !== before.status
    if (before.superAdmin && isOther) {
      return Effect.fail(conflict("This user runs the installation: role and standing stay as they are."))
    }
    return Effect.succeed(next.name === before.name && !isOther ? before : next)
  })
