/** Tokens: who one is for ten minutes, and what renews it; each is good for its own use and for no other. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto"
import { Effect, Result, Schema } from "effect"
import { errors, jwtVerify, SignJWT } from "jose"
import { decodeAs } from "../../schemas/envelope.ts"
import { UserId } from "../../schemas/identity.ts"
import { type Entropy, newSecret } from "./entropy.ts"
import { Secret, secrets } from "./records.ts"
import type { Vault, VaultDown } from "./vault.ts"

/** One key per use: what is signed for one is worth nothing for the other. */
export interface Keys {
  readonly access: Uint8Array
  /** Of the cookie that a sign-in at the identity provider goes by. */
  readonly flow: Uint8Array
  readonly refresh: Uint8Array
}
const derived = (secret: string, use: string) =>
  new Uint8Array(hkdfSync("sha256", secret, "cloudoptim", `token:${use}`, 32))
export const keysOf = (secret: string): Keys => ({
  access: derived(secret, "access"),
  flow: derived(secret, "flow"),
  refresh: derived(secret, "refresh")
})

/** The installation's own secret: made by whoever comes first, read by all others. */
export const keptSecret = (vault: Vault["Service"], entropy: Entropy["Service"]): Effect.Effect<string, VaultDown> =>
  Effect.gen(function* () {
    const kept = yield* vault.get(secrets.of("jwt"))
    const known = decodeAs(Secret, kept?.value)
    if (Result.isSuccess(known)) return known.success.value
    const value = newSecret(entropy)
    const at = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    return yield* vault.put(secrets.of("jwt"), { value, at }, kept?.revision ?? 0).pipe(
      Effect.as(value),
      Effect.catchTag("VaultMoved", () => keptSecret(vault, entropy))
    )
  })

const issuer = "cloudoptim"
const audience = "cloudoptim-api"
/** Source: RFC 9068, 2.1: an access token says that it is one. */
const accessType = "at+jwt"
/** How long an access token is good, in seconds. */
export const accessSeconds = 600
/** Clocks of two processes of ours differ by no more, in seconds. */
const skewSeconds = 5

const Claims = Schema.Struct({
  sub: UserId,
  /** The session. */
  sid: Schema.String,
  exp: Schema.Int
})
export type Claims = typeof Claims.Type

/** A token for the session's user; `now` in milliseconds. */
export const signAccess = (keys: Keys, user: UserId, session: string, now: number): Effect.Effect<string> => {
  const seconds = Math.floor(now / 1_000)
  const token = new SignJWT({ sid: session })
    .setProtectedHeader({ alg: "HS256", typ: accessType })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(user)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + accessSeconds)
  return Effect.promise(() => token.sign(keys.access))
}

export type Verified = Claims | "expired" | "invalid-token"

/** What a token says, if it is one of ours, for this and for now. Nobody's word about its own algorithm is taken. */
export const verifyAccess = (keys: Keys, token: string, now: number): Effect.Effect<Verified> =>
  Effect.promise(async () => {
    try {
      const { payload } = await jwtVerify(token, keys.access, {
        algorithms: ["HS256"],
        issuer,
        audience,
        typ: accessType,
        requiredClaims: ["sub", "sid", "exp", "iat"],
        clockTolerance: skewSeconds,
        currentDate: new Date(now)
      })
      const claims = decodeAs(Claims, payload)
      return Result.isSuccess(claims) ? claims.success : "invalid-token"
    } catch (cause) {
      return cause instanceof errors.JWTExpired ? "expired" : "invalid-token"
    }
  })

/** What is kept of a secret of 256 random bits: it need not be slow, as it cannot be guessed. */
export const proofOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
/** Whether a secret has this proof, in a time that tells nothing. */
export const isProvenBy = (secret: string, proof: string): boolean => isEqual(proofOf(secret), proof)

const refreshShape = /^rt_([a-z0-9]{16})_([\w-]{43})([\w-]{22})$/
/** 128 bits that only we can put behind a session's secret: what has them was given out by us once. */
const sealOf = (keys: Keys, session: string, secret: string): string =>
  createHmac("sha256", keys.refresh).update(`${session}.${secret}`).digest("base64url").slice(0, 22)

export const refreshToken = (keys: Keys, session: string, secret: string): string =>
  `rt_${session}_${secret}${sealOf(keys, session, secret)}`

/** Session and secret of a refresh token that we gave out, whether or not it is still good; undefined for any other. */
export const refreshIn = (keys: Keys, token: string | undefined) => {
  const [, session, secret, seal] = refreshShape.exec(token ?? "") ?? []
  if (session === undefined || secret === undefined || seal === undefined) return undefined
  return isEqual(sealOf(keys, session, secret), seal) ? { session, secret } : undefined
}
