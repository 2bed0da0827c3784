/** A hand: hears orders, works on several at once, and settles each only when its work has ended. */
import { Cause, Effect, Exit, type Scope, Semaphore } from "effect"
import { Ack, Bus, type BusDown, type Delivery, later, type Verdict } from "./bus.ts"

export interface Hand {
  readonly name: string
  readonly filters: ReadonlyArray<string>
  /** Orders worked on at once by this process. */
  readonly lanes: number
  /** How long the bus waits for a sign of life before it gives the order to another process, in milliseconds. */
  readonly ackWaitMs: number
  readonly handle: (delivery: Delivery) => Effect.Effect<Verdict, BusDown, Bus>
}

/** Buries what nobody can read, or nobody may obey, and is done with it. */
export const bury = (delivery: Delivery, consumer: string, reason: string): Effect.Effect<Verdict, BusDown, Bus> =>
  Effect.as(
    Bus.use((bus) => bus.bury(delivery, consumer, reason)),
    Ack
  )

/**
 * Runs a hand for ever. Redelivery is the recovery scan: an order is settled at the end of its work, so what is open
 * when a process dies comes to another. Interrupted, it takes nothing new, lets its work go and gives it back at once.
 */
export const runHand = (hand: Hand): Effect.Effect<never, BusDown, Bus | Scope.Scope> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const { name, filters, ackWaitMs } = hand
    const inbox = yield* bus.hear({ name, filters, inFlightMax: 1_000, ackWaitMs })
    const lanes = yield* Semaphore.make(hand.lanes)
    const scope = yield* Effect.scope
    const work = (delivery: Delivery) =>
      hand.handle(delivery).pipe(
        Effect.flatMap(delivery.settle),
        Effect.raceFirst(Effect.forever(Effect.andThen(Effect.sleep(ackWaitMs / 3), delivery.working))),
        // let go, it is given back at once: whoever is left need not wait for the end of the ack wait
        Effect.onInterrupt(() => Effect.ignore(delivery.settle(later(0)))),
        // unsettled, it is delivered again: to us, or to whoever is left
        Effect.onExit((exit) =>
          Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
            ? Effect.logWarning(`${name} leaves ${delivery.subject} for redelivery`, exit.cause)
            : Effect.void
        ),
        Effect.ensuring(Semaphore.release(lanes, 1)),
        Effect.forkIn(scope)
      )
    return yield* Semaphore.take(lanes, 1).pipe(
      Effect.andThen(inbox.take(1)),
      Effect.flatMap(([first]) =>
        first === undefined ? Effect.asVoid(Semaphore.release(lanes, 1)) : Effect.asVoid(work(first))
      ),
      Effect.forever
    )
  })
