/** What the risk map can show of a pool: its layers, each a figure, a place on the scale, and words. */
import Lock from "lucide-solid/icons/lock"
import type { Reply } from "../api/client.ts"
import type { HeatCell } from "../parts/heat-map.tsx"
import { counted, lasting, perHour, share, unknown } from "../words.ts"

export type Pool = Reply<"GET /api/v1/pools">["items"][number]
export type Layer = "safety" | "price" | "interruptions" | "freshness"

export const layers: ReadonlyArray<{ readonly layer: Layer; readonly name: string; readonly says: string }> = [
  { layer: "safety", name: "Safety score", says: "0 to 1, high is safe; nothing is launched under 0.75." },
  { layer: "price", name: "Price against on-demand", says: "How much less Spot costs than on-demand, in percent." },
  {
    layer: "interruptions",
    name: "Interruptions",
    says: "How many instances were lost there, as far as evidence goes."
  },
  {
    layer: "freshness",
    name: "Freshness",
    says: "How long ago the pool was scored; after an hour a score counts for nothing."
  }
]

/** A score over an hour old is as good as none. */
const scoreAgeMsMax = 3_600_000
export const gateMin = 0.75

export const isPoisoned = (pool: Pool): boolean => pool.gate._tag === "poisoned" && !pool.isOpen
/** Shut, and a person's word is the last of what shuts it. */
export const isHeld = (pool: Pool): boolean =>
  isPoisoned(pool) && pool.gate._tag === "poisoned" && pool.held?.until === pool.gate.until
export const herdOf = (pool: Pool, now: number): Pool["herd"]["_tag"] =>
  pool.herd._tag === "NORMAL" || pool.herd.until <= now ? "NORMAL" : pool.herd._tag
export const isStale = (pool: Pool, now: number): boolean => now - pool.scoredAt > scoreAgeMsMax
export const discountOf = (pool: Pool): number | null =>
  pool.spotPerHour === null || pool.onDemandPerHour === null || pool.onDemandPerHour === 0
    ? null
    : 1 - pool.spotPerHour / pool.onDemandPerHour
/** Instances of ours run where nothing would be launched now. */
export const isExposed = (pool: Pool, now: number): boolean =>
  pool.ours > 0 && (isPoisoned(pool) || (pool.safetyScore ?? 0) < gateMin || herdOf(pool, now) === "RISKY")

const clamp = (value: number) => Math.min(1, Math.max(0, value))
/** Cut, not rounded: 0.749 is under the gate and must not read as `.75`. */
const short = (score: number) =>
  score >= 1 ? "1.0" : (Math.floor(score * 100 + 1e-9) / 100).toFixed(2).replace(/^0/, "")

/** Figure and place on the scale. */
const shownOf = (pool: Pool, layer: Layer, now: number): Pick<HeatCell, "value" | "text"> => {
  if (layer === "price") {
    const discount = discountOf(pool)
    return { value: discount, text: discount === null ? unknown : `−${Math.round(discount * 100)}%` }
  }
  if (layer === "interruptions") {
    return { value: 1 - clamp(pool.interruptionCount / 5), text: String(pool.interruptionCount) }
  }
  if (layer === "freshness") {
    const age = Math.max(0, now - pool.scoredAt)
    return {
      value: 1 - clamp(age / scoreAgeMsMax),
      text: lasting(age)
        .replace(/ min.*/, "m")
        .replace(/ s.*/, "s")
    }
  }
  return { value: pool.safetyScore, text: pool.safetyScore === null ? unknown : short(pool.safetyScore) }
}

const days = (ms: number) => Math.max(1, Math.ceil(ms / 86_400_000))

const signOf = (pool: Pool, now: number) => {
  if (isPoisoned(pool) && pool.gate._tag === "poisoned") {
    const left = days(pool.gate.until - now)
    return {
      glyph: (
        <span class="inline-flex items-center text-[11px]">
          <Lock size={11} />
          {left}d
        </span>
      ),
      says: `${isHeld(pool) ? "held by a person" : "poisoned"}, ${counted(left, "day")} left`
    }
  }
  const herd = herdOf(pool, now)
  if (herd === "RISKY") return { glyph: <b>!!</b>, says: "risky, three or more witnesses" }
  if (herd === "UNCERTAIN") return { glyph: <b>!</b>, says: "uncertain, two witnesses" }
  return { glyph: undefined, says: "ok" }
}

/** A pool as a cell of the map: everything that colour says is said in words too. */
export const cellOf = (pool: Pool, layer: Layer, now: number): HeatCell => {
  const shown = shownOf(pool, layer, now)
  const sign = signOf(pool, now)
  const name = layers.find((one) => one.layer === layer)?.name ?? layer
  const says = [
    name,
    sign.says,
    pool.ours > 0 ? `${pool.ours} of ours` : "",
    isExposed(pool, now) ? "exposed" : "",
    isStale(pool, now) ? "stale" : "",
    `spot ${perHour(pool.spotPerHour)}`,
    `${share(discountOf(pool))} under on-demand`
  ]
  return {
    ...shown,
    glyph: sign.glyph,
    says: says.filter(Boolean).join(", "),
    corner: pool.ours > 0 ? String(pool.ours) : undefined,
    isStale: isStale(pool, now),
    isMarked: isExposed(pool, now)
  }
}

interface MapAxes {
  readonly rows: ReadonlyArray<{ readonly id: string; readonly title: string; readonly group: string }>
  readonly columns: ReadonlyArray<{ readonly id: string; readonly title: string }>
}

/** Families with most of ours first, their types by size; zones by their ids. Several products of a type are rows. */
export const axesOf = (pools: ReadonlyArray<Pool>): MapAxes => {
  const products = new Set(pools.map(({ product }) => product))
  const rowId = (pool: Pool) => `${pool.instanceType} ${pool.product}`
  const families = new Map<string, number>()
  const rows = new Map<string, { readonly pool: Pool; ours: number }>()
  for (const pool of pools) {
    families.set(pool.family, (families.get(pool.family) ?? 0) + pool.ours)
    const row = rows.get(rowId(pool))
    if (row === undefined) rows.set(rowId(pool), { pool, ours: pool.ours })
    else row.ours += pool.ours
  }
  const order = (family: string) => families.get(family) ?? 0
  const sorted = [...rows].sort(
    ([, a], [, b]) =>
      order(b.pool.family) - order(a.pool.family) ||
      (a.pool.family < b.pool.family ? -1 : a.pool.family > b.pool.family ? 1 : 0) ||
      (a.pool.vcpu ?? 0) - (b.pool.vcpu ?? 0) ||
      (a.pool.instanceType < b.pool.instanceType ? -1 : 1)
  )
  return {
    rows: sorted.map(([id, { pool }]) => ({
      id,
      title: products.size > 1 ? `${pool.instanceType} ${pool.product}` : pool.instanceType,
      group: pool.family
    })),
    columns: [...new Set(pools.map(({ zone }) => zone))].sort().map((zone) => ({ id: zone, title: zone }))
  }
}
