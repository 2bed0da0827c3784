/**
 * The one formula of savings: a swap that is done saves its hourly savings each hour from then on. What was saved by an
 * instant is the sum of that, rounded down once to whole micro-dollars; what was saved between two instants is the
 * difference. So every figure, of a month or of a bucket of a chart, adds up to the ledger's own to the micro-dollar.
 */

/** What the ledger knows of a swap that is done: when, and micro-dollars an hour. */
export interface Saving {
  readonly at: number
  readonly hourly: number
}

/** Millisecond-micro-dollars, exact: whole hours of them are micro-dollars. */
export type Exact = bigint

const hourMs = 3_600_000n

/** Hours in a month as AWS counts them: 365 x 24 / 12. Source: AWS Pricing Calculator, "assumptions". */
export const hoursPerMonth = 730

/** Micro-dollars a month, of micro-dollars an hour. */
export const monthly = (hourly: number): number => hourly * hoursPerMonth

/** Before rounding: how far each has come by then. */
export const exactBy = (savings: ReadonlyArray<Saving>, then: number): Exact =>
  savings.reduce((sum, { at, hourly }) => (at < then ? sum + BigInt(hourly) * BigInt(then - at) : sum), 0n)

/** Rounded down, also below zero: then differences of what is equally rounded add up. */
export const rounded = (exact: Exact): number => {
  const whole = exact / hourMs
  return Number(exact % hourMs < 0n ? whole - 1n : whole)
}

/** Micro-dollars saved by that instant since the first swap. */
export const savedBy = (savings: ReadonlyArray<Saving>, then: number): number => rounded(exactBy(savings, then))

/** Micro-dollars saved from one instant until another. */
export const savedBetween = (savings: ReadonlyArray<Saving>, from: number, to: number): number =>
  savedBy(savings, to) - savedBy(savings, from)

/** First instant of a calendar month in UTC, so many months from the one of `at`. */
export const monthStart = (at: number, months: number = 0): number => {
  const day = new Date(at)
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, 1)
}

/** A stretch of time with what happened in it: `from` belongs to it, `to` does not. */
export interface Bucket {
  readonly from: number
  readonly to: number
  /** Swaps that were done in it. */
  readonly swaps: number
  /** What these save an hour, and what their plans had promised. */
  readonly hourly: number
  readonly promised: number
  /** What these had come to by `to`, exact. */
  readonly exact: Exact
  readonly exactPromised: Exact
}

export interface Point {
  readonly at: number
  readonly saved: number
  readonly predicted: number
  readonly rate: number
  readonly swaps: number
}

/** What was before a row of buckets: what had come of it by their beginning, and what it goes on saving an hour. */
export interface Before {
  readonly exact: Exact
  readonly exactPromised: Exact
  readonly hourly: number
  readonly promised: number
}

/** Points of consecutive buckets, oldest first. */
export const pointsOf = (before: Before, buckets: ReadonlyArray<Bucket>): ReadonlyArray<Point> => {
  let { exact, exactPromised, hourly, promised } = before
  return buckets.map((bucket) => {
    const [saved, predicted] = [rounded(exact), rounded(exactPromised)]
    const length = BigInt(bucket.to - bucket.from)
    exact += BigInt(hourly) * length + bucket.exact
    exactPromised += BigInt(promised) * length + bucket.exactPromised
    hourly += bucket.hourly
    promised += bucket.promised
    return {
      at: bucket.from,
      saved: rounded(exact) - saved,
      predicted: rounded(exactPromised) - predicted,
      rate: monthly(hourly),
      swaps: bucket.swaps
    }
  })
}
