/** Dear work, so much of it at once and so much waiting; beyond that it is refused at once. */
import { Effect, Semaphore } from "effect"

/** Wraps effects: `atOnce` run, `waitingMax` wait in order, more fail with `full(waiting)`. */
export const makeQueue = <E>(
  atOnce: number,
  waitingMax: number,
  full: (waiting: number) => E
): (<A, E2, R>(work: Effect.Effect<A, E2, R>) => Effect.Effect<A, E | E2, R>) => {
  const turns = Semaphore.makeUnsafe(atOnce)
  let inside = 0
  return <A, E2, R>(work: Effect.Effect<A, E2, R>) =>
    Effect.suspend((): Effect.Effect<A, E | E2, R> => {
      const waiting = Math.max(0, inside - atOnce)
      if (waiting >= waitingMax) return Effect.fail(full(waiting))
      inside++
      return Semaphore.withPermits(turns, 1)(work).pipe(Effect.ensuring(Effect.sync(() => inside--)))
    })
}
