/** Commands about the ledger: what was saved, and whether the books agree with the log. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { ask } from "./ask.ts"
import { Ended } from "./exit.ts"
import { output } from "./flags.ts"
import { counted, printOne, usd, usdPerHour } from "./print.ts"

const verify = Command.make(
  "verify",
  { output },
  Effect.fn(function* ({ output: as }) {
    const { reply } = yield* ask("GET /api/v1/ledger/verify")
    yield* printOne(as, reply, [
      `${reply.events} events booked of ${reply.head}, ${reply.missing} missing, ${reply.duplicates} twice`,
      `${reply.swapsSettledDone} swaps done, ${reply.savingsRows} rows of savings`,
      ...reply.mismatches.map((line) => `  ${line}`)
    ])
    if (!reply.ok) return yield* new Ended({ exit: "no", says: "the books do not agree with the log" })
    if (as === "table") yield* Console.log("the books agree with the log")
  })
).pipe(Command.withDescription("Count the ledger against the log, and each swap's row against its settlement"))

const totals = Command.make(
  "totals",
  { output },
  Effect.fn(function* ({ output: as }) {
    const { reply } = yield* ask("GET /api/v1/ledger", { query: { limit: "1" } })
    const { totals: sum } = reply
    const saved = `${usdPerHour(sum.hourlySavings)} an hour, ${usd(sum.monthlySavings)} a month (${sum.label})`
    yield* printOne(as, sum, [`${counted(sum.swaps, "swap")}, ${saved}`])
  })
).pipe(Command.withDescription("What all swaps save"))

export const ledger = Command.make("ledger").pipe(
  Command.withDescription("The savings ledger"),
  Command.withSubcommands([verify, totals])
)
