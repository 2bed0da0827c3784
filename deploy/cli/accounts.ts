/** Commands about accounts: the list of them, what a role has to trust, connecting, trying the door, and leaving. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask } from "./ask.ts"
import { Ended } from "./exit.ts"
import { because, dryRun, named, output } from "./flags.ts"
import { accounts as list } from "./lists.ts"
import { type Column, counted, printAll, printOne, type Output, taken } from "./print.ts"

const id = named("account", "its number, twelve digits")
const trust = Command.make(
  "trust",
  { output },
  Effect.fn(function* ({ output: as }) {
    const { reply } = yield* ask("GET /api/v1/accounts/trust")
    const { externalId, principal, trustPolicy } = reply
    yield* printOne(as, reply, [
      `external id: ${externalId}`,
      `principal:   ${principal ?? "not set: whoever runs this service names it in TRUST_PRINCIPAL"}`,
      ...(trustPolicy === null ? [] : ["trust policy of the role:", ...trustPolicy.split("\n")])
    ])
  })
).pipe(Command.withDescription("What a role has to trust before its account is connected"))

const connect = Command.make(
  "connect",
  {
    account: id,
    role: Flag.String("role").pipe(
      Flag.withDescription("ARN of the role that we assume; absent: the service's own credentials, as super admin"),
      Flag.optional
    ),
    regions: Flag.String("regions").pipe(
      Flag.withDescription("by comma, as us-east-1,eu-west-1"),
      Flag.withDefault("us-east-1")
    ),
    name: Flag.String("name").pipe(Flag.withDescription("as people call it; absent: its number"), Flag.optional),
    environment: Flag.Literals("environment", ["PROD", "LAB"]).pipe(
      Flag.withDescription("interruptions of LAB teach nobody"),
      Flag.withDefault("PROD" as const)
    ),
    output,
    dryRun
  },
  Effect.fn(function* ({ account, role, regions, name, environment, output: as, dryRun: isDry }) {
    const body = {
      account,
      name: Option.getOrElse(name, () => account),
      regions: regions.split(",").filter((region) => region !== ""),
      environment,
      roleArn: Option.getOrNull(role)
    }
    const what = `connecting ${account} in mode observe`
    if (isDry) return yield* printOne(as, body, [`would ask for ${what}: ${body.regions.join(" ")}`])
    const { reply } = yield* ask("POST /api/v1/accounts", { body })
    yield* printOne(as, reply, [...taken(what, reply.command), `cloudoptim accounts verify ${account} tries its door`])
  })
).pipe(Command.withDescription("Connect an account by the role that it trusts us with (owner)"))

const disconnect = Command.make(
  "disconnect",
  {
    account: id,
    because,
    output,
    dryRun
  },
  Effect.fn(function* ({ account, because, output: as, dryRun: isDry }) {
    const params = { account }
    if (isDry) {
      const { reply } = yield* ask("GET /api/v1/accounts/{account}", { params })
      const { name, groups, instances } = reply
      return yield* printOne(as, reply, [`would disconnect ${name}: ${groups} groups, ${instances} instances`])
    }
    const { reply } = yield* ask("DELETE /api/v1/accounts/{account}", { params, body: { because } })
    yield* printOne(as, reply, taken(`disconnecting ${account}`, reply.command))
  })
).pipe(Command.withDescription("Leave an account: nobody reads it, nothing begins in it; its history stays (owner)"))

const answerOf = (account: string) =>
  Effect.map(ask("GET /api/v1/accounts/{account}", { params: { account } }), ({ reply }) => reply.verified)
type Verified = NonNullable<Effect.Success<ReturnType<typeof answerOf>>>
type Check = Verified["checks"][number]

const columns: ReadonlyArray<Column<Check>> = [
  { name: "CHECK", of: ({ check }) => check },
  { name: "OK", of: ({ ok }) => (ok === null ? "not tried" : ok ? "yes" : "NO") },
  { name: "DETAILS", of: ({ details }) => details }
]

const pollMs = 500
/** The first answer that is younger than the order. */
const answerAfter = (account: string, seq: number, waitMs: number) =>
  Effect.gen(function* () {
    for (let waited = 0; waited <= waitMs; waited += pollMs) {
      const found = yield* answerOf(account)
      if (found !== null && found.seq > seq) return found
      yield* Effect.sleep(pollMs)
    }
    const says = `nobody has tried ${account} within ${waitMs / 1_000} s: cloudoptim status tells who could.`
    return yield* new Ended({ exit: "unreachable", says })
  })

const printed = (as: Output, verified: Verified) =>
  as === "table" ? printAll<Check>(as, columns, verified.checks, "nothing was tried") : printOne(as, verified, [])

const verify = Command.make(
  "verify",
  {
    account: id,
    wait: Flag.Int("wait").pipe(Flag.withDescription("seconds to wait for the answer"), Flag.withDefault(60)),
    output
  },
  Effect.fn(function* ({ account, wait, output: as }) {
    const { reply } = yield* ask("POST /api/v1/accounts/{account}/verify", { params: { account } })
    const verified = yield* answerAfter(account, reply.seq, wait * 1_000)
    yield* printed(as, verified)
    const failed = verified.checks.filter(({ ok }) => ok === false)
    if (as === "table") {
      for (const { check, mend } of failed) yield* Console.error(`${check}: ${mend ?? "look at its details"}`)
    }
    if (failed.length > 0) return yield* new Ended({ exit: "no", says: `${counted(failed.length, "check")} failed` })
  })
).pipe(Command.withDescription("Try an account's role and reads now, and wait for the answer; exit 1 where one fails"))

export const accounts = list.pipe(
  Command.withDescription("List connected accounts; connect, verify or disconnect one, or see what roles trust"),
  Command.withSubcommands([trust, connect, verify, disconnect])
)
