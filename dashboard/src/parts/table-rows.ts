/** What a table is made of: columns, which rows stand still, which wait, and which words a row contains. */
import type { JSX } from "solid-js"
import { mentions } from "../words.ts"

export type Value = string | number | boolean | null | undefined

export interface Column<R> {
  readonly id: string
  readonly title: string
  /** What `value` is, as `micro-USD/h` or `ms`, for exports; on screen the cell says its unit itself. */
  readonly unit?: string | undefined
  /** What a row is sorted, filtered and exported by: raw, as `912300` micro-USD. */
  readonly value: (row: R) => Value
  /** How it is shown. Default: the value as it is. */
  readonly cell?: ((row: R) => JSX.Element) | undefined
  /** Least width in pixels. Default 140. */
  readonly width?: number | undefined
  /** Figures stand at the end, so that their digits are under each other. */
  readonly align?: "end" | undefined
  /** Shown only when somebody asks for it. */
  readonly isExtra?: boolean | undefined
}

const collator = new Intl.Collator("en", { numeric: true })

/** Figures by size, words as people order them (`a2` before `a10`). */
export const compare = (a: Value, b: Value): number => {
  if (typeof a === "number" && typeof b === "number") return a - b
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b)
  return collator.compare(String(a), String(b))
}

/** Nothing is neither first nor last by size: it is always last. Undefined where both are known. */
export const byAbsence = (a: Value, b: Value): number | undefined => {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined]
  return noA && noB ? 0 : noA ? 1 : noB ? -1 : undefined
}

/** A column's name with a minus before it for falling order, as it stands in the URL. */
export const sortingOf = (text: string | undefined): { readonly id: string; readonly desc: boolean } | undefined =>
  text === undefined || text === "" ? undefined : { id: text.replace(/^-/, ""), desc: text.startsWith("-") }

/** Rising, falling, then as it came: what a click on a heading leads to. Figures begin with the largest. */
export const nextSort = (now: string | undefined, id: string, startsFalling: boolean): string | null => {
  const order = startsFalling ? [`-${id}`, id] : [id, `-${id}`]
  const at = order.indexOf(now ?? "")
  return at === -1 ? (order[0] ?? null) : (order[at + 1] ?? null)
}

/** Whether a row contains every word somewhere, in any column, shown or not; undefined where no word is asked for. */
export const contains = <R>(columns: ReadonlyArray<Column<R>>, words: string) => {
  if (words.trim() === "") return undefined
  const holds = mentions(words)
  return (row: R): boolean => holds(columns.map(({ value }) => value(row) ?? "").join("\u0000"))
}

export interface Standing<R> {
  readonly rows: ReadonlyArray<R>
  readonly keys: ReadonlySet<string>
}

/** The rows of this moment, to stand still until somebody asks for the next. */
export const stand = <R>(rows: ReadonlyArray<R>, key: (row: R) => string): Standing<R> => ({
  rows: [...rows],
  keys: new Set(rows.map(key))
})

/** How many rows came since, and which that stand are there no longer. */
export const movedSince = <R>(standing: Standing<R>, latest: ReadonlyMap<string, R>) => {
  let came = 0
  for (const key of latest.keys()) if (!standing.keys.has(key)) came++
  const gone = new Set<string>()
  for (const key of standing.keys) if (!latest.has(key)) gone.add(key)
  return { came, gone }
}
