/** Raising an account to `act` takes two people where there are two: the first wish is kept for a day. */
import { Effect, Result, Schema } from "effect"
import { decodeAs } from "../../schemas/envelope.ts"
import type { AccountId, TenantId } from "../../schemas/ids.ts"
import type { Caller } from "../caller.ts"
import { Vault } from "../identity/vault.ts"
import { conflict, type Refused, unavailable } from "../refused.ts"

/** How long the first wish waits for a second person, in milliseconds. */
export const raiseLifeMs = 24 * 3_600_000

const Wish = Schema.Struct({
  tenant: Schema.String,
  by: Schema.String,
  name: Schema.String,
  because: Schema.String,
  at: Schema.Int
})
export type Wish = typeof Wish.Type

/** Of a user's entry, what matters here. */
const Person = Schema.Struct({ tenant: Schema.String, status: Schema.String })

const down = () => unavailable("nobody can say who must agree: the store of identities does not answer, try again")
const entryOf = (account: AccountId) => `raise.${account}`

const personOf = (id: string) => `user.${id}`
/** Entries of those people of a tenant who may sign in. */
const activePeople = (tenant: TenantId) =>
  Effect.gen(function* () {
    const vault = yield* Vault
    const entries = yield* Effect.mapError(vault.list("user"), down)
    const active = entries.filter(([, { value }]) => {
      const person = decodeAs(Person, value)
      return Result.isSuccess(person) && person.success.tenant === tenant && person.success.status === "active"
    })
    return new Set(active.map(([entry]) => entry))
  })

/** `first`: the wish was noted and waits. `second`: it may be done, and who wished it first. `alone`: nobody else. */
export type Agreement =
  | { readonly _tag: "first"; readonly wish: Wish }
  | { readonly _tag: "second"; readonly first: Wish }
  | { readonly _tag: "alone" }

/** Asks whether this person's wish is enough; the first one of two is kept, the second one uses it up. */
export const agreeTo = (
  account: AccountId,
  caller: Caller,
  because: string,
  now: number
): Effect.Effect<Agreement, Refused, Vault> =>
  Effect.gen(function* () {
    const people = yield* activePeople(caller.tenant)
    if (people.size < 2) return { _tag: "alone" }
    const vault = yield* Vault
    const kept = yield* Effect.mapError(vault.get(entryOf(account)), down)
    const decoded = kept === undefined ? undefined : decodeAs(Wish, kept.value)
    const first = decoded !== undefined && Result.isSuccess(decoded) ? decoded.success : undefined
    const isOurs = first !== undefined && first.tenant === caller.tenant && now - first.at < raiseLifeMs
    // whoever was shut out since agrees to nothing any more
    const isStanding = isOurs && people.has(personOf(first.by))
    const moved = (no: { readonly _tag: string }) =>
      no._tag === "VaultMoved" ? conflict("somebody else asked at the same moment: look at the account again") : down()
    if (isStanding && first.by !== caller.id) {
      // used up before the order leaves: one wish raises once
      yield* Effect.mapError(vault.remove(entryOf(account), kept?.revision ?? 0), moved)
      return { _tag: "second", first }
    }
    if (isStanding) return { _tag: "first", wish: first }
    const wish: Wish = { tenant: caller.tenant, by: caller.id, name: caller.name, because, at: now }
    yield* Effect.mapError(vault.put(entryOf(account), wish, kept?.revision ?? 0), moved)
    return { _tag: "first", wish }
  })

/** Whoever lowers a mode takes back what was wished: it is not raised by a yes to an older wish. */
export const forgetRaise = (account: AccountId): Effect.Effect<void, never, Vault> =>
  Effect.gen(function* () {
    const vault = yield* Vault
    const kept = yield* vault.get(entryOf(account))
    if (kept !== undefined) yield* vault.remove(entryOf(account), kept.revision)
  }).pipe(Effect.ignore)
