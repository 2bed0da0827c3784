/** Chance from a seed, for everything that is simulated: the same seed draws the same series. */

/** mulberry32: 32 bits of state are enough to drive a schedule, and a draw costs nanoseconds. Gives 0 <= x < 1. */
export const prng = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
