/** Commands about what needs a person: the list of it, and silence for a row of it, for the whole team and a while. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask, askAll, type ItemOf } from "./ask.ts"
import { theOne } from "./exit.ts"
import { account, at, limit, named, output } from "./flags.ts"
import { ago, type Column, printAll, printOne, when } from "./print.ts"

type Row = ItemOf<"GET /api/v1/attention">

/** A hash fills the line and says nothing: its beginning names the row as well. */
const shown = (id: string): string => id.replace(/[0-9a-f]{64}/, (hash) => hash.slice(0, 12))

const columns: ReadonlyArray<Column<Row>> = [
  { name: "ID", of: ({ id }) => shown(id) },
  { name: "SEVERITY", of: ({ severity }) => severity },
  { name: "WHAT", of: ({ title }) => title },
  { name: "SINCE", of: ({ since }) => (since === null ? null : ago(since)) },
  { name: "BY", of: ({ deadlineAt }) => when(deadlineAt) },
  { name: "MUTED UNTIL", of: ({ muted }) => when(muted?.until ?? null) },
  { name: "MUTED BY", of: ({ muted }) => muted?.by ?? null }
]

/** Most rows that are looked through for a name. */
const rowsMax = 5_000

/** A row by its id, or by so much of its beginning as names one. */
const idOf = (start: string) =>
  Effect.gen(function* () {
    const found = (yield* askAll("GET /api/v1/attention", {}, rowsMax)).filter(({ id }) => id.startsWith(start))
    const exact = found.filter(({ id }) => id === start)
    const words = { none: `nothing that begins with ${start} needs attention`, several: `rows begin with ${start}` }
    return (yield* theOne(exact.length === 1 ? exact : found, words)).id
  })

const id = named("id", "as attention lists it, or the beginning of it")

const mute = Command.make(
  "mute",
  {
    id,
    hours: Flag.Literals("hours", ["1", "8", "24"]).pipe(
      Flag.withDescription("for so long; it speaks before where it gets worse, or goes away and comes back"),
      Flag.withDefault("8" as const)
    ),
    output
  },
  Effect.fn(function* ({ id: start, hours, output: as }) {
    const params = { id: yield* idOf(start) }
    const { reply } = yield* ask("PUT /api/v1/attention/{id}/mute", { params, body: { hours: Number(hours) } })
    yield* printOne(as, reply, [`${shown(reply.id)} is muted until ${when(reply.until)} UTC, by ${reply.by}`])
  })
).pipe(Command.withDescription("Silence a row for the whole team, for 8 hours if none are named (operator)"))

const unmute = Command.make(
  "unmute",
  { id, output },
  Effect.fn(function* ({ id: start, output: as }) {
    const params = { id: yield* idOf(start) }
    const { reply } = yield* ask("DELETE /api/v1/attention/{id}/mute", { params })
    yield* printOne(as, reply, [`${shown(reply.id)} speaks again`])
  })
).pipe(Command.withDescription("Let a muted row speak again (operator)"))

export const attention = Command.make(
  "attention",
  { output, limit, account, at },
  Effect.fn(function* ({ output: as, limit: max, account: one, at: asOf }) {
    const query = { account: Option.getOrUndefined(one), at: Option.getOrUndefined(asOf) }
    const rows = yield* askAll("GET /api/v1/attention", { query }, max)
    yield* printAll(as, columns, rows, "nothing needs anybody")
    const muted = rows.filter((row) => row.muted !== null).length
    if (as === "table" && muted > 0) yield* Console.error(`${rows.length - muted} need somebody, ${muted} muted`)
  })
).pipe(
  Command.withDescription("List what needs a person, most urgent first; mute a row, or let it speak"),
  Command.withSubcommands([mute, unmute])
)
