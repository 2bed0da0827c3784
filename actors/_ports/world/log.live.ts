/** The file of the world's log: read at the start, cut back to its last whole line, then only ever appended to. */
import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs"

export interface LogFile {
  /** What was there, without a torn last line. */
  readonly lines: ReadonlyArray<string>
  /**
   * Hands a line to the operating system before it returns: `kill -9` loses nothing that was answered, a power cut
   * may.
   */
  readonly append: (line: string) => void
  /** Begins the file anew with these lines, all at once: a kill leaves the old file or the new one. */
  readonly rewrite: (lines: ReadonlyArray<string>) => void
  readonly close: () => void
}

export const openLog = (path: string): LogFile => {
  let file = openSync(path, "a+")
  const bytes = readFileSync(file)
  // a line without its end would swallow the next one
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) ftruncateSync(file, whole)
  return {
    lines: bytes
      .toString("utf8", 0, whole)
      .split("\n")
      .filter((line) => line !== ""),
    append: (line) => writeAll(file, line),
    rewrite: (lines) => {
      writeFileSync(`${path}.new`, lines.map((line) => `${line}\n`).join(""), { flush: true })
      renameSync(`${path}.new`, path)
      closeSync(file)
      file = openSync(path, "a+")
    },
    close: () => closeSync(file)
  }
}

const writeAll = (file: number, line: string) => {
  const bytes = Buffer.from(`${line}\n`)
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from)
}
