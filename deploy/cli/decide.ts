/** Commands that decide: yes and no to plans, the stop switch, and policies from a file. */
import { readFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask, askAll } from "./ask.ts"
import { Ended, theOne } from "./exit.ts"
import { because, dryRun, named, output } from "./flags.ts"
import { counted, printOne, taken, usd } from "./print.ts"

/** A plan by its hash, or by so much of its beginning as names one. */
const planOf = (start: string) =>
  Effect.gen(function* () {
    if (/^[0-9a-f]{64}$/.test(start)) return start
    const all = yield* askAll("GET /api/v1/approvals", {}, 5_000)
    const found = all.filter(({ id }) => id.startsWith(start))
    const words = { none: `no plan begins with ${start}`, several: `plans begin with ${start}` }
    return (yield* theOne(found, words)).id
  })

const deciding = (decision: "approve" | "reject", words: string) =>
  Command.make(
    decision,
    { plan: named("plan", "its hash, as approvals lists it, or its beginning"), because, output, dryRun },
    Effect.fn(function* ({ plan, because, output: as, dryRun: isDry }) {
      const id = yield* planOf(plan)
      const { reply: shown, etag } = yield* ask("GET /api/v1/approvals/{id}", { params: { id } })
      const about = `${shown.moves} moves in ${shown.group} of ${shown.account}, ${usd(shown.monthlySavings)} a month`
      if (isDry) return yield* printOne(as, shown, [`would ${decision}: ${about}`])
      const body = { decision, because }
      const sent = { params: { id }, body, ...(etag === undefined ? {} : { ifMatch: etag }) }
      const { reply } = yield* ask("POST /api/v1/approvals/{id}/decision", sent)
      yield* printOne(as, reply, taken(`${decision} ${about}`, reply.command))
    })
  ).pipe(Command.withDescription(words))

export const approve = deciding("approve", "Say yes to exactly what a plan shows")
export const reject = deciding("reject", "Say no to a plan")

export const command = Command.make(
  "command",
  { id: named("id", "as an order is answered with, or the end of the location in it"), output },
  Effect.fn(function* ({ id, output: as }) {
    const { reply } = yield* ask("GET /api/v1/commands/{id}", { params: { id } })
    yield* printOne(as, reply, [
      `${reply.name}: ${reply.status}`,
      ...reply.facts.map((fact) => `  ${fact.seq} ${fact.says}`)
    ])
  })
).pipe(Command.withDescription("What became of an order"))

export const stop = Command.make(
  "stop",
  {
    how: Flag.Literals("how", ["pause", "halt", "run"]).pipe(
      Flag.withDescription("pause starts nothing new; halt also turns running swaps back; run lifts it"),
      Flag.withDefault("pause" as const)
    ),
    account: Flag.String("account").pipe(Flag.withDescription("this account alone; absent = all"), Flag.optional),
    because,
    output,
    dryRun
  },
  Effect.fn(function* ({ how, account, because, output: as, dryRun: isDry }) {
    const one = Option.getOrUndefined(account)
    const body = { stop: how, because, ...(one === undefined ? {} : { account: one }) }
    if (isDry) return yield* printOne(as, body, [`would set ${how} for ${one ?? "every account"}`])
    const { reply } = yield* ask("POST /api/v1/stop", { body })
    yield* printOne(as, reply, [`${how} was asked for ${counted(reply.commands.length, "account")}`])
  })
).pipe(Command.withDescription("The stop switch, of one account or of all"))

/** A word about one swap, with its reason; `wish` completes "would" and "doing" in what is printed. */
const aboutSwap = (name: "abort" | "retry", wish: string, doing: string) =>
  Command.make(
    name,
    { swap: named("swap", "its id, as sagas lists it"), because, output, dryRun },
    Effect.fn(function* ({ swap: id, because, output: as, dryRun: isDry }) {
      const { reply: saga } = yield* ask("GET /api/v1/sagas/{id}", { params: { id } })
      const about = `swap ${id} of ${saga.old} in ${saga.group}, at ${saga.step}`
      if (isDry) return yield* printOne(as, saga, [`would ${wish} ${about}`])
      const { reply } = yield* ask(`POST /api/v1/sagas/{id}/${name}` as const, { params: { id }, body: { because } })
      yield* printOne(as, reply, taken(`${doing} ${about}`, reply.command))
    })
  )
export const abort = aboutSwap("abort", "turn back", "turning back").pipe(
  Command.withDescription("Turn one swap back, as long as its old instance still serves")
)
export const retry = aboutSwap("retry", "go on with", "going on with").pipe(
  Command.withDescription("Let a stuck swap go on, once what stopped it is mended")
)

const file = Flag.String("file").pipe(
  Flag.withAlias("f"),
  Flag.withDescription("JSON: {account, policy: {...}}, or an array of them")
)
interface Wish {
  readonly account: string
  readonly policy: unknown
}
const isWish = (value: unknown): value is Wish =>
  typeof value === "object" &&
  value !== null &&
  "account" in value &&
  typeof value.account === "string" &&
  "policy" in value

const wishesIn = (path: string): Effect.Effect<ReadonlyArray<Wish>, Ended> =>
  Effect.try({
    try: () => {
      const read: unknown = JSON.parse(readFileSync(path, "utf8"))
      const all = Array.isArray(read) ? read : [read]
      if (!all.every(isWish)) throw new Error("each must be {account, policy}")
      return all
    },
    catch: (cause) => new Ended({ exit: "usage", says: `${path}: ${cause instanceof Error ? cause.message : cause}` })
  })

/** Sends each wish on the version that stands, and says what changes. */
const sent = (path: string, isDry: boolean, because: string) =>
  Effect.gen(function* () {
    const results: Array<{ account: string; version: number; changes: ReadonlyArray<string> }> = []
    for (const { account, policy } of yield* wishesIn(path)) {
      const params = { account }
      const { etag } = yield* ask("GET /api/v1/policies/{account}", { params })
      const body = { policy, because }
      const query = { dryRun: "true" }
      const planned = yield* ask("PUT /api/v1/policies/{account}", { params, query, body, ifMatch: etag ?? "" })
      const { changes, version } = planned.reply
      if (!isDry && changes.length > 0)
        yield* ask("PUT /api/v1/policies/{account}", { params, body, ifMatch: etag ?? "" })
      results.push({ account, version, changes })
    }
    return results
  })
const linesOf = (results: ReadonlyArray<{ account: string; version: number; changes: ReadonlyArray<string> }>) =>
  results.flatMap(({ account, version, changes }) =>
    changes.length === 0
      ? [`${account}: nothing to change`]
      : [`${account}: version ${version}`, ...changes.map((change) => `  ${change}`)]
  )

const comparing = (name: "plan" | "diff", words: string) =>
  Command.make(
    name,
    { file, output },
    Effect.fn(function* ({ file: path, output: as }) {
      const results = yield* sent(path, true, "what would change, asked on the command line")
      yield* printOne(as, results, linesOf(results))
      const changes = results.reduce((sum, one) => sum + one.changes.length, 0)
      if (changes > 0) return yield* new Ended({ exit: "no", says: counted(changes, "change") })
    })
  ).pipe(Command.withDescription(words))

export const plan = comparing("plan", "What apply would change; exit 1 where there is anything")
export const diff = comparing("diff", "The same as plan")
export const apply = Command.make(
  "apply",
  { file, because, output, dryRun },
  Effect.fn(function* ({ file: path, because, output: as, dryRun: isDry }) {
    const results = yield* sent(path, isDry, because)
    yield* printOne(as, results, linesOf(results))
  })
).pipe(Command.withDescription("Set policies from a file"))
