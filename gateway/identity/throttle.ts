/** Who has failed too often waits: each further failure doubles the wait, for an address as for an account. */
import { Effect } from "effect"
import { ipKeyGenerator } from "express-rate-limit"
import type { Refused } from "../refused.ts"
import { hashed, type Throttled, throttles } from "./records.ts"
import { change, glance } from "./shelf.ts"
import type { Vault } from "./vault.ts"
import { tooOften, vaultDown } from "./why.ts"

type Failures = typeof Throttled.Type

/** Failures that cost nothing: of an account five; of an address more, as a whole office may share one. */
export const freeFailures = { account: 5, address: 20 } as const
/** The longest wait, in milliseconds: long against trying out, short for whoever is locked out by others. */
const waitMaxMs = 5 * 60_000
/** Failures are forgotten when none has come for so long. */
export const forgottenAfterMs = 30 * 60_000
/** Most that are remembered at once; the oldest are forgotten first. */
const knownMax = 50_000

const waitOf = (failures: number, free: number): number =>
  failures < free ? 0 : Math.min(waitMaxMs, 1_000 * 2 ** Math.min(20, failures - free))
const leftMs = (of: Failures | undefined, free: number, now: number): number => {
  if (of === undefined || now - of.last > forgottenAfterMs) return 0
  const wait = waitOf(of.failures, free)
  // whatever the clock of another process says, nobody waits longer than this
  return wait === 0 ? 0 : Math.min(waitMaxMs, of.last + wait - now)
}
const oneMore = (before: Failures | undefined, now: number): Failures => ({
  failures: (before === undefined || now - before.last > forgottenAfterMs ? 0 : before.failures) + 1,
  last: now
})

export interface Attempt {
  /** Whoever is signing in: an address, known here or not. */
  readonly account: string
  /** Network address that he comes from. */
  readonly from: string
  readonly now: number
}

export interface Throttle {
  /**
   * Counts an attempt as failed before it is judged, so that a hundred at once are a hundred; fails with 429 where one
   * has to wait.
   */
  readonly enter: (attempt: Attempt) => Effect.Effect<void, Refused>
  /**
   * It has succeeded: the account's failures are forgotten, and this attempt is none of the address's. Those before it
   * stay: whoever tries out others may have one good account of his own.
   */
  readonly succeeded: (attempt: Attempt) => Effect.Effect<void, Refused>
}

const remember = (known: Map<string, Failures>, key: string, failures: Failures) => {
  known.delete(key)
  known.set(key, failures)
  if (known.size > knownMax) for (const [oldest] of known) return void known.delete(oldest)
}

/**
 * A throttle; what an account has beyond its free failures stands in the vault and outlives the process. From where
 * somebody has signed in to an account its failures are counted apart: nobody elsewhere can keep him out.
 */
export const makeThrottle = (vault: Vault["Service"]): Throttle => {
  const known = new Map<string, Failures>()
  const trusted = new Map<string, Failures>()
  const keysOf = ({ account, from }: Attempt) => {
    const address = ipKeyGenerator(from)
    const pair = hashed("pair", account.toLowerCase(), address)
    return { account: hashed("account", account.toLowerCase()), address: hashed("address", address), pair }
  }
  const enter = (attempt: Attempt) =>
    Effect.gen(function* () {
      const { now } = attempt
      const { account, address, pair } = keysOf(attempt)
      const isTrusted = trusted.has(pair)
      const counted = isTrusted ? pair : account
      const kept = isTrusted ? undefined : yield* glance(vault, throttles, account)
      const own = known.get(counted)
      const failures = (kept?.failures ?? 0) > (own?.failures ?? 0) ? kept : own
      const waits = [leftMs(failures, freeFailures.account, now), leftMs(known.get(address), freeFailures.address, now)]
      const waitMs = Math.max(...waits)
      if (waitMs > 0) return yield* tooOften(Math.ceil(waitMs / 1_000))
      const next = oneMore(failures, now)
      remember(known, counted, next)
      remember(known, address, oneMore(known.get(address), now))
      if (isTrusted || next.failures < freeFailures.account) return
      yield* change(vault, throttles, account, (before) =>
        Effect.succeed((before?.failures ?? 0) < next.failures ? next : oneMore(before, now))
      )
    })
  const succeeded = (attempt: Attempt) =>
    Effect.gen(function* () {
      const { account, address, pair } = keysOf(attempt)
      known.delete(account)
      known.delete(pair)
      remember(trusted, pair, { failures: 0, last: attempt.now })
      const counted = known.get(address)
      if (counted !== undefined) remember(known, address, { ...counted, failures: Math.max(0, counted.failures - 1) })
      const kept = yield* Effect.mapError(vault.get(throttles.of(account)), vaultDown)
      if (kept !== undefined) yield* Effect.ignore(vault.remove(throttles.of(account), kept.revision))
    })
  return { enter, succeeded }
}
