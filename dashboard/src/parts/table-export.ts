/** Rows as files, and the question as a command: what leaves the page says which moment and which filter it is of. */
import type { Column, Value } from "./table-rows.ts"

export interface Told {
  /** Sequence of the log that the rows reflect; undefined where the answer named none. */
  readonly asOf: number | undefined
  /** The words that the rows were filtered by; empty = all of them. */
  readonly filter: string
  /** As in the URL: `-at`. */
  readonly sort: string
  /** Path and query of the API that gave the rows. */
  readonly source: string
  readonly rows: number
  /** Said where the list has more rows than these. */
  readonly moreExist?: true
}

/** Quoted where it must be; what a spreadsheet would run as a formula is made text. RFC 4180. */
const field = (value: Value): string => {
  if (value === null || value === undefined) return ""
  const text = String(value)
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
const heading = <R>({ id, unit }: Column<R>): string => (unit === undefined ? id : `${id} (${unit})`)

/** First line: a comment with moment, filter and source; second: names with units; then the rows. */
export const toCsv = <R>(columns: ReadonlyArray<Column<R>>, rows: ReadonlyArray<R>, told: Told): string =>
  [
    `# ${JSON.stringify(told)}`,
    columns.map((column) => field(heading(column))).join(","),
    ...rows.map((row) => columns.map(({ value }) => field(value(row))).join(","))
  ].join("\r\n") + "\r\n"

/** A JSON text a line: first what it is, then all of it. */
export const ndjson = (told: object, rows: ReadonlyArray<unknown>): string =>
  `${[told, ...rows].map((line) => JSON.stringify(line)).join("\n")}\n`

/** First line: moment, filter and source; then one object a row, with the columns' names. */
export const toNdjson = <R>(columns: ReadonlyArray<Column<R>>, rows: ReadonlyArray<R>, told: Told): string =>
  ndjson(
    told,
    rows.map((row) => Object.fromEntries(columns.map(({ id, value }) => [id, value(row) ?? null])))
  )

/** The question as a command; the key is the caller's own and stays in his shell. */
export const asCurl = (origin: string, source: string): string =>
  `curl -sS -H "authorization: Bearer $CLOUDOPTIM_KEY" '${`${origin}${source}`.replaceAll("'", "%27")}'`

/** Lists that the command line has too, and which fields of the question it takes. */
const commands: Readonly<Record<string, readonly [name: string, flags: ReadonlyArray<string>]>> = {
  "/api/v1/accounts": ["accounts", ["account", "at"]],
  "/api/v1/groups": ["groups", ["account", "at"]],
  "/api/v1/approvals": ["approvals", ["account", "at"]],
  "/api/v1/sagas": ["sagas", ["account", "at", "status"]]
}
/** The question as a command of the product's own; undefined where it has none that asks the same. */
export const asCloudoptim = (source: string): string | undefined => {
  const [path = "", search = ""] = source.split("?")
  const [name, flags = []] = commands[path] ?? []
  const asked = [...new URLSearchParams(search)].filter(([field]) => field !== "limit")
  if (name === undefined || asked.some(([field]) => !flags.includes(field))) return undefined
  const words = asked.map(([field, value]) => `--${field} '${value.replaceAll("'", "'\\''")}'`)
  return ["cloudoptim", name, "--limit 500", ...words].join(" ")
}

/** Hands lines of JSON to the browser as a file. */
export const saveNdjson = (name: string, told: object, rows: ReadonlyArray<unknown>): void =>
  save(`${name}.ndjson`, "application/x-ndjson", ndjson(told, rows))

/** Hands a text to the browser as a file. */
export const save = (name: string, type: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // The browser has taken it up by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
