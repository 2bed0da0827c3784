/** The lease arithmetic: who may act until when, and from when somebody else may take over. */
import type { Instant } from "../schemas/ids.ts"
import type { Entry } from "../schemas/saga.ts"

/** Wiring of a runner. A takeover waits for the end of the lease and of whatever was sent under it. */
export interface LeaseTerms {
  /** How long an entry holds the saga for its writer, in milliseconds. */
  readonly leaseMs: number
  /** Longest that one call to a cloud may take: a call is only begun while the lease outlasts it. */
  readonly callTimeoutMs: number
  /** How far two machines' clocks may differ. */
  readonly skewMs: number
}

/** Product's terms: a lease outlasts one call and leaves as much again to renew in. */
export const productTerms: LeaseTerms = { leaseMs: 30_000, callTimeoutMs: 15_000, skewMs: 5_000 }

/** Is there lease enough for one more call, from now to its time limit? */
export const outlastsCall = (until: Instant, now: number, terms: LeaseTerms): boolean =>
  now + terms.callTimeoutMs <= until

/** Less than this left of it, a waiting holder renews. */
export const wantsBeat = (until: Instant, now: number, terms: LeaseTerms): boolean => until - now < terms.leaseMs / 2

/**
 * How long another holder still has to be left alone, in milliseconds; 0 = take over. After `until` a request may still
 * be on the wire for one call's time limit, and clocks differ. A holder that let go has nothing on the wire.
 */
export const othersClaimMs = (entry: Entry, now: number, terms: LeaseTerms): number =>
  entry.mark === "let-go" ? 0 : Math.max(0, entry.until + terms.callTimeoutMs + terms.skewMs - now)
