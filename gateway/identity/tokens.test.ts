/** Access tokens: every form of a bad one is refused, and what is signed for one use is worth nothing for another. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { base64url, SignJWT, UnsecuredJWT } from "jose"
import { UserId } from "../../schemas/identity.ts"
import { makeEntropy } from "./entropy.sim.ts"
import { accessSeconds, keptSecret, keysOf, refreshIn, refreshToken, signAccess, verifyAccess } from "./tokens.ts"
import { makeVault } from "./vault.sim.ts"

const keys = keysOf("a secret of the installation, long enough")
const user = UserId.make("u_abcdefghijklmnop")
const noon = Date.UTC(2026, 10, 20, 12)
const seconds = noon / 1_000
const claims = { sid: "s", sub: user, iss: "cloudoptim", aud: "cloudoptim-api", iat: seconds, exp: seconds + 60 }
const header = { alg: "HS256", typ: "at+jwt" }
const signed = (body: Record<string, unknown>, head: Record<string, unknown>, key: Uint8Array = keys.access) =>
  Effect.promise(() => new SignJWT(body).setProtectedHeader({ alg: "HS256", ...head }).sign(key))
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))

describe("an access token", () => {
  it.effect("says whose it is for ten minutes and a little for clocks that differ", () =>
    Effect.gen(function* () {
      const token = yield* signAccess(keys, user, "s", noon)
      assert.deepInclude(yield* verifyAccess(keys, token, noon), { sub: user, sid: "s" })
      assert.isObject(yield* verifyAccess(keys, token, noon + (accessSeconds + 4) * 1_000))
      assert.strictEqual(yield* verifyAccess(keys, token, noon + (accessSeconds + 6) * 1_000), "expired")
    })
  )

  it.effect("is refused with another algorithm, key, type, issuer or audience, or without what it must say", () =>
    Effect.gen(function* () {
      assert.isObject(yield* verifyAccess(keys, yield* signed(claims, header), noon))
      const none = new UnsecuredJWT(claims).encode()
      const noneTyped = `${base64url.encode(JSON.stringify({ alg: "none", typ: "at+jwt" }))}.${none.split(".")[1]}.`
      const bad: Record<string, string> = {
        none,
        noneTyped,
        wrongKey: yield* signed(claims, header, keysOf("another secret").access),
        flowKey: yield* signed(claims, header, keys.flow),
        hs512: yield* signed(claims, { ...header, alg: "HS512" }),
        idToken: yield* signed(claims, { typ: "JWT" }),
        noType: yield* signed(claims, {}),
        flow: yield* signed(claims, { typ: "oidc-flow+jwt" }),
        issuer: yield* signed({ ...claims, iss: "https://accounts.example" }, header),
        audience: yield* signed({ ...claims, aud: "another" }, header),
        critical: yield* signed(claims, header).pipe(
          Effect.map((token) => `${headOf({ crit: ["x"], x: 1 })}${tail(token)}`)
        ),
        refresh: refreshToken(keys, "abcdefghijklmnop", "x".repeat(43)),
        badSubject: yield* signed({ ...claims, sub: "root" }, header)
      }
      for (const name of Object.keys(claims)) bad[`no ${name}`] = yield* signed(without(name), header)
      for (const [name, token] of Object.entries(bad)) {
        assert.strictEqual(yield* verifyAccess(keys, token, noon), "invalid-token", name)
      }
    })
  )

  it.effect.prop(
    "is refused when any one character of it is another",
    {
      at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 })),
      to: Schema.Literals(["A", "b", "_", "."])
    },
    ({ at, to }) =>
      Effect.gen(function* () {
        const token = yield* signAccess(keys, user, "s", noon)
        const place = at % (token.length - 1)
        const bent = token.slice(0, place) + to + token.slice(place + 1)
        if (bent !== token) assert.strictEqual(yield* verifyAccess(keys, bent, noon), "invalid-token")
      })
  )
})
const headOf = (more: Record<string, unknown>) => base64url.encode(JSON.stringify({ ...header, ...more }))
const tail = (token: string) => token.slice(token.indexOf("."))

describe("the installation's secret", () => {
  it.effect("is one, however many processes make it at once, and stays", () =>
    Effect.gen(function* () {
      const vault = makeVault()
      const made = Array.from({ length: 8 }, (_, i) => keptSecret(vault, makeEntropy(String(i))))
      const secrets = yield* Effect.all(made, { concurrency: "unbounded" })
      assert.strictEqual(new Set([...secrets, yield* keptSecret(vault, makeEntropy("late"))]).size, 1)
    })
  )
})

it.prop("a refresh token is read back as it was given, and not under another secret", [Schema.Int], ([n]) => {
  const secret = makeEntropy(String(n)).bytes(32)
  const token = refreshToken(keys, "abcdefghijklmnop", base64url.encode(secret))
  assert.deepStrictEqual(refreshIn(keys, token), { session: "abcdefghijklmnop", secret: base64url.encode(secret) })
  assert.isUndefined(refreshIn(keysOf("another"), token))
})
