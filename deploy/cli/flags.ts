/** Flags that several commands share. */
import { Argument, Flag } from "effect/cli"
import { outputs } from "./print.ts"

/** What a command is about, and how it is named. */
export const named = (name: string, says: string) => Argument.String(name).pipe(Argument.withDescription(says))
export const output = Flag.Literals("output", outputs).pipe(
  Flag.withAlias("o"),
  Flag.withDescription("table for people, json or ndjson for programs"),
  Flag.withDefault("table" as const)
)
export const account = Flag.String("account").pipe(Flag.withDescription("of this AWS account alone"), Flag.optional)
export const at = Flag.String("at").pipe(
  Flag.withDescription("as of a sequence of the log, or an RFC 3339 time"),
  Flag.optional
)
export const limit = Flag.Int("limit").pipe(Flag.withDescription("at most so many"), Flag.withDefault(50))
/** Why somebody does it: written down for good, and for whoever may see what he did. */
export const because = Flag.String("because").pipe(
  Flag.withAlias("reason"),
  Flag.withDescription("why, in ten characters or more; it is written down")
)
export const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("say what would be done, do nothing"),
  Flag.withDefault(false)
)
