/** How often background reading may ask AWS: a fifth of each throttle bucket, which the customer's own tools share. */
import { Clock, Effect, Semaphore } from "effect"

export interface Budget {
  /** Waits until a call is within the budget, first come first served. */
  readonly take: Effect.Effect<void>
  /** AWS said that the account's limit is reached: what was saved up is given up. */
  readonly giveUp: Effect.Effect<void>
}

/**
 * A fifth of AWS's bucket of 100 requests with 20 a second for calls that change nothing; per account and region.
 * Source: Amazon EC2, "Request throttling for the Amazon EC2 API". The share is the product's.
 */
export const backgroundShare = { capacity: 20, perSecond: 4 } as const

/** A token bucket. It starts full and counts on the clock of the process. */
export const budget = (size: { readonly capacity: number; readonly perSecond: number } = backgroundShare) =>
  Effect.gen(function* () {
    const bucket = { tokens: size.capacity, at: yield* Clock.currentTimeMillis }
    const turn = yield* Semaphore.make(1)
    const refill = Effect.map(Clock.currentTimeMillis, (now) => {
      // a clock that was set back adds nothing and takes nothing
      const earned = (Math.max(0, now - bucket.at) * size.perSecond) / 1_000
      bucket.tokens = Math.min(size.capacity, bucket.tokens + earned)
      bucket.at = now
    })
    const take = Effect.gen(function* () {
      yield* refill
      while (bucket.tokens < 1) {
        yield* Effect.sleep(Math.ceil(((1 - bucket.tokens) * 1_000) / size.perSecond))
        yield* refill
      }
      bucket.tokens -= 1
    })
    const made: Budget = {
      take: Semaphore.withPermits(turn, 1)(take),
      giveUp: Effect.andThen(
        refill,
        Effect.sync(() => {
          bucket.tokens = 0
        })
      )
    }
    return made
  })
