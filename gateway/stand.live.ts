/** What the gateway stands on beside bus and warehouse: the store of identities, passwords, chance, the provider. */
import { randomBytes } from "node:crypto"
import { Layer } from "effect"
import { layer as entropy } from "./identity/entropy.live.ts"
import { layer as oidc } from "./identity/oidc.live.ts"
import { layer as passwords } from "./identity/passwords.live.ts"
import type { Settings } from "./identity/settings.ts"
import { layer as vault, type VaultOptions } from "./identity/vault.live.ts"

/** Of one process. */
export const standing = (options: VaultOptions, settings: Settings) =>
  Layer.mergeAll(vault(options), passwords, entropy, oidc(settings.oidc))

/** So many random hexadecimal digits. */
export const freshHex = (digits: number): string =>
  randomBytes(Math.ceil(digits / 2))
    .toString("hex")
    .slice(0, digits)
export const rssBytes = (): number => process.memoryUsage.rss()
