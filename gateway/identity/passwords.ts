/** Passwords, kept so that whoever steals the store still has to try each one at a price. */
import { Context, type Effect, Schema } from "effect"

/** So many are waiting already that waiting longer serves nobody. */
export class TooManyHashes extends Schema.TaggedError<TooManyHashes>()("TooManyHashes", { waiting: Schema.Int }) {}

export class Passwords extends Context.Service<
  Passwords,
  {
    /** The password's hash as a PHC string, with its parameters and salt. */
    readonly hash: (password: string) => Effect.Effect<string, TooManyHashes>
    /** Whether it is the one. Against null (nobody, or nobody with a password) it takes as long and is false. */
    readonly verify: (hash: string | null, password: string) => Effect.Effect<boolean, TooManyHashes>
  }
>()("cloudoptim/Passwords") {}

/** Hashes under way at once: each takes a core for some 30 ms, and Node's pool of four must do other things, too. */
export const hashesAtOnce = 2
/** Hashes that wait for their turn: the last of them waits about two seconds. */
export const hashesWaitingMax = 64
