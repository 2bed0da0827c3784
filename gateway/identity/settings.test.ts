/** What the surroundings may say of identity, and what is refused at the start, not at the first sign-in. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Schema } from "effect"
import { jwtSecret, settingsOf, slugOf } from "./settings.ts"

const known = { version: "1", simulated: false, staleAfterMs: 1_000 }
const under = <A, E>(env: Record<string, string>, effect: Effect.Effect<A, E>) =>
  Effect.provide(effect, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
const read = (env: Record<string, string>) => under(env, settingsOf(known))
const secretIn = (env: Record<string, string>) =>
  under(
    env,
    Effect.gen(function* () {
      return yield* jwtSecret
    })
  )

const oidc = {
  OIDC_ISSUER: "https://accounts.example",
  OIDC_CLIENT_ID: "id",
  OIDC_CLIENT_SECRET: "secret",
  OIDC_ROLE_MAP: '{"leads":"owner","all":"viewer"}',
  PUBLIC_URL: "https://console.example"
}

describe("settings", () => {
  it.effect("are closed where nothing is said", () =>
    Effect.gen(function* () {
      const { signupOpen, oidc, environment, homeTenant } = yield* read({})
      assert.deepStrictEqual([signupOpen, oidc, environment, homeTenant], [false, null, "development", "default"])
      assert.isUndefined(yield* secretIn({}))
    })
  )

  it.effect("take a secret of 32 bytes or more, and no shorter one", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* secretIn({ JWT_SECRET: "x".repeat(32) }), "x".repeat(32))
      for (const short of ["x", "x".repeat(31)]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(secretIn({ JWT_SECRET: short }))), short)
      }
    })
  )

  it.effect("take an identity provider whole, under TLS or on this machine", () =>
    Effect.gen(function* () {
      const found = (yield* read({ ...oidc, HOME_TENANT: "acme" })).oidc
      assert.deepInclude(found ?? {}, {
        redirectUri: "https://console.example/api/v1/auth/oidc/callback",
        roleClaim: "groups",
        tenant: "acme"
      })
      assert.deepStrictEqual(found?.roleOf, { leads: "owner", all: "viewer" })
      assert.isNotNull((yield* read({ ...oidc, OIDC_ISSUER: "http://localhost:8080/realms/a" })).oidc)
      const wrong: ReadonlyArray<Record<string, string>> = [
        { OIDC_ISSUER: "http://accounts.example" },
        { OIDC_ISSUER: "http://localhost.evil.example" },
        { OIDC_ROLE_MAP: '{"leads":"emperor"}' },
        { OIDC_ROLE_MAP: "leads=owner" },
        { OIDC_CLIENT_ID: "" },
        { PUBLIC_URL: "console.example" },
        { OIDC_TENANT: "Not A Tenant" },
        { SIGNUP: "maybe" }
      ]
      for (const one of wrong) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(read({ ...oidc, ...one }))), JSON.stringify(one))
      }
      const { OIDC_ROLE_MAP: _, ...without } = oidc
      assert.isTrue(Exit.isFailure(yield* Effect.exit(read(without))))
    })
  )

  it.effect("take the ARN that roles are to trust, and nothing that a policy would not take", () =>
    Effect.gen(function* () {
      assert.isNull((yield* read({})).principal)
      const principal = "arn:aws:iam::111122223333:role/path/CloudOptim"
      assert.strictEqual((yield* read({ TRUST_PRINCIPAL: principal })).principal, principal)
      for (const wrong of ["*", "arn:aws:iam::*:root", "arn:aws:s3:::bucket", "111122223333"]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(read({ TRUST_PRINCIPAL: wrong }))), wrong)
      }
    })
  )

  it.prop(
    "give an environment a name that can stand in a key, whatever it is called",
    { name: Schema.String },
    ({ name }) => {
      assert.match(slugOf(name), /^[a-z0-9-]{1,20}$/)
    }
  )
})
