/** What the command line remembers between two runs: where the gateway is, and the key to it; readable by its owner. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { Schema } from "effect"
import { Ended } from "./exit.ts"

const Remembered = Schema.Struct({
  url: Schema.String,
  /** An API key, or the two tokens of a session. */
  key: Schema.optionalKey(Schema.String),
  access: Schema.optionalKey(Schema.String),
  refresh: Schema.optionalKey(Schema.String)
})
export type Remembered = typeof Remembered.Type

/** `CLOUDOPTIM_CONFIG`, else where the desktop's convention puts it. Source: XDG Base Directory Specification. */
export const configFile = (): string =>
  process.env["CLOUDOPTIM_CONFIG"] ??
  join(process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "cloudoptim", "config.json")

const nowhere: Remembered = { url: "http://127.0.0.1:8000" }

/** The environment goes before the file: CLOUDOPTIM_URL, CLOUDOPTIM_API_KEY. */
export const remembered = (): Remembered => {
  const { url, key, ...session } = inFile()
  const ownUrl = process.env["CLOUDOPTIM_URL"]
  const ownKey = process.env["CLOUDOPTIM_API_KEY"] ?? key
  // what proves who one is at one place is not told to another
  const isElsewhere = ownUrl !== undefined && ownUrl !== url
  return {
    url: (ownUrl ?? url).replace(/\/+$/, ""),
    ...(isElsewhere ? {} : session),
    ...(ownKey === undefined || (isElsewhere && process.env["CLOUDOPTIM_API_KEY"] === undefined) ? {} : { key: ownKey })
  }
}

const inFile = (): Remembered => {
  let text: string
  try {
    text = readFileSync(configFile(), "utf8")
  } catch {
    return nowhere
  }
  try {
    return Schema.decodeUnknownSync(Remembered)(JSON.parse(text))
  } catch {
    throw new Ended({ exit: "usage", says: `${configFile()} is unreadable: remove it and log in again.` })
  }
}

/** Whole or not at all, and for the owner alone. */
export const remember = (what: Remembered): void => {
  const file = configFile()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(what, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
