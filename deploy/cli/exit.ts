/** How the command line ends: one number for each way, stable for scripts. */
import { Effect, Runtime, Schema } from "effect"

/** 1 is an answer, not a failure: `diff` found a difference, `verify` a fault, `doctor` something missing. */
export const exits = {
  ok: 0,
  no: 1,
  usage: 2,
  signedOut: 3,
  forbidden: 4,
  notFound: 5,
  changed: 6,
  unreachable: 7,
  failed: 8
} as const

export const exitHelp = `Exit codes: 0 done, 1 the answer is no (a difference, a fault, something missing),
2 wrong usage, 3 not signed in, 4 not allowed, 5 not there, 6 changed meanwhile, 7 nobody answers, 8 anything else.`

/** Why a command ends early: one sentence for the person, one number for the script. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", {
  exit: Schema.Literals(["no", "usage", "signedOut", "forbidden", "notFound", "changed", "unreachable", "failed"]),
  says: Schema.String
}) {
  override get message() {
    return this.says
  }
  override get [Runtime.errorExitCode](): number {
    return exits[this.exit]
  }
}

/** What a beginning names; where it names none, or several, the command ends with these words. */
export const theOne = <A>(
  found: ReadonlyArray<A>,
  words: { readonly none: string; readonly several: string }
): Effect.Effect<A, Ended> => {
  const [one] = found
  if (one !== undefined && found.length === 1) return Effect.succeed(one)
  return Effect.fail(
    one === undefined
      ? new Ended({ exit: "notFound", says: words.none })
      : new Ended({ exit: "usage", says: `${found.length} ${words.several}: say more` })
  )
}

/** Which of them a status of the API is. */
export const exitOf = (status: number): Ended["exit"] => {
  if (status === 401) return "signedOut"
  if (status === 403) return "forbidden"
  if (status === 404) return "notFound"
  if (status === 409 || status === 412 || status === 428) return "changed"
  if (status === 400 || status === 415 || status === 422) return "usage"
  return status === 429 || status === 503 ? "unreachable" : "failed"
}
