/** Small pieces of sentences: sums of money, moments and counts, as a person reads them anywhere in the world. */

/** Dollars of micro-dollars, with cents: `$1,234.50`, `-$0.12`. */
export const money = (micros: number): string => {
  const cents = Math.round(Math.abs(micros) / 10_000)
  const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, ",")
  return `${micros < 0 && cents > 0 ? "-" : ""}$${whole}.${String(cents % 100).padStart(2, "0")}`
}

/** Dollars an hour of micro-dollars: small sums, so four places. */
export const hourly = (micros: number): string => `$${(micros / 1e6).toFixed(4)} an hour`

/** The last instant that a calendar of ours can write. */
const lastInstant = 8.64e15

/** `2026-11-21 11:54 UTC`, of milliseconds since 1970. */
export const moment = (ms: number): string =>
  `${new Date(Math.min(lastInstant, ms))
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\.\d{3}Z$/, "")} UTC`

/** `1 swap`, `3 swaps`; `many` where adding an s does not do. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** How long, in the largest unit that leaves a number worth reading: `420 ms`, `8.2 s`, `12 min`, `3 h`, `15 d`. */
export const span = (ms: number): string => {
  const size = Math.abs(ms)
  if (size < 1_000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return size < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** The start of a digest: enough to tell two of them apart on a screen. */
export const short = (digest: string): string => digest.slice(0, 8)
