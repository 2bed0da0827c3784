/** Signing in on the command line, and out again: what is typed is not shown, and only tokens are kept. */
import { Console, Effect, Option, Redacted } from "effect"
import { Command, Flag, Prompt } from "effect/cli"
import { ask } from "./ask.ts"
import { Ended } from "./exit.ts"
import { configFile, remember, remembered } from "./remembered.ts"

const url = Flag.String("url").pipe(Flag.withDescription("where the gateway is"), Flag.optional)
const key = Flag.Redacted("api-key").pipe(Flag.withDescription("an API key instead of a person"), Flag.optional)
const email = Flag.String("email").pipe(Flag.withDescription("address to sign in with"), Flag.optional)
const secret = Flag.Redacted("first-admin").pipe(
  Flag.withDescription("the secret of the first start: makes the first administrator"),
  Flag.optional
)

/** Nothing is asked where nobody could answer: `mend` says what else there is. */
const asked = <A, E, R>(what: string, mend: string, prompt: Effect.Effect<A, E, R>) =>
  process.stdin.isTTY === true
    ? prompt
    : Effect.fail(new Ended({ exit: "usage", says: `there is no terminal to type ${what} on: ${mend}` }))

/** From CLOUDOPTIM_PASSWORD, so that it stands in no command's arguments, else typed. */
const passwordOf = Effect.gen(function* () {
  const given = process.env["CLOUDOPTIM_PASSWORD"]
  if (given !== undefined) return given
  const typed = yield* asked("a password", "set CLOUDOPTIM_PASSWORD", Prompt.Password({ message: "Password" }))
  return Redacted.value(typed)
})
const emailOf = (given: Option.Option<string>) =>
  Option.isSome(given)
    ? Effect.succeed(given.value)
    : asked("an address", "name it with --email", Prompt.String({ message: "E-mail" }))

export const login = Command.make(
  "login",
  { url, key, email, secret },
  Effect.fn(function* (one) {
    const at = (Option.getOrUndefined(one.url) ?? remembered().url).replace(/\/+$/, "")
    if (!URL.canParse(at))
      return yield* new Ended({ exit: "usage", says: `--url takes an address like http://127.0.0.1:8000, not ${at}` })
    process.env["CLOUDOPTIM_URL"] = at
    if (Option.isSome(one.key)) {
      const value = Redacted.value(one.key.value)
      process.env["CLOUDOPTIM_API_KEY"] = value
      const { reply } = yield* ask("GET /api/v1/auth/me")
      remember({ url: at, key: value })
      return yield* Console.log(`key ${reply.key?.name ?? ""} of tenant ${reply.tenant}: ${reply.scopes.join(", ")}`)
    }
    const address = yield* emailOf(one.email)
    const password = yield* passwordOf
    const as = "token" as const
    const { reply } = Option.isSome(one.secret)
      ? yield* ask("POST /api/v1/auth/first-admin", {
          body: { secret: Redacted.value(one.secret.value), email: address, name: address, password, as }
        })
      : yield* ask("POST /api/v1/auth/login", { body: { email: address, password, as } })
    remember({ url: at, access: reply.accessToken ?? "", refresh: reply.refreshToken ?? "" })
    yield* Console.log(`signed in as ${address}, ${reply.me.role} of tenant ${reply.me.tenant}`)
  })
).pipe(
  Command.withDescription(
    `Sign in; what proves it is kept in ${configFile().replace(process.env["HOME"] ?? "\n", "~")}`
  )
)

export const logout = Command.make(
  "logout",
  {},
  Effect.fn(function* () {
    const { url: at } = remembered()
    // signed out here, whatever becomes of it there
    yield* Effect.ignore(ask("POST /api/v1/auth/logout"))
    remember({ url: at })
    yield* Console.log("signed out")
  })
).pipe(Command.withDescription("Sign out"))

export const whoami = Command.make(
  "whoami",
  {},
  Effect.fn(function* () {
    const { reply } = yield* ask("GET /api/v1/auth/me")
    yield* Console.log(`${reply.user?.email ?? `key ${reply.key?.name}`}, ${reply.role} of tenant ${reply.tenant}`)
  })
).pipe(Command.withDescription("Who one is"))
