/** One token of a subject, or one key of a bucket, made of any strings: injective, legal everywhere, never too long. */
import { digestOf } from "./digest.ts"

const plain = /^[A-Za-z0-9-]$/
const bytes = new TextEncoder()
const text = new TextDecoder("utf-8", { ignoreBOM: true })

/** Longest token that we put in a subject; what is longer is replaced by its hash. */
export const tokenLengthMax = 120

/**
 * `[A-Za-z0-9-]` stay, `.` becomes `_`, every other byte of the UTF-8 form becomes `=hh` (so `_` is `=5f`), half of a
 * surrogate pair, which has no such form, becomes `=u` and its four digits. Parts are joined by `=-`, which no part can
 * hold: two different lists never share a token. An Auto Scaling group's name may hold spaces, slashes, stars and 255
 * characters; a token that is empty or over 120 characters becomes `=h` and 32 hexadecimal digits of its SHA-256.
 */
export const key = (...parts: ReadonlyArray<string>): string => {
  const token = parts.map(escapeToken).join("=-")
  return token.length > 0 && token.length <= tokenLengthMax ? token : `=h${digestOf(parts).slice(0, 32)}`
}

const escapeToken = (part: string): string => {
  let out = ""
  for (const char of part) {
    if (plain.test(char)) out += char
    else if (char === ".") out += "_"
    else if (!char.isWellFormed()) out += `=u${char.charCodeAt(0).toString(16)}`
    else for (const byte of bytes.encode(char)) out += `=${byte.toString(16).padStart(2, "0")}`
  }
  return out
}

const escaped = /((?:=[0-9a-f]{2})+)|=u([0-9a-f]{4})|_/g
const bytesOf = (escapes: string) =>
  Uint8Array.from(escapes.slice(1).split("="), (digits) => Number.parseInt(digits, 16))

/** The one string that a token was made of; undefined where it was made of several, of none of ours, or is a hash. */
export const partOf = (token: string): string | undefined => {
  const part = token.replace(escaped, (_, escapes?: string, half?: string) => {
    if (escapes !== undefined) return text.decode(bytesOf(escapes))
    return half === undefined ? "." : String.fromCharCode(Number.parseInt(half, 16))
  })
  return key(part) === token ? part : undefined
}
