/** Who is who here: everything that proving and managing identities needs, put together once per process. */
import { Config, Context, Effect, Layer } from "effect"
import { Entropy } from "./entropy.ts"
import { Oidc } from "./oidc.ts"
import { Passwords } from "./passwords.ts"
import { jwtSecret, type Settings } from "./settings.ts"
import { type Keys, keysOf, keptSecret } from "./tokens.ts"
import { sweeping } from "./sweep.ts"
import { makeThrottle, type Throttle } from "./throttle.ts"
import { Vault, type VaultDown } from "./vault.ts"

export class Identity extends Context.Service<
  Identity,
  {
    readonly vault: Vault["Service"]
    readonly passwords: Passwords["Service"]
    readonly entropy: Entropy["Service"]
    /** Null where people sign in with passwords alone. */
    readonly oidc: Oidc["Service"]["provider"]
    readonly settings: Settings
    readonly keys: Keys
    readonly throttle: Throttle
    /** When this process last noted that a key was used. */
    readonly uses: Map<string, number>
  }
>()("cloudoptim/Identity") {}
export type Means = Identity["Service"]

const make = (settings: Settings) =>
  Effect.gen(function* () {
    const vault = yield* Vault
    const entropy = yield* Entropy
    const passwords = yield* Passwords
    const { provider: oidc } = yield* Oidc
    const given = yield* jwtSecret
    yield* Effect.forkScoped(sweeping(vault))
    const keys = keysOf(given ?? (yield* keptSecret(vault, entropy)))
    return Identity.of({
      vault,
      entropy,
      passwords,
      oidc,
      settings,
      keys,
      throttle: makeThrottle(vault),
      uses: new Map()
    })
  })

/** `JWT_SECRET` overrides the installation's own secret; fails where it is too short, or the vault does not answer. */
export const identityLayer = (
  settings: Settings
): Layer.Layer<Identity, Config.ConfigError | VaultDown, Vault | Entropy | Passwords | Oidc> =>
  Layer.effect(Identity, make(settings))
