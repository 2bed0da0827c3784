/** The house as the inspectors see it: every file that is, or would be, committed. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Source {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
}

/** What breaks a rule, where, and what to do instead. */
export interface Offence {
  readonly path: string
  readonly line: number
  readonly says: string
}

export const root = join(import.meta.dirname, "..", "..")

/** Paths of all files that git tracks, or would: what is ignored is not ours. */
export const pathsOfHouse = (): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .sort()

export const readSource = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") })

export const isCode = (path: string): boolean => /\.(ts|tsx|mts|mjs)$/.test(path)
export const isTest = (path: string): boolean => path.startsWith("test/") || /\.test\.tsx?$/.test(path)

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

/** As a person reads it in a failed test: one line for each. */
export const report = (offences: ReadonlyArray<Offence>): string =>
  offences.map(({ path, line, says }) => `${path}:${line} ${says}`).join("\n")

const strings = /["'`]/
const beforeRegex = /(^|[(,=:[!&|?{};\n]|\breturn|=>)\s*$/

/** The end of the string, or regular expression, that starts at `from`: one past its closing mark. */
const endOfQuoted = (text: string, from: number, close: string): number => {
  let inClass = false
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]
    if (char === "\\") at++
    else if (char === "\n" && close !== "`") return at
    else if (close === "/" && char === "[") inClass = true
    else if (close === "/" && char === "]") inClass = false
    else if (char === close && !inClass) return at + 1
  }
  return text.length
}

/** The same text with every comment blanked out, line for line: what a comment says is no call. */
export const withoutComments = (text: string): string => {
  let out = ""
  let at = 0
  const blankTo = (end: number) => {
    out += text.slice(at, end).replace(/[^\n]/g, " ")
    at = end
  }
  const keepTo = (end: number) => {
    out += text.slice(at, end)
    at = end
  }
  while (at < text.length) {
    const two = text.slice(at, at + 2)
    const one = two.charAt(0)
    if (two === "//") blankTo(text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at))
    else if (two === "/*") blankTo(text.indexOf("*/", at) < 0 ? text.length : text.indexOf("*/", at) + 2)
    else if (strings.test(one)) keepTo(endOfQuoted(text, at, one))
    else if (one === "/" && beforeRegex.test(out.slice(-40))) keepTo(endOfQuoted(text, at, "/"))
    else keepTo(at + 1)
  }
  return out
}
