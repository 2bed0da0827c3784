/** Passwords under a plain digest, for tests: as cheap as it is unsafe. */
import { createHash } from "node:crypto"
import { Effect, Layer } from "effect"
import { Passwords } from "./passwords.ts"

const hashed = (password: string) => `$sim$${createHash("sha256").update(password).digest("hex")}`

export const layer: Layer.Layer<Passwords> = Layer.succeed(Passwords, {
  hash: (password) => Effect.sync(() => hashed(password)),
  verify: (known, password) => Effect.sync(() => known !== null && hashed(password) === known)
})
