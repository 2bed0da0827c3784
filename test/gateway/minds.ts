/** A real mind on a stage's bus: the onboarder as it is, and as it was before it could read what it hears. */
import { Effect, Schema } from "effect"
import { onboarder } from "../../actors/onboarder/actor.ts"
import { Bus } from "../../bus/bus.ts"
import { type Mind, runMind } from "../../bus/mind.ts"
import type { Account } from "../../schemas/account.ts"

const unread: Mind<Account> = {
  ...onboarder,
  hears: onboarder.hears.map((one) => ({ ...one, road: { ...one.road, schema: Schema.Never as never } }))
}

/** Turns of everybody else in which it must have heard all that there is. */
const turnsMax = 1_000

/** Lets it hear all that there is, and stops it. */
const hearing = (mind: Mind<any>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    yield* Effect.forkScoped(runMind(mind))
    for (let turn = 0; turn < turnsMax; turn++) {
      yield* Effect.yieldNow
      const own = (yield* bus.standings).filter(({ name }) => name === mind.name)
      if (own.length > 0 && own.every(({ pending, open }) => pending + open === 0)) return
    }
    return yield* Effect.die(new Error(`${mind.name} is not done`))
  }).pipe(Effect.scoped, Effect.orDie)

export const onboarderHears = hearing(onboarder)
/** Buries every order, as an older version does that does not know its shape. */
export const oldOnboarderHears = hearing(unread)
