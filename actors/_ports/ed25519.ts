/** Ed25519 as the seal uses it: the only place that knows how keys and signatures are written. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { Buffer } from "node:buffer"
import type { Digest } from "../../schemas/ids.ts"
import { Proof, Seal } from "./seal.ts"

export const sealWith = (privateKey: KeyObject) =>
  Seal.of({ sign: (digest) => sign(null, Buffer.from(digest), privateKey).toString("base64") })

/** Base64 has several spellings of one signature; only the one that `sign` writes counts. */
const isPlain = (signature: string, bytes: Buffer) => bytes.length === 64 && bytes.toString("base64") === signature

export const proofWith = (publicKey: KeyObject) =>
  Proof.of({
    verify: (digest: Digest, signature: string) => {
      const bytes = Buffer.from(signature, "base64")
      return isPlain(signature, bytes) && verify(null, Buffer.from(digest), publicKey, bytes)
    }
  })

/** What stands before the 32 bytes of a private key in its PKCS #8 form. Source: RFC 8410, section 10.3. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex")

/** The same key for the same seed, for ever: a simulation only, as anybody can make it. */
export const keysOf = (seed: string) => {
  const secret = createHash("sha256").update(seed).digest()
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Head, secret]), format: "der", type: "pkcs8" })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
