/** Commands about messages that nobody could read: the list of them, and having one heard again. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { ask, askAll, type ItemOf } from "./ask.ts"
import { Ended } from "./exit.ts"
import { account, at, because, dryRun, limit, output } from "./flags.ts"
import { ago, type Column, printAll, printOne, taken } from "./print.ts"

type Letter = ItemOf<"GET /api/v1/system/dead">

const columns: ReadonlyArray<Column<Letter>> = [
  { name: "SEQ", of: ({ seq }) => seq, isFigure: true },
  { name: "WHEN", of: ({ at: putAside }) => ago(putAside) },
  { name: "WHO", of: ({ consumer }) => consumer },
  { name: "WHY", of: ({ reason }) => reason },
  { name: "SUBJECT", of: ({ subject }) => subject },
  { name: "MESSAGE", of: ({ logSeq }) => logSeq, isFigure: true },
  { name: "BYTES", of: ({ bytes }) => bytes, isFigure: true },
  { name: "AGAIN", of: ({ canBeHeardAgain }) => (canBeHeardAgain ? "yes" : "no") }
]

/** Most that are looked through for a sequence. */
const lettersMax = 5_000

const letterOf = (seq: number) =>
  Effect.gen(function* () {
    const all = yield* askAll("GET /api/v1/system/dead", {}, lettersMax)
    const found = all.find((one) => one.seq === seq)
    return found ?? (yield* new Ended({ exit: "notFound", says: `nothing that nobody could read has sequence ${seq}` }))
  })

const redrive = Command.make(
  "redrive",
  { seq: Argument.Int("seq").pipe(Argument.withDescription("as dead lists it")), because, output, dryRun },
  Effect.fn(function* ({ seq, because, output: as, dryRun: isDry }) {
    if (isDry) {
      const letter = yield* letterOf(seq)
      const { consumer, logSeq, reason, canBeHeardAgain } = letter
      const says = canBeHeardAgain
        ? `would have ${consumer} hear message ${logSeq} again, which it could not read: ${reason}`
        : `${consumer ?? "nobody"} hears no message a second time: it would be refused`
      return yield* printOne(as, letter, [says])
    }
    const params = { seq: String(seq) }
    const { reply } = yield* ask("POST /api/v1/system/dead/{seq}/redrive", { params, body: { because } })
    yield* printOne(as, reply, taken(`hearing ${seq} again`, reply.command))
  })
).pipe(Command.withDescription("Have whom a message was for hear it again (super admin)"))

export const dead = Command.make(
  "dead",
  { output, limit, account, at },
  Effect.fn(function* ({ output: as, limit: max, account: one, at: asOf }) {
    const query = { account: Option.getOrUndefined(one), at: Option.getOrUndefined(asOf) }
    const rows = yield* askAll("GET /api/v1/system/dead", { query }, max)
    yield* printAll(as, columns, rows, "everything that was said could be read")
  })
).pipe(
  Command.withDescription("List messages that nobody could read; have one heard again"),
  Command.withSubcommands([redrive])
)
