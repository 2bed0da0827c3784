/**
 * From the world's plain answers to a port's effects: the host's wire decides how long an answer takes and whether it
 * comes.
 */
import { Effect } from "effect"
import { type CloudRefusal, refusal } from "../cloud-refusal.ts"
import type { Call, Caller, Calls, Inner } from "../port.ts"
import type { Ground } from "./ground.ts"
import type { Answer, World } from "./world.ts"

/**
 * How a call travels. `far` is plain code of the world that never throws a refusal; it runs at most once, whatever
 * becomes of the caller. A lost answer fails with `CloudOptim.NoAnswer` on `label`.
 */
export interface Wire {
  readonly call: <A>(far: () => A, label: string) => Effect.Effect<A, CloudRefusal>
}

/** One plain function per call of the table. */
export type Plain<C extends Calls> = {
  readonly [K in keyof C]: C[K] extends Call<infer I, infer O> ? (w: Ground, input: I, caller: Caller) => O : never
}

export const innerOf = <C extends Calls>(
  api: string,
  calls: C,
  plain: Plain<C>,
  world: World,
  wire: Wire
): Inner<C> => {
  const made: Record<string, (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>> = {}
  for (const [name, call] of Object.entries(calls)) {
    const run = plain[name] as (w: Ground, input: unknown, caller: Caller) => unknown
    const label = call.writes ?? `${api}:${name}`
    made[name] = (input, caller) =>
      Effect.flatMap(
        wire.call((): Answer<unknown> => {
          const asked = { api, name, action: call.writes, input }
          return world.answer(asked, caller, (w) => run(w, input, caller))
        }, label),
        (answer) =>
          "no" in answer
            ? Effect.fail(refusal(answer.no.call ?? label, answer.no.code, answer.no.details))
            : Effect.succeed(answer.ok)
      )
  }
  return made as Inner<C>
}
