/** Who decides on which entities: one at a time on each, first come first served, side by side on different ones. */
import { Effect, Latch } from "effect"

export interface Claims {
  /** Runs the effect once nobody else holds any of these, and holds them all until it ends. */
  readonly holding: <A, E, R>(abouts: Iterable<string>, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Is it held, or waited for? */
  readonly isClaimed: (about: string) => boolean
}

/** Nobody waits in a ring: all of one's entities are queued for in the same instant. */
export const makeClaims = (): Claims => {
  /** Of each entity, the end of whoever came last. */
  const last = new Map<string, Latch.Latch>()
  const holding: Claims["holding"] = (abouts, effect) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const wanted = new Set(abouts)
        const before = new Set([...wanted].flatMap((about) => last.get(about) ?? []))
        const end = Latch.makeUnsafe(false)
        for (const about of wanted) last.set(about, end)
        const leave = Effect.sync(() => {
          for (const about of wanted) if (last.get(about) === end) last.delete(about)
          end.openUnsafe()
        })
        const turn = Effect.forEach(before, (one) => one.await, { discard: true })
        return restore(Effect.andThen(turn, effect)).pipe(Effect.ensuring(leave))
      })
    )
  return { holding, isClaimed: (about) => last.has(about) }
}
