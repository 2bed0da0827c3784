/** An installation's identities on a stage: the real rules over a store in memory, and what the log was told. */
import { Effect, Layer, Result } from "effect"
import { Bus, type Draft } from "../../bus/bus.ts"
import type { Caller } from "../../gateway/caller.ts"
import { makeEntropy } from "../../gateway/identity/entropy.sim.ts"
import { Entropy } from "../../gateway/identity/entropy.ts"
import { createFirstAdmin, firstAdminSecret } from "../../gateway/identity/first-admin.ts"
import { identify } from "../../gateway/identity/identify.ts"
import { Identity, identityLayer, type Means } from "../../gateway/identity/identity.ts"
import { Oidc, type Provider } from "../../gateway/identity/oidc.ts"
import { layer as passwords } from "../../gateway/identity/passwords.sim.ts"
import type { Settings } from "../../gateway/identity/settings.ts"
import { makeVault } from "../../gateway/identity/vault.sim.ts"
import { Vault } from "../../gateway/identity/vault.ts"
import type { Refused } from "../../gateway/refused.ts"
import { unseal } from "../../schemas/envelope.ts"
import { TenantId } from "../../schemas/ids.ts"
import { type IdentityChanged, identityChanged } from "../../schemas/identity.ts"

export const settings: Settings = {
  version: "0.0.0",
  environment: "test",
  simulated: true,
  staleAfterMs: 30_000,
  signupOpen: false,
  homeTenant: TenantId.make("acme"),
  oidc: null,
  principal: null
}
/** A day like any other, in milliseconds since 1970. */
export const noon = Date.UTC(2026, 10, 20, 12)
export const password = "correct horse battery staple"

export interface Terms {
  readonly settings?: Partial<Settings>
  readonly vault?: Vault["Service"]
  readonly provider?: Provider
  readonly seed?: string
}

export interface Stage {
  readonly means: Means
  /** What the log was told, in order. */
  readonly told: ReadonlyArray<IdentityChanged>
  readonly bus: Layer.Layer<Bus>
  /** Everything that stands in the vault, as text. */
  readonly kept: () => string
}

export const openStage = (terms: Terms = {}): Effect.Effect<Stage> =>
  Effect.gen(function* () {
    const written = new Map<string, string>()
    const inner = terms.vault ?? makeVault()
    const vault: Vault["Service"] = {
      ...inner,
      put: (key, value, revision) =>
        Effect.tap(inner.put(key, value, revision), () => Effect.sync(() => written.set(key, JSON.stringify(value))))
    }
    const told: Array<IdentityChanged> = []
    const append = (drafts: ReadonlyArray<Draft>) =>
      Effect.sync(() => {
        for (const { data } of drafts) told.push(Result.getOrThrow(unseal(identityChanged, data)))
        return { seq: told.length }
      })
    const parts = Layer.mergeAll(
      Layer.succeed(Vault, vault),
      Layer.sync(Entropy, () => makeEntropy(terms.seed)),
      passwords,
      Layer.succeed(Oidc, { provider: terms.provider ?? null })
    )
    const made = identityLayer({ ...settings, ...terms.settings }).pipe(Layer.provide(parts))
    const means = yield* Effect.provide(Identity, made).pipe(Effect.orDie)
    const bus = Layer.mock(Bus, { append })
    return { means, told, bus, kept: () => [...written].map((entry) => entry.join(" ")).join("\n") }
  })

/** The first administrator of the stage's installation. */
export const admin = ({ means }: Stage, now = noon) =>
  Effect.gen(function* () {
    const secret = (yield* firstAdminSecret(means)) ?? ""
    const wanted = { secret, email: "Ada@Example.com", name: "Ada", password, tenant: settings.homeTenant }
    return yield* createFirstAdmin(means, wanted, now)
  })

/** Who a token stands for. */
export const asked = ({ means }: Stage, token: string, now = noon): Effect.Effect<Caller | undefined, Refused> =>
  identify(means)({ authorization: `Bearer ${token}`, cookies: {}, now })

/** A store whose steps take a while, each its own. */
export const hesitant = (delays: ReadonlyArray<number>): Vault["Service"] => {
  const vault = makeVault()
  let step = 0
  const wait = Effect.suspend(() => Effect.repeat(Effect.yieldNow, { times: delays[step++ % delays.length] ?? 0 }))
  return {
    ...vault,
    get: (key) => Effect.andThen(wait, vault.get(key)),
    put: (key, value, revision) => Effect.andThen(wait, vault.put(key, value, revision))
  }
}
