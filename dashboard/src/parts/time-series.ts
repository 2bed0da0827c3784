/** Series of moments and values, aligned on one axis as the chart wants them. */
import { count, money, perHour, score, share } from "../words.ts"

export interface Series {
  readonly label: string
  /** Milliseconds since 1970 and a value, in rising order of time; null = a gap. */
  readonly points: ReadonlyArray<readonly [at: number, value: number | null]>
  /** What it is, which decides how it is drawn. Default `actual`. */
  readonly kind?: SeriesKind | undefined
}
/** `predicted` is dashed, `limit` is thin and dotted; the others are told apart by colour and legend. */
export type SeriesKind = "actual" | "predicted" | "on-demand" | "spot" | "limit"
export interface ChartEvent {
  readonly at: number
  readonly label: string
  readonly tone?: "bad" | "warn" | "info" | undefined
}
/** What the values are: micro-USD, micro-USD of an hour, a share 0..1, or a count. */
export type Unit = "usd" | "usd-per-hour" | "share" | "count" | "score"

const forms = { usd: money, "usd-per-hour": perHour, share, score, count } as const
/** How a value of a unit is written. */
export const formOf = (unit: Unit): ((value: number | null | undefined) => string) => forms[unit]

/** All moments of all series in order, and each series' values at them. */
export const align = (
  series: ReadonlyArray<Series>
): readonly [ReadonlyArray<number>, ...ReadonlyArray<ReadonlyArray<number | null | undefined>>] => {
  const moments = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b)
  const columns = series.map(({ points }) => {
    const known = new Map(points)
    // Undefined is drawn through, null is a gap.
    return moments.map((at) => known.get(at))
  })
  return [moments, ...columns]
}

/** At most so many rows, evenly chosen, the last always among them: a table is read, not scrolled for ever. */
export const thin = <A>(rows: ReadonlyArray<A>, most: number): ReadonlyArray<A> => {
  if (rows.length <= most) return rows
  const step = (rows.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, i) => rows[Math.round(i * step)] as A)
}
