/** The installation's seal: one Ed25519 key in the data folder, its owner's alone, with its public half beside it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto"
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Layer, Schedule } from "effect"
import { proofWith, sealWith } from "./ed25519.ts"
import { Proof, Seal, SealBroken } from "./seal.ts"

const privateFile = (folder: string) => join(folder, "seal.key")
const publicFile = (folder: string) => join(folder, "seal.pub")

const attempt = <A>(file: string, run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (cause) => new SealBroken({ file, cause }) })

const isCode = (cause: unknown, code: string) => cause instanceof Error && "code" in cause && cause.code === code

/** Two processes may start at once: a whole file is linked into place, and the second one takes the first one's. */
const makeOnce = async (folder: string) => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${privateFile(folder)}.${randomUUID()}`
  const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" })
  await writeFile(draft, pem, { mode: 0o600, flush: true })
  try {
    await link(draft, privateFile(folder))
  } catch (cause) {
    if (!isCode(cause, "EEXIST")) throw cause
  } finally {
    await rm(draft, { force: true })
  }
}

const readOrMake = async (folder: string) => {
  try {
    return await readFile(privateFile(folder))
  } catch (cause) {
    if (!isCode(cause, "ENOENT")) throw cause
    await makeOnce(folder)
    return await readFile(privateFile(folder))
  }
}

/** The private key; the public one is written anew beside it each time, so the two always belong together. */
const load = async (folder: string) => {
  const key = createPrivateKey(await readOrMake(folder))
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`a key of type ${key.asymmetricKeyType}, not ed25519`)
  const draft = `${publicFile(folder)}.${randomUUID()}`
  await writeFile(draft, createPublicKey(key).export({ format: "pem", type: "spki" }), { mode: 0o644, flush: true })
  await rename(draft, publicFile(folder))
  return key
}

/** For the desk. Loads the folder's key or makes it; fails where what lies there is no such key. */
export const seal = (folder: string): Layer.Layer<Seal, SealBroken> =>
  Layer.effect(
    Seal,
    Effect.map(
      attempt(privateFile(folder), () => load(folder)),
      sealWith
    )
  )

/** A hand may start a little before the desk that makes the key. */
const patience = Schedule.spaced("200 millis").pipe(Schedule.upTo({ times: 50 }))

/** For the hands. Reads the public key alone, waiting ten seconds for it to appear. */
export const proof = (folder: string): Layer.Layer<Proof, SealBroken> =>
  Layer.effect(
    Proof,
    attempt(publicFile(folder), async () => createPublicKey(await readFile(publicFile(folder)))).pipe(
      Effect.retry({ schedule: patience, while: (broken) => isCode(broken.cause, "ENOENT") }),
      Effect.map(proofWith)
    )
  )
