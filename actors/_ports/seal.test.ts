/** A signed order stands or falls as a whole, and only the key's holder can make one stand. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Digest } from "../../schemas/ids.ts"
import { orderDigest, SwapOrdered } from "../../schemas/swap.ts"
import { keysOf, proofWith, sealWith } from "./ed25519.ts"
import { Proof, Seal } from "./seal.ts"
import { proof, seal } from "./seal.live.ts"
import { proofOf, sealOf } from "./seal.sim.ts"

const keys = keysOf("a seed")
const desk = sealWith(keys.privateKey)
const hand = proofWith(keys.publicKey)

/** Every order that is `order` but for one field of the other's, at any depth. */
const mixtures = (order: unknown, other: unknown): ReadonlyArray<unknown> => {
  if (typeof order !== "object" || order === null || typeof other !== "object" || other === null) return [other]
  if (Array.isArray(order)) return [other]
  return Object.entries(order).flatMap(([name, value]) =>
    mixtures(value, (other as Record<string, unknown>)[name]).map((mixed) => ({ ...order, [name]: mixed }))
  )
}

const encode = Schema.encodeSync(SwapOrdered)
const decode = Schema.decodeUnknownSync(SwapOrdered)

it.prop("any changed field breaks the signature", { order: SwapOrdered, other: SwapOrdered }, ({ order, other }) => {
  const signature = desk.sign(orderDigest(order))
  assert.isTrue(hand.verify(orderDigest(decode({ ...encode(order), signature })), signature))
  const plain = JSON.stringify({ ...encode(order), signature: "" })
  for (const mixed of mixtures(encode(order), encode(other))) {
    const changed = { ...(mixed as object), signature: "" }
    if (JSON.stringify(changed) === plain) continue
    assert.isFalse(hand.verify(orderDigest(decode(changed)), signature), JSON.stringify(changed))
  }
})

it.prop("garbage is no signature, and nothing throws", { digest: Digest, text: Schema.String }, ({ digest, text }) => {
  const signature = desk.sign(digest)
  const bent = [
    text,
    "",
    text + signature,
    signature + text,
    signature.slice(1),
    signature.replace(/=+$/, ""),
    `${signature}\n`
  ]
  for (const one of bent) assert.strictEqual(hand.verify(digest, one), one === signature)
})

it.prop("another seed's signature is not believed", { digest: Digest, seed: Schema.String }, ({ digest, seed }) => {
  if (seed === "a seed") return
  assert.isFalse(hand.verify(digest, sealWith(keysOf(seed).privateKey).sign(digest)))
})

const digest = Digest.make("ab".repeat(32))
it.effect("the simulator's seal is the same in every run", () =>
  Effect.gen(function* () {
    const signature = (yield* Seal).sign(digest)
    assert.strictEqual(signature, desk.sign(digest))
    assert.isTrue((yield* Proof).verify(digest, signature))
  }).pipe(Effect.provide(Layer.merge(sealOf("a seed"), proofOf("a seed"))))
)

const inFolder = <A, E>(run: (folder: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "seal-"))),
    run,
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  )
const signIn = (folder: string) =>
  Seal.use((one) => Effect.succeed(one.sign(digest))).pipe(Effect.provide(seal(folder)))

it.live("desks that start at once share one key, which survives them and only its owner can read", () =>
  inFolder((parent) =>
    Effect.gen(function* () {
      const folder = join(parent, "data")
      const signatures = yield* Effect.all(
        Array.from({ length: 8 }, () => signIn(folder)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set([...signatures, yield* signIn(folder)]).size, 1)
      assert.deepStrictEqual((yield* Effect.promise(() => readdir(folder))).sort(), ["seal.key", "seal.pub"])
      assert.strictEqual((yield* Effect.promise(() => stat(join(folder, "seal.key")))).mode & 0o777, 0o600)
      // the private half may be anywhere else: a hand does without it
      yield* Effect.promise(() => rm(join(folder, "seal.key")))
      const believed = Proof.use((one) => Effect.succeed(one.verify(digest, signatures[0]!)))
      assert.isTrue(yield* Effect.provide(believed, proof(folder)))
    })
  )
)

it.live("a spoilt key is named and neither used nor replaced", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const file = join(folder, "seal.key")
      yield* Effect.promise(() => writeFile(file, "not a key"))
      yield* Effect.promise(() => chmod(file, 0o600))
      const broken = yield* Effect.flip(signIn(folder))
      assert.strictEqual(broken.file, file)
      assert.strictEqual((yield* Effect.promise(() => stat(file))).size, "not a key".length)
    })
  )
)
