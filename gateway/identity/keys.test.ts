/** API keys: shown once, of one installation and tenant, gone at once when they are revoked. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { admin, asked, noon, openStage, type Stage } from "../../test/gateway/identity-stage.ts"
import type { Scope } from "../../schemas/identity.ts"
import type { Caller } from "../caller.ts"
import { issueKey, revokeKey } from "./keys.ts"
import { keyUses } from "./records.ts"
import { setStatus } from "./tenants.ts"
import { makeVault } from "./vault.sim.ts"

const dayMs = 24 * 3_600_000
const issued = (stage: Stage, scopes: ReadonlyArray<Scope> = ["read"]) =>
  Effect.gen(function* () {
    const ada = yield* admin(stage)
    const by: Caller = {
      kind: "user",
      id: ada.id,
      tenant: ada.tenant,
      name: ada.email,
      role: "owner",
      scopes: [],
      superAdmin: true,
      until: 0
    }
    return { by, ...(yield* issueKey(stage.means, by, { name: "ci", scopes, days: 90 }, noon)) }
  })
const kindOf = (stage: Stage, token: string, now = noon) =>
  Effect.map(Effect.flip(asked(stage, token, now)), ({ kind }) => kind)

describe("an API key", () => {
  it.effect("stands for its tenant and its scopes, and for no person", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { key, secret } = yield* issued(stage, ["read", "operate", "read"])
      assert.match(secret, /^sk_test_k_[a-z0-9]{16}_[\w-]{43}$/)
      const caller = yield* asked(stage, secret)
      assert.deepInclude(caller ?? {}, { kind: "key", id: key.id, tenant: "acme", name: "key ci", superAdmin: false })
      assert.deepStrictEqual(caller?.scopes, ["read", "operate"])
      assert.isUndefined(caller?.session)
      assert.notInclude(stage.kept(), secret.slice(-43))
    })
  )

  it.effect("is refused when it is bent, of another installation, expired, revoked, or its tenant suspended", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { by, key, secret } = yield* issued(stage)
      const bent = `${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`
      const other = secret.replace(key.id, `k_${"0".repeat(16)}`)
      for (const token of [bent, other, secret.replace("_test_", "_production_"), `${secret}A`, secret.slice(0, -1)]) {
        assert.strictEqual(yield* kindOf(stage, token), "invalid-token", token)
      }
      assert.isDefined(yield* asked(stage, secret, noon + 90 * dayMs - 1))
      assert.strictEqual(yield* kindOf(stage, secret, noon + 90 * dayMs), "expired")
      const elsewhere = { ...by, tenant: "globex" as typeof by.tenant }
      assert.isTrue(Exit.isFailure(yield* Effect.exit(revokeKey(stage.means, elsewhere, key.id, noon))))
      yield* setStatus(stage.means, elsewhere, by.tenant, "suspended")
      assert.strictEqual(yield* kindOf(stage, secret), "revoked")
      yield* setStatus(stage.means, elsewhere, by.tenant, "active")
      assert.isDefined(yield* asked(stage, secret))
      yield* revokeKey(stage.means, by, key.id, noon)
      assert.strictEqual(yield* kindOf(stage, secret), "revoked")
    })
  )

  it.effect("is noted as used once by a hundred requests that come before the store has answered", () =>
    Effect.gen(function* () {
      let writes = 0
      const vault = makeVault()
      const put: typeof vault.put = (key, value, revision) => {
        if (!key.startsWith("key-use.")) return vault.put(key, value, revision)
        writes++
        return Effect.never
      }
      const stage = yield* openStage({ vault: { ...vault, put } })
      const { secret } = yield* issued(stage)
      yield* Effect.repeat(asked(stage, secret), { times: 99 })
      yield* Effect.yieldNow
      assert.strictEqual(writes, 1)
    })
  )

  it.effect("is noted as used once a minute at most, however often it is", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { key, secret } = yield* issued(stage)
      const revisions = new Set<number | undefined>()
      for (let ms = 0; ms < 180_000; ms += 1_000) {
        yield* asked(stage, secret, noon + ms)
        yield* Effect.yieldNow
        revisions.add(stage.means.vault.peek(keyUses.of(key.id))?.revision)
      }
      assert.strictEqual(revisions.size, 3)
    })
  )
})
