/** Passwords under argon2id, on threads of their own. */
import { hash, verify } from "@node-rs/argon2"
import { Effect, Layer } from "effect"
import { hashesAtOnce, hashesWaitingMax, Passwords, TooManyHashes } from "./passwords.ts"
import { makeQueue } from "./queue.ts"

/** 19 MiB, two passes, one lane. Source: OWASP Password Storage Cheat Sheet. argon2id is the package's default. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

const make = Effect.gen(function* () {
  const queued = makeQueue(hashesAtOnce, hashesWaitingMax, (waiting) => new TooManyHashes({ waiting }))
  const hashed = (password: string) => Effect.promise(() => hash(password, cost))
  // a real hash of the same cost: who is unknown must not be answered sooner
  const decoy = yield* hashed("nobody has this password")
  return Passwords.of({
    hash: (password) => queued(hashed(password)),
    verify: (known, password) =>
      queued(Effect.promise(() => verify(known ?? decoy, password))).pipe(Effect.map((is) => is && known !== null))
  })
})

export const layer: Layer.Layer<Passwords> = Layer.effect(Passwords, make)
