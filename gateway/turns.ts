/** Turns at what is dear: of one tenant so many questions are answered at once, so that none starves the others. */
import { Effect, Semaphore } from "effect"
import { type Refused, unavailable } from "./refused.ts"

/** Questions of one tenant that are worked on at the same time. */
export const atOnce = 4
/** How long a question waits for its turn. */
const patience = "10 seconds"

export interface Turns {
  /** Runs when it is the tenant's turn; refused with 503 where that takes too long. */
  readonly take: <A, E, R>(tenant: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Refused, R>
}

const late = () => unavailable("Too many questions of yours are being answered: ask fewer at once.")

/** Of one process. A tenant whose questions are all answered takes no room. */
export const makeTurns = (permits: number = atOnce): Turns => {
  const tenants = new Map<string, { readonly turns: Semaphore.Semaphore; waiting: number }>()
  return {
    take: (tenant, work) =>
      Effect.suspend(() => {
        const mine = tenants.get(tenant) ?? { turns: Semaphore.makeUnsafe(permits), waiting: 0 }
        tenants.set(tenant, mine)
        mine.waiting++
        const got = Semaphore.take(mine.turns, 1).pipe(
          Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(late()) })
        )
        return Effect.acquireUseRelease(
          got,
          () => work,
          () => Semaphore.release(mine.turns, 1)
        ).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              if (--mine.waiting === 0) tenants.delete(tenant)
            })
          )
        )
      })
  }
}
