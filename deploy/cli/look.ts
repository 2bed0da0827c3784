/** Commands that look closely: one thing's explanation or trace, and the tail of what is being said. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask, bearerOf, endedOf, signed } from "./ask.ts"
import { Ended } from "./exit.ts"
import { account, at, named, output } from "./flags.ts"
import { bold, clean, dim, type Output, printOne, when } from "./print.ts"
import { remembered } from "./remembered.ts"

const linkTo = (path: string) => Console.error(dim(`${remembered().url}${path}`))

export const explain = Command.make(
  "explain",
  { id: named("decision", "a sequence of the log, a plan's hash, a group's id or a swap's"), output, at },
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
        : [`${reply.rerunSays}: ${reply.rerunAgrees ? "the same" : "ANOTHER"} digest ${reply.rerunHash}`])
    ])
    if (reply.rerunAgrees === false) return yield* new Ended({ exit: "no", says: "run again, it comes out otherwise" })
  })
).pipe(Command.withDescription("Why, or why not: by sequence, plan hash, group id or swap"))

export const trace = Command.make(
  "trace",
  { id: named("id", "a swap's id, a plan's hash, an instance or a sequence of the log"), output },
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
const printed = (as: Output, line: string) => {
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
    if (!answer.ok) return yield* endedOf(answer.status, yield* Effect.promise(() => answer.text()))
    yield* eachLine(answer, (line) => printed(one.output, line))
  })
).pipe(Command.withDescription("Follow what is being said, until Ctrl-C"))
