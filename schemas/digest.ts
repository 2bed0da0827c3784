/** What something hashes to: canonical JSON (keys sorted, absent members left out) and its SHA-256. */
import { createHash } from "node:crypto"
import type { Digest } from "./ids.ts"

/** JSON with sorted keys, so that equal things have equal text. Bounded by the depth that our messages may have. */
export const canonical = (value: unknown): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null"
  // as JSON.stringify has it, so that what was said and what is read back from the wire are one
  if ("toJSON" in value && typeof value.toJSON === "function") return canonical(value.toJSON())
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export const digestOf = (value: unknown): Digest =>
  createHash("sha256").update(canonical(value)).digest("hex") as Digest
