/** One question to AWS: within the budget, asked again while AWS says "later", counted. */
import { Effect, Ref, Schedule } from "effect"
import type { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { refusal, throttled } from "../_ports/cloud-refusal.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import type { Whose } from "../_ports/port.ts"
import type { Budget } from "./budget.ts"
import { type Found, seen, unseen } from "./listed.ts"

/** Doubling from a fifth of a second, at most ten, give or take a fifth; a sweep that has waited a minute is over. */
const patience = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("10 seconds")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ duration: "1 minute" })
)

export interface Asker {
  readonly ask: <A>(call: Effect.Effect<A, CloudRefusal | LeaseLost, Whose>) => Effect.Effect<A, CloudRefusal, Whose>
  /** Calls made so far, repeats included. */
  readonly calls: Effect.Effect<number>
}

export const asker = (budget: Budget): Effect.Effect<Asker> =>
  Effect.map(Ref.make(0), (calls) => ({
    calls: Ref.get(calls),
    ask: (call) =>
      budget.take.pipe(
        Effect.andThen(Ref.update(calls, (n) => n + 1)),
        Effect.andThen(call),
        // reading holds no lease that could be lost
        Effect.catchTag("LeaseLost", (lost) => Effect.die(lost)),
        Effect.tapError((no) => (throttled.has(no.code) ? budget.giveUp : Effect.void)),
        // a read whose answer is unknown may be asked again: it changes nothing
        Effect.retry({ schedule: patience, while: (no) => no.advice === "later" || no.advice === "unknown" })
      )
  }))

interface Paged {
  readonly next: string | null
}

/** All pages of a listing; a token that comes back twice in a row would go on for ever and is refused. */
export const everyPage = <P extends Paged>(
  page: (token: string | null) => Effect.Effect<P, CloudRefusal, Whose>
): Effect.Effect<ReadonlyArray<P>, CloudRefusal, Whose> =>
  Effect.gen(function* () {
    const pages = [yield* page(null)]
    for (let token = pages[0]?.next ?? null; token !== null; ) {
      const got: P = yield* page(token)
      if (got.next === token) return yield* refusal("list", "CloudOptim.PageLoop", "a page names itself as the next")
      pages.push(got)
      token = got.next
    }
    return pages
  })

/** Patience is over or a person is needed: the sweep has failed. Anything else is about this one thing alone. */
const isAboutDoor = (no: CloudRefusal) =>
  no.advice === "later" || no.advice === "unknown" || no.code === "ExpiredToken" || no.code === "RequestExpired"

/** A detail that one group's refusal does not take from the others: its code stands in its place. */
export const found = <A>(call: Effect.Effect<A, CloudRefusal, Whose>): Effect.Effect<Found<A>, CloudRefusal, Whose> =>
  call.pipe(
    Effect.map(seen),
    Effect.catchIf(
      (no) => !isAboutDoor(no),
      (no) => Effect.succeed(unseen(no.code))
    )
  )
