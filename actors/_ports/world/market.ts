/**
 * What the simulated cloud sells: types, list prices, bands and Spot prices, read off a market that the host passes
 * in.
 */
import {
  type InstanceType,
  type Instant,
  instant,
  type MicroUsd,
  type Region,
  type ZoneId
} from "../../../schemas/ids.ts"
import type { AdvisorBand, Product, TypeSpec } from "../../../schemas/pool.ts"
import type { SpotPrice } from "../prices.ts"
import { refuse } from "./refused.ts"

/** The least that a market must know. Prices are per instance-hour, Linux; undefined where it is not sold. */
export interface Market {
  readonly types: ReadonlyMap<InstanceType, TypeSpec>
  readonly zones: (region: Region) => ReadonlyArray<ZoneId>
  readonly onDemandMicroUsd: (region: Region, type: InstanceType) => MicroUsd | undefined
  readonly advisor: (region: Region, type: InstanceType) => Advised | undefined
  readonly spotMicroUsd: (region: Region, zone: ZoneId, type: InstanceType) => MicroUsd | undefined
  /** Rows of its files that could not be read. */
  readonly rejected?: ReadonlyArray<{ readonly file: string; readonly line: number; readonly problem: string }>
}
interface Advised {
  readonly band: typeof AdvisorBand.Type
  readonly savingsPct: number
  readonly asOf: string
}

/** EC2 and the Spot price history give at most so many rows a page. */
export const pageSize = 1000

/** The page that begins at `page`, and where the next one begins. */
export const paged = <A>(rows: ReadonlyArray<A>, page: string | null, size: number = pageSize) => {
  const from = page === null ? 0 : Number(page)
  if (!Number.isInteger(from) || from < 0) return refuse("InvalidNextToken", "the page token is not one of ours")
  const next = from + size
  return { rows: rows.slice(from, next), next: next < rows.length ? String(next) : null }
}

const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32
}

const day = 86_400_000
/** A third of the pools never move; the others move every other day, by up to a tenth: as calm as the real ones are. */
const everyMs = 2 * day
const isCalm = (pool: string) => hash(pool) < 1 / 3

/** The changes that `spotHistory` can show at a time, newest first; cached, since they change a few times an hour. */
export class SpotHistory {
  private readonly market: Market
  private readonly cached = new Map<Region, { readonly period: number; readonly rows: ReadonlyArray<Row> }>()

  constructor(market: Market) {
    this.market = market
  }

  rows(region: Region, now: number, since: Instant, types: ReadonlySet<InstanceType>): ReadonlyArray<Row> {
    const all = this.all(region, Math.floor(now / everyMs))
    const inForce = new Set<string>()
    return all.filter((row) => {
      if (row.at > now || (types.size > 0 && !types.has(row.instanceType))) return false
      if (row.at >= since) return true
      // the change in force when the window opens belongs to the answer, whatever its age
      const pool = `${row.zone} ${row.instanceType}`
      return inForce.has(pool) ? false : inForce.add(pool) !== undefined
    })
  }

  private all(region: Region, period: number): ReadonlyArray<Row> {
    const known = this.cached.get(region)
    if (known?.period === period) return known.rows
    const rows: Array<Row> = []
    for (const zone of this.market.zones(region)) {
      for (const instanceType of this.market.types.keys()) {
        const base = this.market.spotMicroUsd(region, zone, instanceType)
        if (base !== undefined) rows.push(...changesOf(zone, instanceType, base, period))
      }
    }
    rows.sort((a, b) => b.at - a.at)
    this.cached.set(region, { period, rows })
    return rows
  }
}
type Row = typeof SpotPrice.Type

const changesOf = (zone: ZoneId, instanceType: InstanceType, base: MicroUsd, period: number): ReadonlyArray<Row> => {
  const pool = `${zone} ${instanceType}`
  const product: Product = "linux"
  const offset = Math.floor(hash(`${pool} when`) * everyMs)
  const change = (n: number, perHour: MicroUsd): Row => ({
    zone,
    instanceType,
    product,
    perHour,
    at: instant(n * everyMs + offset)
  })
  if (isCalm(pool)) return [change(period - 5, base)]
  const swing = 0.1 * hash(`${pool} swing`)
  return Array.from({ length: 6 }, (_, i) => {
    const n = period - i
    const moved = Math.round(base * (1 + swing * (hash(`${pool} ${n}`) - 0.5)))
    return change(n, Math.max(1, moved) as MicroUsd)
  })
}
