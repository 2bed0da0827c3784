/** What a customer's role has to ask of us: an external id that we make, one for each tenant, and whom it lets in. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import { type Refused, unavailable } from "../refused.ts"
import { base64url, type Entropy } from "./entropy.ts"
import { trusts } from "./records.ts"
import { glance, make, read } from "./shelf.ts"
import { Vault } from "./vault.ts"

/** 192 bits: nobody guesses another tenant's. */
const idBytes = 24
const prefix = "cloudoptim-"

/**
 * The tenant's external id, made when it is first needed and never again. Of two gateways that make one at the same
 * time the first stored one holds for both.
 */
export const externalIdOf = (
  entropy: Entropy["Service"],
  tenant: TenantId,
  now: number
): Effect.Effect<string, Refused, Vault> =>
  Effect.gen(function* () {
    const vault = yield* Vault
    const known = yield* glance(vault, trusts, tenant)
    if (known !== undefined) return known.externalId
    yield* make(vault, trusts, tenant, { externalId: prefix + base64url(entropy.bytes(idBytes)), at: now })
    const kept = (yield* read(vault, trusts, tenant))?.value
    return kept?.externalId ?? (yield* unavailable("the store of identities lost what it took: try again"))
  })

/** The trust policy of a role that lets `principal` in, and it alone, where it names this external id. */
export const trustPolicyOf = (principal: string, externalId: string): string =>
  JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: principal },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": externalId } }
        }
      ]
    },
    null,
    2
  )
