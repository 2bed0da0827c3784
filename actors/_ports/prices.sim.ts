/** Prices as the simulated cloud lists them: the market's, with a little life in the Spot prices. */
import type { InstanceType } from "../../schemas/ids.ts"
import type { TypeSpec } from "../../schemas/pool.ts"
import { pricesCalls } from "./prices.ts"
import type { Ground } from "./world/ground.ts"
import { innerOf, type Plain, type Wire } from "./world/inner.ts"
import { paged } from "./world/market.ts"
import type { World } from "./world/world.ts"

const listed = <A>(w: Ground, rows: ReadonlyArray<A>, asOf: string) => ({
  rows,
  refused: (w.market.rejected ?? []).map(({ file, line, problem }) => ({ source: file, line, reason: problem })),
  origin: "simulated cloud",
  asOf
})
const perType = <A>(w: Ground, row: (type: InstanceType, spec: TypeSpec) => A | undefined): ReadonlyArray<A> =>
  [...w.market.types].map(([type, spec]) => row(type, spec)).filter((each) => each !== undefined)
const day = (w: Ground) => new Date(w.at).toISOString().slice(0, 10)

const plain: Plain<typeof pricesCalls> = {
  spotHistory: (w, { types, product, since, page }, { region }) => {
    const rows = product === "linux" ? w.history.rows(region, w.at, since, new Set(types)) : []
    const shown = paged(rows, page)
    return { prices: shown.rows, next: shown.next }
  },
  onDemand: (w, { product }, { region }) => {
    const rows = perType(w, (instanceType) => {
      const perHour = w.market.onDemandMicroUsd(region, instanceType)
      return perHour === undefined || product !== "linux" ? undefined : { instanceType, perHour }
    })
    return listed(w, rows, day(w))
  },
  advisor: (w, { product }, { region }) => {
    let asOf = ""
    const rows = perType(w, (instanceType) => {
      const advised = w.market.advisor(region, instanceType)
      if (advised === undefined || product !== "linux") return undefined
      if (advised.asOf > asOf) asOf = advised.asOf
      return { instanceType, band: advised.band, savingsPercent: advised.savingsPct }
    })
    return listed(w, rows, asOf === "" ? day(w) : asOf)
  },
  types: (w, _, { region }) => {
    const isSold = (type: InstanceType) => w.market.onDemandMicroUsd(region, type) !== undefined
    return listed(
      w,
      perType(w, (type, spec) => (isSold(type) ? spec : undefined)),
      day(w)
    )
  }
}

export const inner = (world: World, wire: Wire) => innerOf("prices", pricesCalls, plain, world, wire)
