/** The external id of a tenant: one for good, whoever makes it first, and nobody else's. */
import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TenantId } from "../../schemas/ids.ts"
import { makeEntropy } from "./entropy.sim.ts"
import { externalIdOf } from "./trust.ts"
import { makeVault } from "./vault.sim.ts"
import { Vault } from "./vault.ts"

it.effect.prop(
  "gateways that make it at the same time agree on it for good, and no two tenants have the same",
  { seeds: Schema.NonEmptyArray(Schema.String), names: Schema.NonEmptyArray(Schema.Literals(["a", "b", "c"])) },
  ({ seeds, names }) =>
    Effect.gen(function* () {
      const found = new Map<string, Set<string>>()
      const asked = seeds.flatMap((seed) => names.map((name) => ({ entropy: makeEntropy(`gateway ${seed}`), name })))
      yield* Effect.forEach(
        [...asked, ...asked],
        ({ entropy, name }) =>
          Effect.map(externalIdOf(entropy, TenantId.make(name), 1), (id) => {
            found.set(name, (found.get(name) ?? new Set()).add(id))
          }),
        { concurrency: "unbounded" }
      )
      const ids = [...found.values()].flatMap((one) => [...one])
      assert.strictEqual(ids.length, found.size)
      // AWS takes these characters. Source: STS API Reference, "AssumeRole", ExternalId
      for (const id of ids) assert.match(id, /^cloudoptim-[\w+=,.@:/-]{32}$/)
    }).pipe(Effect.provideService(Vault, makeVault()))
)
