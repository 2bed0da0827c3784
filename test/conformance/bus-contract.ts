/** What every bus promises to actors, as tests: they run alike on memory, on one real server and on three. */
import { layer } from "@effect/vitest"
import { Layer } from "effect"
import { inboxContract } from "./bus-contract-inbox.ts"
import { logContract } from "./bus-contract-log.ts"
import { rowContract } from "./bus-contract-rows.ts"
import { standingContract } from "./bus-contract-standing.ts"
import { tailContract } from "./bus-contract-tail.ts"
import { type BusHouse, Pair } from "./bus-house.ts"

export { BusHouse } from "./bus-house.ts"

/**
 * Declares the suite. The house is built once for all of it; its log need not be empty and nothing of it is cleaned up.
 * Time is real: the tests run at once, the slowest waits some four seconds.
 */
export const busContract = (name: string, house: Layer.Layer<BusHouse, unknown>): void => {
  const all = Pair.layer.pipe(Layer.provideMerge(house))
  layer(all, { excludeTestServices: true, concurrent: true, timeout: "3 minutes" })(`the bus on ${name}`, (it) => {
    logContract(it)
    inboxContract(it)
    rowContract(it)
    tailContract(it)
    standingContract(it)
  })
}
