/** From an empty store to somebody who is let in, and out again. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { admin, asked, noon, openStage, password } from "../../test/gateway/identity-stage.ts"
import { cookieNames } from "./cookies.ts"
import { firstAdminSecret, needsFirstAdmin } from "./first-admin.ts"
import { identify } from "./identify.ts"
import { endSession, refresh } from "./sessions.ts"
import { signIn } from "./sign-in.ts"

it.effect("the first administrator signs in, is known, renews, and is unknown after signing out", () =>
  Effect.gen(function* () {
    const stage = yield* openStage()
    const { means } = stage
    assert.isTrue(yield* needsFirstAdmin(means, noon))
    yield* admin(stage)
    assert.isFalse(yield* needsFirstAdmin(means, noon))
    const login = { email: "ada@example.com", password, from: "192.0.2.1" }
    const first = yield* Effect.provide(signIn(means, login, noon), stage.bus)
    const who = yield* asked(stage, first.access)
    assert.deepInclude(who ?? {}, {
      kind: "user",
      tenant: "acme",
      name: "ada@example.com",
      role: "owner",
      superAdmin: true
    })
    const next = yield* Effect.provide(refresh(means, first.refresh, noon + 1_000), stage.bus)
    const cookies = { [cookieNames.access]: next.access }
    const again = yield* identify(means)({ authorization: undefined, cookies, now: noon + 1_000 })
    assert.strictEqual(again?.id, who?.id)
    yield* endSession(means, next.session)
    const no = yield* Effect.flip(asked(stage, next.access))
    assert.deepInclude(no, { status: 401, kind: "revoked" })
    assert.deepStrictEqual(
      stage.told.map(({ what }) => what),
      ["signed-in"]
    )
    // the secret of the first start is spent: none is printed any more
    assert.isUndefined(yield* firstAdminSecret(means).pipe(Effect.provide(stage.bus)))
  })
)

it.effect("nothing that lets anybody in stands in the vault", () =>
  Effect.gen(function* () {
    const stage = yield* openStage()
    yield* admin(stage)
    const login = { email: "ada@example.com", password, from: "192.0.2.1" }
    const tokens = yield* Effect.provide(signIn(stage.means, login, noon), stage.bus)
    for (const secret of [password, tokens.refresh.slice(-43), tokens.access]) {
      assert.notInclude(stage.kept(), secret)
    }
  })
)

it.effect("whoever presents nothing is nobody, whoever presents rubbish is refused", () =>
  Effect.gen(function* () {
    const { means } = yield* openStage()
    assert.isUndefined(yield* identify(means)({ authorization: undefined, cookies: {}, now: noon }))
    for (const authorization of ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer sk_test_k_x_y", "Bearer a.b.c"]) {
      const no = yield* Effect.flip(identify(means)({ authorization, cookies: {}, now: noon }))
      assert.deepInclude(no, { status: 401, kind: "invalid-token" }, authorization)
    }
  })
)
