/** The seal on an order, and how a hand knows it: who holds the key to sign with is not who only checks. */
import { Context, Schema } from "effect"
import type { Digest } from "../../schemas/ids.ts"

/** The desk's: puts its name under a digest. */
export class Seal extends Context.Service<
  Seal,
  {
    /** Ed25519 over the digest's text, base64. */
    readonly sign: (digest: Digest) => string
  }
>()("cloudoptim/Seal") {}

/** A hand's: whether that name is the desk's. It holds the public key only, so it can forge nothing. */
export class Proof extends Context.Service<
  Proof,
  {
    /** False for anything but the desk's signature of this very digest; never throws, whatever the text is. */
    readonly verify: (digest: Digest, signature: string) => boolean
  }
>()("cloudoptim/Proof") {}

/** The key cannot be read or made: nothing can be ordered, or nothing believed, until a person has looked. */
export class SealBroken extends Schema.TaggedError<SealBroken>()("SealBroken", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `the key in ${this.file} cannot be used`
  }
}
