/** What has run its course is taken out of the vault, so that it holds who is there and not who ever was. */
import { Clock, Effect, Result } from "effect"
import { decodeAs } from "../../schemas/envelope.ts"
import { invitations, type Kind, sessions, throttles } from "./records.ts"
import { endOf } from "./sessions.ts"
import { forgottenAfterMs } from "./throttle.ts"
import type { Vault, VaultDown } from "./vault.ts"

/** How often one looks, in milliseconds. */
export const sweepEveryMs = 10 * 60_000
const dayMs = 24 * 3_600_000
/** A session that is over is remembered for so long: until then a copied token of it is still told from rubbish. */
const endedKeptMs = 7 * dayMs
/** An invitation that is over is still listed for so long. */
const invitationKeptMs = 30 * dayMs
/** Receipts of requests are good for a day. */
const receiptKeptMs = dayMs

interface Rule {
  readonly prefix: string
  readonly isOver: (value: unknown, now: number) => boolean
}
/** What cannot be read is left for a person to look at. */
const rule = <A>({ prefix, schema }: Kind<A>, isOver: (entry: A, now: number) => boolean): Rule => ({
  prefix,
  isOver: (value, now) => {
    const decoded = decodeAs(schema, value)
    return Result.isSuccess(decoded) && isOver(decoded.success, now)
  }
})
const timeIn = (value: unknown): number | undefined => {
  const at = typeof value === "object" && value !== null && "at" in value ? value.at : undefined
  return typeof at === "number" ? at : undefined
}

const rules: ReadonlyArray<Rule> = [
  rule(
    sessions,
    (session, now) => now > (session.endedBecause === null ? endOf(session) : session.usedAt) + endedKeptMs
  ),
  rule(invitations, ({ expiresAt }, now) => now > expiresAt + invitationKeptMs),
  rule(throttles, ({ last }, now) => now > last + forgottenAfterMs),
  { prefix: "receipt", isOver: (value, now) => now > (timeIn(value) ?? now) + receiptKeptMs }
]

/** Takes out what is over, unless somebody writes it at this moment; gives how much that was. */
export const sweep = (vault: Vault["Service"], now: number): Effect.Effect<number, VaultDown> =>
  Effect.gen(function* () {
    let removed = 0
    for (const { prefix, isOver } of rules) {
      for (const [key, { value, revision }] of yield* vault.list(prefix)) {
        if (!isOver(value, now)) continue
        const isGone = yield* vault.remove(key, revision).pipe(
          Effect.as(true),
          Effect.catchTag("VaultMoved", () => Effect.succeed(false))
        )
        if (isGone) removed++
      }
    }
    return removed
  })

/** Sweeps for ever. A store that does not answer is asked again next time. */
export const sweeping = (vault: Vault["Service"]): Effect.Effect<never> =>
  Effect.sleep(sweepEveryMs).pipe(
    Effect.andThen(Effect.flatMap(Clock.currentTimeMillis, (now) => sweep(vault, now))),
    Effect.catchCause((cause) => Effect.logWarning("the vault was not swept", cause)),
    Effect.forever
  )
