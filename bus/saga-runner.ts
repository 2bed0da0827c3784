/** The only way to run a saga: intent before each call, outcome after it, and nobody else at it meanwhile. */
import { Effect } from "effect"
import { type Bus, type BusDown, later, type Verdict } from "./bus.ts"
import { journalOf } from "./journal.ts"
import type { Order, RunnerOptions } from "./order.ts"
import { JournalUnreadable } from "../schemas/saga.ts"
import type { Saga } from "./saga.ts"
import { Walk } from "./walk.ts"

/** Nothing was lost but patience: redelivery tries again. */
const nobodyHolds = 1_000

/** Makes a runner of one kind of saga. One per process: it knows which sagas the process has open. */
export const makeRunner = <I, R>(saga: Saga<I, R>, options: RunnerOptions<I, R>) => {
  let handled = 0
  const open = new Set<string>()
  return (order: Order<I>): Effect.Effect<Verdict, BusDown, Bus> =>
    Effect.suspend(() => {
      if (open.has(order.id)) return Effect.succeed(later(options.terms.leaseMs))
      open.add(order.id)
      const by = `${options.holder}/${++handled}`
      return journalOf(order.account, saga.name, order.id, by).pipe(
        Effect.flatMap((journal) => new Walk(saga, options, order, journal, by).run),
        Effect.catchTag("LeaseLost", () => Effect.succeed(later(nobodyHolds))),
        Effect.catchDefect((defect) =>
          defect instanceof JournalUnreadable && options.unreadable !== undefined
            ? options.unreadable(order, defect)
            : Effect.die(defect)
        ),
        Effect.ensuring(Effect.sync(() => open.delete(order.id)))
      )
    })
}
