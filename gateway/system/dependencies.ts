/** What the gateway stands on, each asked a question now: whether it answers, and how fast. */
import { Clock, Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { Bus } from "../../bus/bus.ts"
import type { Dependency } from "../../schemas/api/system.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { ownerFilter } from "../../schemas/message.ts"

type Answered = typeof Dependency.Type

/** Slower than this is not healthy, and an answer that takes longer than the other is none; milliseconds. */
const slowMs = 500
const silentAfter = "3 seconds"

const nanosPerHundredth = 1e4

/** Asks, and says how it was answered; never fails. */
const asking = <E, R>(name: string, mend: string, question: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeNanos
    const answer = yield* Effect.exit(Effect.timeout(question, silentAfter))
    const nanos = Number((yield* Clock.currentTimeNanos) - began)
    const latencyMs = Math.round(nanos / nanosPerHundredth) / 100
    if (answer._tag === "Failure") {
      const down: Answered = { name, status: "down", latencyMs: null, details: `it does not answer: ${mend}` }
      return down
    }
    const isSlow = latencyMs > slowMs
    const details = isSlow ? `it answers, but slower than ${slowMs} ms` : "it answers"
    const up: Answered = { name, status: isSlow ? "degraded" : "ok", latencyMs, details }
    return up
  })

/** NATS by the newest fact of the log's leader, ClickHouse by the smallest question that there is. */
export const dependencies = Effect.all(
  [
    asking(
      "nats",
      "see whether the server runs and has a leader for LOG",
      Bus.use((bus) => bus.recall(ownerFilter(accounts.owner)))
    ),
    asking(
      "clickhouse",
      "see whether the server runs; the present is still served, what is past is not",
      Warehouse.use((warehouse) => warehouse.query("SELECT 1 AS one"))
    )
  ],
  { concurrency: 2 }
)

/** Down where the log is: without it nothing here is true. Degraded where anything else is amiss. */
export const statusOf = (all: ReadonlyArray<Answered>): Answered["status"] => {
  if (all.some(({ name, status }) => name === "nats" && status === "down")) return "down"
  return all.every(({ status }) => status === "ok") ? "ok" : "degraded"
}
