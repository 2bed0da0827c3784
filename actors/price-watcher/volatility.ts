/** How restless a price is: how far it walked in a week, and how that compares with the others of its region. */
import { Duration } from "effect"

/** The product's number: how far back a price's movement is looked at. */
export const volatilityWindowMs = Duration.toMillis("7 days")

/**
 * How far a price walked in the window, up and down added up, as a share of its mean. Fewer than two changes are no
 * walk: a price that stepped once, or of which nothing is known but its present, counts as constant.
 */
export const movementOf = (prices: ReadonlyArray<{ readonly perHour: number; readonly at: number }>, end: number) => {
  const start = end - volatilityWindowMs
  const before = prices.findLast((price) => price.at < start)
  const inside = prices.filter((price) => price.at >= start && price.at <= end)
  const walk = before === undefined ? inside : [before, ...inside]
  let changes = 0
  let distance = 0
  for (const [i, price] of walk.entries()) {
    const step = Math.abs(price.perHour - (walk[i - 1] ?? price).perHour)
    if (step > 0) changes += 1
    distance += step
  }
  if (changes < 2) return 0
  const mean = walk.reduce((sum, price) => sum + price.perHour, 0) / walk.length
  return mean > 0 ? distance / mean : 0
}

/** The share of the others that moved less, 0..1: among equals nobody is restless. Two decimals: finer is no news. */
export const percentilesOf = (movements: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sorted = [...movements].sort((a, b) => a - b)
  const below = new Map<number, number>()
  for (const [i, movement] of sorted.entries()) if (!below.has(movement)) below.set(movement, i)
  const others = Math.max(1, movements.length - 1)
  return movements.map((movement) => Math.round((below.get(movement)! / others) * 100) / 100)
}
