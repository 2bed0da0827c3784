/** Comma-separated tables without quoting, as all of ours are: a header, then one row a line. */

export interface Row {
  /** Counted from 1, as editors do; the header is line 1. */
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

export interface Table {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Row>
}

export const readTable = (text: string): Table => {
  const [header = "", ...lines] = text.split(/\r?\n/)
  const rows = lines.map((line, i) => ({ line: i + 2, cells: line.split(",") }))
  return { columns: header.split(","), rows: rows.filter(({ cells }) => cells.length > 1 || cells[0] !== "") }
}

/** The row under its columns' names; cells too many or too few are for the caller to see first. */
export const named = (columns: ReadonlyArray<string>, { cells }: Row): Record<string, string> =>
  Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""]))

export const writeTable = (columns: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<unknown>>): string =>
  [columns, ...rows].map((cells) => `${cells.join(",")}\n`).join("")
