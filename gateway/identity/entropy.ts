/** Chance that nobody can guess: where tokens, keys and identifiers come from. */
import { Context } from "effect"

export class Entropy extends Context.Service<
  Entropy,
  {
    /** So many bytes, from a source fit for secrets. */
    readonly bytes: (count: number) => Uint8Array
  }
>()("cloudoptim/Entropy") {}

/** Bits of everything that is secret: too many to try. */
const secretBytes = 32
const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")

/** 256 bits as 43 characters of the URL-safe alphabet. */
export const newSecret = (entropy: Entropy["Service"]): string => base64url(entropy.bytes(secretBytes))

/** 16 characters of a to z and 0 to 9: over 80 bits, so that no two ever meet. */
export const newId = (entropy: Entropy["Service"]): string => {
  // a byte over 251 would make the first four letters likelier
  let id = ""
  while (id.length < 16)
    for (const byte of entropy.bytes(24)) if (byte < 252 && id.length < 16) id += letters[byte % 36]
  return id
}
