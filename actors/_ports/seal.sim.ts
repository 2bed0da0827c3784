/** A seal for the simulator: its key follows from a seed, so that a run can be played again to the byte. */
import { Layer } from "effect"
import { keysOf, proofWith, sealWith } from "./ed25519.ts"
import { Proof, Seal } from "./seal.ts"

export const sealOf = (seed: string): Layer.Layer<Seal> => Layer.sync(Seal, () => sealWith(keysOf(seed).privateKey))
export const proofOf = (seed: string): Layer.Layer<Proof> => Layer.sync(Proof, () => proofWith(keysOf(seed).publicKey))
