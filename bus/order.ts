/** What a runner is given: the order, who makes its calls, and how the house wants sagas run. */
import type { Effect } from "effect"
import type { Instant } from "../schemas/ids.ts"
import type { Entry, JournalUnreadable, LeaseLost } from "../schemas/saga.ts"
import type { Bus, BusDown, Draft, Verdict } from "./bus.ts"
import type { LeaseTerms } from "./lease.ts"

/** What a saga runs for. `id` is the saga's and the order's: a repeated order is the same saga. */
export interface Order<I> {
  readonly id: string
  readonly tenant: string
  readonly account: string
  readonly input: I
  /**
   * It is a person's word to go on with a saga that got stuck at this instant by its journal: whoever hears it again
   * later finds a saga that has moved on.
   */
  readonly resumes?: number
}

/** Who makes a step's calls: the runner's answer to "by whom, for what, until when". */
export interface StepBy {
  readonly saga: string
  readonly step: string
  readonly by: string
  readonly epoch: number
  readonly needs: ReadonlyArray<string>
  /** Renews the lease where one more call would outlast it, and gives its end. */
  readonly lease: Effect.Effect<Instant, LeaseLost>
}

export interface RunnerOptions<I, R> {
  /** Process name and incarnation: a new incarnation is another holder, its predecessor may still be on the wire. */
  readonly holder: string
  readonly terms: LeaseTerms
  /** First and longest pause between two looks at something awaited, in milliseconds. */
  readonly poll: { readonly firstMs: number; readonly maxMs: number }
  /**
   * How long a step that was given so many milliseconds really has: as long, but for a simulated cloud whose delays
   * pass faster than real.
   */
  readonly within?: (withinMs: number) => number
  /** Gives a step's effect what it needs: ports, and whose calls they are. */
  readonly around: <A, E>(order: Order<I>, who: StepBy, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E>
  /**
   * Called before a saga is taken over, with the name of who held it: settles what only its holder could have said, for
   * good, as it is called again where this taker dies as well.
   */
  readonly inherits?: (order: Order<I>, from: string) => Effect.Effect<void, BusDown>
  /** A word to turn back, as from the stop switch; asked between steps, never after the pivot. */
  readonly halted: (order: Order<I>) => string | undefined
  /** Facts that the ending says, in its own atomic batch. */
  readonly says: (order: Order<I>, ending: Entry) => ReadonlyArray<Draft>
  /** What becomes of an order whose journal nobody can read; unless told, a defect, and the order comes again. */
  readonly unreadable?: (order: Order<I>, no: JournalUnreadable) => Effect.Effect<Verdict, BusDown, Bus>
}
