/** Commands about instances: the list of them, and keeping one from every plan. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask, askAll, type ItemOf } from "./ask.ts"
import { account, at, because, limit, named, output } from "./flags.ts"
import { type Column, printAll, printOne, taken, usdPerHour } from "./print.ts"

type Instance = ItemOf<"GET /api/v1/instances">

const columns: ReadonlyArray<Column<Instance>> = [
  { name: "INSTANCE", of: (row) => row.instance },
  { name: "GROUP", of: (row) => row.group },
  { name: "TYPE", of: (row) => row.instanceType },
  { name: "ZONE", of: (row) => row.zone },
  { name: "BOUGHT AS", of: (row) => row.lifecycle },
  { name: "STATE", of: (row) => (row.excluded ? `${row.state}, excluded` : row.state) },
  { name: "COST/H", of: ({ hourly }) => (hourly === null ? null : usdPerHour(hourly)), isFigure: true },
  { name: "SAFETY", of: (row) => row.safetyScore?.toFixed(3) ?? null, isFigure: true }
]

const word = {
  id: named("id", "as instances lists it: i-0123456789abcdef0"),
  because,
  output
}

/** An edit of the policy of the instance's account: the desk closes a plan that would take it. */
const edit = (name: "exclude" | "include", excluded: boolean, about: string) =>
  Command.make(
    name,
    word,
    Effect.fn(function* ({ id, because, output: as }) {
      const { reply } = yield* ask("PATCH /api/v1/instances/{id}", { params: { id }, body: { excluded, because } })
      const what = `${name} ${id}, by version ${reply.version} of its account's policy`
      const isSo = reply.changes.length === 0
      yield* printOne(as, reply, isSo ? [`${id} is so already: nothing was ordered`] : taken(what, reply.command))
    })
  ).pipe(Command.withDescription(about))

const evaluate = Command.make(
  "evaluate",
  { id: word.id, output },
  Effect.fn(function* ({ id, output: as }) {
    const { reply } = yield* ask("POST /api/v1/instances/{id}/evaluate", { params: { id } })
    yield* printOne(as, reply, taken(`looking at the group of ${id} again`, reply.command))
  })
).pipe(Command.withDescription("Have its group looked at again now"))

export const instances = Command.make(
  "instances",
  {
    output,
    limit,
    account,
    at,
    group: Flag.String("group").pipe(Flag.withDescription("only members of this group, by name or id"), Flag.optional),
    lifecycle: Flag.Literals("lifecycle", ["spot", "on-demand"]).pipe(
      Flag.withDescription("only those bought so"),
      Flag.optional
    )
  },
  Effect.fn(function* ({ output: as, limit, ...asked }) {
    const query = Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [name, Option.getOrUndefined<string>(value)])
    )
    const rows = yield* askAll("GET /api/v1/instances", { query }, limit)
    yield* printAll(as, columns, rows, "no such instance is a member of a group that was seen")
  })
).pipe(
  Command.withDescription("List instances with what they cost; exclude one from every plan"),
  Command.withSubcommands([
    edit("exclude", true, "Keep it from every plan: no swap takes it away"),
    edit("include", false, "Let plans take it again"),
    evaluate
  ])
)
