/** Commands that look: lists of everything, one thing's explanation or trace, and the tail of what is being said. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { ask, askAll, bearerOf, signed } from "./ask.ts"
import { Ended } from "./exit.ts"
import { ago, bold, clean, dim, outputs, printAll, printOne, usd, when } from "./print.ts"
import { remembered } from "./remembered.ts"

export const output = Flag.Literals("output", outputs).pipe(
  Flag.withAlias("o"),
  Flag.withDescription("table for people, json or ndjson for programs"),
  Flag.withDefault("table" as const)
)
const max = Flag.Int("limit").pipe(Flag.withDescription("at most so many"), Flag.withDefault(50))
const account = Flag.String("account").pipe(Flag.withDescription("of this AWS account alone"), Flag.optional)
const at = Flag.String("at").pipe(
  Flag.withDescription("as of a sequence of the log, or an RFC 3339 time"),
  Flag.optional
)
const scope = { output, limit: max, account, at }
interface Scope {
  readonly account: Option.Option<string>
  readonly at: Option.Option<string>
}
const queryOf = (one: Scope) => ({ account: Option.getOrUndefined(one.account), at: Option.getOrUndefined(one.at) })
const linkTo = (path: string) => Console.error(dim(`${remembered().url}${path}`))

export const accounts = Command.make(
  "accounts",
  scope,
  Effect.fn(function* (one) {
    const rows = yield* askAll("GET /api/v1/accounts", { query: queryOf(one) }, one.limit)
    yield* printAll(
      one.output,
      [
        { name: "ACCOUNT", of: (row) => row.account },
        { name: "NAME", of: (row) => row.name },
        { name: "MODE", of: (row) => row.mode },
        { name: "STATUS", of: (row) => row.reason ?? row.status },
        { name: "STOP", of: (row) => row.stop },
        { name: "GROUPS", of: (row) => row.groups, isFigure: true },
        { name: "INSTANCES", of: (row) => row.instances, isFigure: true },
        { name: "SPOT", of: (row) => row.spot, isFigure: true }
      ],
      rows,
      "no account is connected: cloudoptim up connects the demonstration's, the dashboard yours"
    )
  })
).pipe(Command.withDescription("List connected accounts"))

export const groups = Command.make(
  "groups",
  scope,
  Effect.fn(function* (one) {
    const rows = yield* askAll("GET /api/v1/groups", { query: queryOf(one) }, one.limit)
    yield* printAll(
      one.output,
      [
        { name: "ID", of: (row) => row.id },
        { name: "GROUP", of: (row) => row.group },
        { name: "MEMBERS", of: (row) => row.inService, isFigure: true },
        { name: "SPOT", of: (row) => row.spot, isFigure: true },
        { name: "WHY", of: (row) => row.because },
        { name: "DETAILS", of: (row) => row.details }
      ],
      rows,
      "no group has been seen"
    )
  })
).pipe(Command.withDescription("List Auto Scaling groups and why each is as it is"))

export const sagas = Command.make(
  "sagas",
  {
    ...scope,
    status: Flag.Literals("status", ["running", "ended", "done", "undone", "refused", "stuck"]).pipe(Flag.optional)
  },
  Effect.fn(function* (one) {
    const query = { ...queryOf(one), status: Option.getOrUndefined(one.status) }
    const rows = yield* askAll("GET /api/v1/sagas", { query }, one.limit)
    yield* printAll(
      one.output,
      [
        { name: "SWAP", of: (row) => row.id },
        { name: "GROUP", of: (row) => row.group },
        { name: "STATUS", of: (row) => row.status },
        { name: "STEP", of: (row) => `${row.step} ${row.stepIndex}/${row.stepCount}` },
        { name: "FROM", of: (row) => row.oldType },
        { name: "TO", of: (row) => row.newType },
        { name: "ZONE", of: (row) => row.zone },
        { name: "SAVES/H", of: (row) => usd(row.hourlySavings), isFigure: true },
        { name: "STARTED", of: (row) => ago(row.startedAt) }
      ],
      rows,
      "no swap has been ordered"
    )
  })
).pipe(Command.withDescription("List swaps, newest first"))

export const approvals = Command.make(
  "approvals",
  scope,
  Effect.fn(function* (one) {
    const rows = yield* askAll("GET /api/v1/approvals", { query: queryOf(one) }, one.limit)
    yield* printAll(
      one.output,
      [
        { name: "PLAN", of: (row) => row.id.slice(0, 12) },
        { name: "GROUP", of: (row) => row.group },
        { name: "STATUS", of: (row) => row.status },
        { name: "MOVES", of: (row) => row.moves, isFigure: true },
        { name: "SAVES/MONTH", of: (row) => usd(row.monthlySavings), isFigure: true },
        { name: "EXPIRES", of: (row) => when(row.expiresAt) }
      ],
      rows,
      "nothing waits for a yes"
    )
  })
).pipe(Command.withDescription("List plans on the desks"))

export const explain = Command.make(
  "explain",
  { id: Argument.String("decision"), output, at },
  Effect.fn(function* ({ id, output: as, at: asOf }) {
    const query = { at: Option.getOrUndefined(asOf) }
    const { reply } = yield* ask("GET /api/v1/explain/{id}", { params: { id }, query })
    const mark = (passed: boolean) => (passed ? "holds" : "FAILS")
    yield* printOne(as, reply, [
      bold(reply.outcome),
      `at ${when(reply.at)} UTC, sequence ${reply.seq}`,
      ...reply.inputs.map(
        (one) => `  ${one.name}: ${one.value} (${one.source}${one.ageMs === null ? "" : `, ${one.ageMs} ms old`})`
      ),
      ...reply.layers.map(
        (one) => `  ${one.layer}. ${one.rule}: ${one.actual}, needs ${one.threshold}: ${mark(one.passed)}`
      ),
      ...reply.candidates.slice(0, 20).map((one) => `  ${one.instanceType} in ${one.zone}: ${one.reason}`),
      ...(reply.counterfactual === "" ? [] : [`what would change it: ${reply.counterfactual}`]),
      ...(reply.rerunAgrees === null
        ? []
        : [`run again: ${reply.rerunAgrees ? "the same" : "ANOTHER"} digest ${reply.rerunHash}`])
    ])
    if (reply.rerunAgrees === false) return yield* new Ended({ exit: "no", says: "run again, it comes out otherwise" })
  })
).pipe(Command.withDescription("Why, or why not: by sequence, plan hash, group id or swap"))

export const trace = Command.make(
  "trace",
  { id: Argument.String("id"), output },
  Effect.fn(function* ({ id, output: as }) {
    const { reply } = yield* ask("GET /api/v1/traces/{id}", { params: { id } })
    const lines = reply.hops.map(
      ({ event, depth, waitedMs }) =>
        `${String(event.seq).padStart(8)} ${when(event.at)} ${"  ".repeat(Math.min(depth, 12))}${event.says}` +
        (waitedMs === null ? "" : dim(` +${waitedMs} ms`))
    )
    yield* printOne(as, reply, [...lines, ...(reply.isCutOff ? ["there is more than is shown"] : [])])
    yield* linkTo(`/trace/${encodeURIComponent(id)}`)
  })
).pipe(Command.withDescription("Everything that one thing came from and led to"))

interface Event {
  readonly seq: number
  readonly at: number
  readonly account: string
  readonly says: string
  readonly severity: string
}
const printed = (as: (typeof outputs)[number], line: string) => {
  if (as !== "table") return Console.log(line)
  const event = JSON.parse(line) as Event
  const says = `${event.account.padEnd(12)} ${event.says}`
  return Console.log(clean(`${String(event.seq).padStart(8)} ${when(event.at)} ${says}`))
}

/** Lines of a body as they come. What is no event, as a heartbeat, is passed over. */
const eachLine = (answer: Response, each: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    let rest = ""
    for (;;) {
      const chunk = yield* Effect.tryPromise({
        try: () => reader.read(),
        catch: () => new Ended({ exit: "unreachable", says: "the stream broke: --after SEQ goes on from there" })
      })
      if (chunk.done) return
      const lines = (rest + chunk.value).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) if (line.startsWith('{"seq"')) yield* each(line)
    }
  })

export const tail = Command.make(
  "tail",
  {
    output,
    topics: Flag.String("topics").pipe(Flag.withDescription("names or owners, by comma"), Flag.optional),
    account,
    after: Flag.Int("after").pipe(Flag.withDescription("first what came after this sequence"), Flag.optional)
  },
  Effect.fn(function* (one) {
    const { url } = remembered()
    const search = new URLSearchParams()
    const asked = { topics: one.topics, account: one.account, after: Option.map(one.after, String) }
    for (const [name, value] of Object.entries(asked)) if (Option.isSome(value)) search.set(name, value.value)
    const headers = { accept: "application/x-ndjson", ...bearerOf(remembered()) }
    const answer = yield* signed(`${url}/api/v1/stream?${search}`, { headers })
    if (!answer.ok) {
      return yield* new Ended({
        exit: answer.status === 401 ? "signedOut" : "failed",
        says: yield* Effect.promise(() => answer.text())
      })
    }
    yield* eachLine(answer, (line) => printed(one.output, line))
  })
).pipe(Command.withDescription("Follow what is being said, until Ctrl-C"))
