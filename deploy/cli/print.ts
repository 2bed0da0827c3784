/** Answers on the terminal: a table for people, JSON or one object a line for programs. */
import { Console, Effect } from "effect"

export const outputs = ["table", "json", "ndjson"] as const
export type Output = (typeof outputs)[number]

export interface Column<A> {
  readonly name: string
  readonly of: (row: A) => string | number | null
  /** Figures stand right. */
  readonly isFigure?: boolean
}

const ansi = { dim: "\u001b[2m", bold: "\u001b[1m", plain: "\u001b[0m" }
/** Source: no-color.org. */
const isColoured = () => process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
export const bold = (text: string): string => (isColoured() ? `${ansi.bold}${text}${ansi.plain}` : text)
export const dim = (text: string): string => (isColoured() ? `${ansi.dim}${text}${ansi.plain}` : text)

const widest = 60
const own: ReadonlySet<string> = new Set(Object.values(ansi))
// escape sequences, and what turns the direction of reading; ours come first, as they are written over
const steering = /\p{Cc}\[[012]m|[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
/** On one line, and unable to steer the terminal: names and reasons come from clouds and from other people. */
export const clean = (text: string): string => text.replace(steering, (found) => (own.has(found) ? found : " "))
const cut = (text: string) => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text)

export const tableOf = <A>(columns: ReadonlyArray<Column<A>>, rows: ReadonlyArray<A>): string => {
  const cells = rows.map((row) => columns.map(({ of }) => cut(clean(String(of(row) ?? "-")).replaceAll("\u001b", " "))))
  const widths = columns.map(({ name }, i) => Math.max(name.length, ...cells.map((line) => line[i]?.length ?? 0)))
  const line = (texts: ReadonlyArray<string>) =>
    texts
      .map((text, i) => (columns[i]?.isFigure ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd()
  return [bold(line(columns.map(({ name }) => name))), ...cells.map(line)].join("\n")
}

/** A list, as it was asked for. */
export const printAll = <A>(as: Output, columns: ReadonlyArray<Column<A>>, rows: ReadonlyArray<A>, none: string) => {
  if (as === "json") return Console.log(JSON.stringify(rows, null, 2))
  if (as === "ndjson") return Effect.forEach(rows, (row) => Console.log(JSON.stringify(row)), { discard: true })
  return rows.length === 0 ? Console.error(none) : Console.log(tableOf(columns, rows))
}

/** One thing: its lines for people, a line each, and itself for programs. */
export const printOne = (as: Output, thing: unknown, lines: ReadonlyArray<string>) =>
  Console.log(
    as === "json"
      ? JSON.stringify(thing, null, 2)
      : as === "ndjson"
        ? JSON.stringify(thing)
        : lines.map(clean).join("\n")
  )

export const usd = (micros: number): string =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(micros / 1e6)
/** Prices of an hour differ in the fourth digit. */
export const usdPerHour = (micros: number): string =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", minimumFractionDigits: 4 }).format(micros / 1e6)
/** `1 swap`, `2 swaps`. */
export const counted = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`
export const when = (ms: number | null): string =>
  ms === null ? "-" : new Date(ms).toISOString().replace("T", " ").slice(0, 19)
/** How long ago, in the largest unit that fits. */
export const ago = (ms: number, now = Date.now()): string => {
  const seconds = Math.max(0, Math.round((now - ms) / 1_000))
  if (seconds < 90) return `${seconds} s ago`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`
  return seconds < 129_600 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} d ago`
}

/** What is said of an order that was taken: what became of it is asked for by its number. */
export const taken = (what: string, command: string): ReadonlyArray<string> => [
  `${what}: the order was taken`,
  `cloudoptim command ${command} tells what came of it`
]
