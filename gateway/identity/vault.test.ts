/** The store in memory keeps what every store promises. */
import { Effect } from "effect"
import { vaultContract } from "../../test/gateway/vault-contract.ts"
import { makeVault } from "./vault.sim.ts"

const vault = makeVault()
vaultContract("the store in memory", () => ({ join: Effect.succeed(vault) }))
