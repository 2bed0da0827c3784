/** Two things compared on a noisy machine: side by side in turns, by medians, with the same thing against itself. */
import { prng } from "../../actors/_ports/world/stage.ts"

const sorted = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)

/** The smallest value that at least this share of all values does not exceed. `share` above 0, at most 1. */
export const percentile = (values: ReadonlyArray<number>, share: number): number => {
  const all = sorted(values)
  return all[Math.min(all.length - 1, Math.max(0, Math.ceil(all.length * share) - 1))] ?? Number.NaN
}

/** The middle one, or the mean of the two in the middle; not a number where there are none. */
export const median = (values: ReadonlyArray<number>): number => {
  const all = sorted(values)
  const middle = all.length / 2
  return ((all[Math.floor(middle)] ?? Number.NaN) + (all[Math.ceil(middle) - 1] ?? Number.NaN)) / 2
}

/** A median, and the interval that holds 95 % of the medians of resamples of the same values. */
export interface Measured {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly count: number
}

const resamples = 1_000

/** Always the same interval for the same values. */
export const measured = (values: ReadonlyArray<number>): Measured => {
  const draw = prng(values.length)
  const pick = () => values[Math.floor(draw() * values.length)] ?? Number.NaN
  const medians = Array.from({ length: resamples }, () => median(values.map(pick)))
  return {
    median: median(values),
    low: percentile(medians, 0.025),
    high: percentile(medians, 0.975),
    count: values.length
  }
}

/** Names of what one turn gave, each with its value: events per second, milliseconds. */
export type Turn<K extends string> = Readonly<Record<K, number>>

export interface Compared<K extends string> {
  /** Of each pair: ours over the mean of the bare turns before and after it. */
  readonly ratio: Readonly<Record<K, Measured>>
  /** Of each pair: the bare turn after it over the one before it. What is true of it is noise. */
  readonly control: Readonly<Record<K, Measured>>
  readonly ours: ReadonlyArray<Turn<K>>
  readonly bare: ReadonlyArray<Turn<K>>
}

export interface Turns<K extends string> {
  readonly bare: () => Promise<Turn<K>>
  readonly ours: () => Promise<Turn<K>>
}

export interface Effort {
  readonly pairs: number
  /** No further pair begins after so long, where three are there. Milliseconds. */
  readonly withinMs: number
}

const pairsMin = 3

const each = <K extends string>(turns: ReadonlyArray<Turn<K>>, of: (i: number, name: K) => number) => {
  const names = Object.keys(turns[0] ?? {}) as Array<string> as Array<K>
  const values = names.map((name) => [name, measured(turns.map((_, i) => of(i, name)))] as const)
  return Object.fromEntries(values) as Record<K, Measured>
}

/** Bare, ours, bare, ..., bare: each of ours stands between two bare ones. The first turn of each is not counted. */
export const compare = async <K extends string>(turns: Turns<K>, effort: Effort): Promise<Compared<K>> => {
  // the compiler of the machine learns on these
  await turns.bare()
  await turns.ours()
  const begun = performance.now()
  const bare = [await turns.bare()]
  const ours: Array<Turn<K>> = []
  const isTime = () => ours.length < pairsMin || performance.now() - begun < effort.withinMs
  while (ours.length < effort.pairs && isTime()) {
    ours.push(await turns.ours())
    bare.push(await turns.bare())
  }
  const at = (i: number, name: K) => bare[i]?.[name] ?? Number.NaN
  return {
    ratio: each(ours, (i, name) => (2 * (ours[i]?.[name] ?? Number.NaN)) / (at(i, name) + at(i + 1, name))),
    control: each(ours, (i, name) => at(i + 1, name) / at(i, name)),
    ours,
    bare
  }
}

/** The power of `n` that `time` grows with, by least squares over the logarithms: 0 = not at all, 1 = in proportion. */
export const growth = (points: ReadonlyArray<{ readonly n: number; readonly time: number }>): number => {
  const logs = points.map(({ n, time }) => [Math.log(n), Math.log(time)] as const)
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(logs.map(([n]) => n))
  const y = mean(logs.map(([, time]) => time))
  const shared = logs.reduce((sum, [n, time]) => sum + (n - x) * (time - y), 0)
  return shared / logs.reduce((sum, [n]) => sum + (n - x) ** 2, 0)
}
