/** Chance that comes out the same every time: for tests, where nobody is to be kept out. */
import { createHash } from "node:crypto"
import { Layer } from "effect"
import { Entropy } from "./entropy.ts"

/** A new source: the same seed gives the same bytes. */
export const makeEntropy = (seed = "seed"): Entropy["Service"] => {
  let drawn = 0
  const block = () => createHash("sha512").update(`${seed}:${drawn++}`).digest()
  return { bytes: (count) => Buffer.concat(Array.from({ length: Math.ceil(count / 64) }, block)).subarray(0, count) }
}

export const layer: Layer.Layer<Entropy> = Layer.sync(Entropy, () => makeEntropy())
