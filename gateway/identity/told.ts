/** What the log is told of identities: what happened to whom by whom, never a secret. */
import { Effect, Schedule } from "effect"
import { Bus, type Draft } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { instant, type TenantId } from "../../schemas/ids.ts"
import { IdentityChanged, identityChanged } from "../../schemas/identity.ts"

export interface Change {
  readonly tenant: TenantId
  readonly what: IdentityChanged["what"]
  /** A user, a key, a tenant, an account, a row that needs attention, or a message. */
  readonly about: string
  readonly by: string
  readonly details: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** As it is appended. */
export const draftOfChange = (change: Change): Draft =>
  draftOf(identityChanged, new IdentityChanged({ ...change, at: instant(change.at) }))

/** Whose details may be of any length: so much of them. */
export const cut = (change: Change): Change => ({ ...change, details: change.details.slice(0, 500) })

/** The log is asked again for about a second; what it may have stored already is then there twice, never not at all. */
const again = Schedule.exponential("50 millis").pipe(Schedule.upTo({ times: 4 }))

/**
 * Appends a change that stands. It has happened whether or not the log takes it: a log that does not answer is a
 * reason to say so loudly, not to answer that nothing was changed.
 */
export const tell = (change: Change): Effect.Effect<void, never, Bus> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    yield* bus.append([draftOfChange(cut(change))]).pipe(
      Effect.retry(again),
      Effect.catchCause((cause) =>
        Effect.logError("a change of identities is missing in the log", { ...change }, cause)
      )
    )
  })

/** The same without waiting for it, where the time it takes would tell a stranger who is known here. */
export const tellLater = (change: Change): Effect.Effect<void, never, Bus> =>
  Effect.asVoid(Effect.forkDetach(tell(change)))
