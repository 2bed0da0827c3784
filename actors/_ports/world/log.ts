/**
 * The world's memory as lines: one line per entry, the new images of exactly the rows that it changed, written before
 * its answer leaves. Images, not calls, because replaying calls would need the same chances at the same times;
 * images may be applied in any program version that knows the rows, twice, and up to any line. A line that `kill -9`
 * tore is an entry that never answered: it is dropped, and with it all that it did.
 */
import type { Ground } from "./ground.ts"
import { type Table, type Tables } from "./state.ts"

/** A line in the middle cannot be read: the memory is not ours, or somebody edited it. */
export class LogBroken extends Error {
  readonly line: number
  constructor(line: number, cause: unknown) {
    super(`line ${line} of the world's log cannot be read`, { cause })
    this.line = line
  }
}

interface Line {
  readonly at: number
  readonly put: Readonly<Record<string, ReadonlyArray<readonly [string, unknown]>>>
  readonly drop: Readonly<Record<string, ReadonlyArray<string>>>
}

/** Applies lines, oldest first. The last one may be torn; any other unreadable one throws `LogBroken`. */
export const apply = (w: Ground, lines: Iterable<string>): void => {
  // its time is that of its last line: what fell due since then is worked off at its own time, not all at once
  w.at = 0
  const all = [...lines].filter((line) => line !== "")
  for (const [i, text] of all.entries()) {
    let line: Line
    try {
      line = JSON.parse(text)
    } catch (cause) {
      if (i === all.length - 1) break
      throw new LogBroken(i + 1, cause)
    }
    applyLine(w, line)
  }
  for (const name in w.rows) w.rows[name as keyof Tables].dirty.clear()
  w.agenda.rebuild()
  for (const row of [...w.rows.instances.rows.values()].sort((a, b) => a.n - b.n)) w.counts.place(row)
}

const applyLine = (w: Ground, line: Line): void => {
  w.at = Math.max(w.at, line.at)
  for (const name in line.put) {
    const table = w.rows[name as keyof Tables] as Table<unknown> | undefined
    for (const [key, row] of line.put[name] ?? []) table?.put(key, row)
  }
  for (const name in line.drop) for (const key of line.drop[name] ?? []) w.rows[name as keyof Tables]?.drop(key)
}

/** The whole state as one line: a log may begin with it in place of everything before. */
export const snapshot = (w: Ground): string => {
  const put: Record<string, ReadonlyArray<readonly [string, unknown]>> = {}
  for (const name in w.rows) {
    const rows = (w.rows[name as keyof Tables] as Table<unknown>).rows
    // shorter first: what is numbered stays in order
    put[name] = [...rows].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
  }
  return JSON.stringify({ at: w.at, put, drop: {} })
}
