/** Chance from the operating system's generator. */
import { randomBytes } from "node:crypto"
import { Layer } from "effect"
import { Entropy } from "./entropy.ts"

export const layer: Layer.Layer<Entropy> = Layer.succeed(Entropy, { bytes: (count) => randomBytes(count) })
