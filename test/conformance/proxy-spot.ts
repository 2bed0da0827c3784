/** Spot price history as AWS gives it, from the shipped market: changes of a week with zone IDs, a thousand a page. */
import type { Market } from "../../actors/_ports/market.live.ts"
import { Region, type ZoneId } from "../../schemas/ids.ts"
import { type Answer, type Asked, ec2Answer, listIn, No, tag, textTag } from "./proxy-wire.ts"

const hour = 3_600_000
const pageMax = 1000

interface Change {
  readonly type: string
  readonly zone: ZoneId
  readonly usd: number
  readonly at: number
}

/** Small and repeatable: the price in force, and for two pools in three another one before it. */
const changesOf = (market: Market, region: Region, now: number): ReadonlyArray<Change> => {
  const changes: Array<Change> = []
  let n = 0
  for (const zone of market.zones(region)) {
    for (const type of market.types.keys()) {
      const micro = market.spotMicroUsd(region, zone, type)
      if (micro === undefined) continue
      n++
      changes.push({ type, zone, usd: micro / 1e6, at: now - (1 + (n % 40)) * hour })
      if (n % 3 !== 0)
        changes.push({ type, zone, usd: (micro * (0.95 + (n % 11) / 100)) / 1e6, at: now - (60 + (n % 90)) * hour })
    }
  }
  return changes.sort((a, b) => b.at - a.at)
}

/** `names`: the account's names of the zones, by ID. */
export const spotHistory = (market: Market, began: number) => {
  const kept = new Map<string, ReadonlyArray<Change>>()
  return ({ region, form }: Asked, names: ReadonlyMap<string, string>): Answer => {
    const known = kept.get(region) ?? changesOf(market, Region.make(region), began)
    kept.set(region, known)
    const types = new Set(listIn(form, "InstanceType"))
    const products = listIn(form, "ProductDescription")
    const since = Date.parse(form.get("StartTime") ?? "") || began - 90 * 24 * hour
    const isLinux = products.length === 0 || products.includes("Linux/UNIX")
    const rows = known.filter(({ type, at }) => isLinux && at >= since && (types.size === 0 || types.has(type)))
    const from = Number(form.get("NextToken") ?? 0)
    if (!Number.isInteger(from)) throw new No("InvalidNextToken", "the token is not one of ours")
    const size = Math.min(pageMax, Number(form.get("MaxResults") ?? pageMax))
    const items = rows
      .slice(from, from + size)
      .map(({ type, zone, usd, at }) =>
        tag(
          "item",
          textTag("instanceType", type),
          textTag("productDescription", "Linux/UNIX"),
          textTag("spotPrice", usd.toFixed(6)),
          textTag("timestamp", new Date(at).toISOString()),
          textTag("availabilityZone", names.get(zone) ?? ""),
          textTag("availabilityZoneId", zone)
        )
      )
    const next = from + size < rows.length ? String(from + size) : ""
    return ec2Answer("DescribeSpotPriceHistory", tag("spotPriceHistorySet", ...items), textTag("nextToken", next))
  }
}
