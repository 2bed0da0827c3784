/** AWS's Spot advisor, as its public feed says it now: fetched at most once an hour, and never waited for long. */
import { Effect, Result, Schema } from "effect"
import { InstanceType, type Region } from "../../schemas/ids.ts"
import { AdvisorBand, type Product } from "../../schemas/pool.ts"
import type { RefusedRow } from "./prices.ts"

export interface AdvisorFeedOptions {
  /** Null: never fetch, use what is bundled. */
  readonly advisorUrl?: string | null
}

/** Source: the feed behind aws.amazon.com/ec2/spot/instance-advisor (trap 66). */
const defaultUrl = "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json"
const limitMs = 3000
const bytesMax = 32 * 1024 * 1024
const freshMs = 3_600_000
/** After a failure the bundle serves for so long before the feed is tried again. */
const retryMs = 300_000

const named: Readonly<Record<typeof Product.Type, string | null>> = {
  linux: "Linux",
  windows: "Windows",
  rhel: null,
  suse: null
}

const Feed = Schema.Struct({ spot_advisor: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)) })
type Feed = typeof Feed.Type
const Row = Schema.Struct({
  s: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
  r: AdvisorBand
})
const decodeRow = Schema.decodeUnknownResult(Row)
const isType = Schema.is(InstanceType)
const rowsOf = Schema.decodeUnknownResult(Schema.Record(Schema.String, Schema.Unknown))

interface Told {
  readonly rows: ReadonlyArray<{
    readonly instanceType: InstanceType
    readonly band: typeof AdvisorBand.Type
    readonly savingsPercent: number
  }>
  readonly refused: ReadonlyArray<typeof RefusedRow.Type>
  readonly origin: string
  readonly asOf: string
}

/** A failure of whatever kind means the same: not today. */
const fetchFeed = (url: string) =>
  Effect.tryPromise({ try: (signal) => download(url, signal), catch: (thrown) => String(thrown) }).pipe(
    Effect.timeout(limitMs),
    Effect.tapError((error) => Effect.logInfo("no advisor feed, using the bundle", { url, error: String(error) })),
    Effect.option
  )

const download = async (url: string, signal: AbortSignal) => {
  const answer = await fetch(url, { signal, redirect: "error" })
  if (!answer.ok || Number(answer.headers.get("content-length") ?? 0) > bytesMax) throw new Error(`${answer.status}`)
  const stamp = Date.parse(answer.headers.get("last-modified") ?? "")
  const feed = Schema.decodeUnknownSync(Feed)(await answer.json())
  return { feed, asOf: new Date(Number.isNaN(stamp) ? Date.now() : stamp).toISOString().slice(0, 10) }
}

const read = (feed: Feed, region: Region, product: string, origin: string, asOf: string): Told | null => {
  const part = rowsOf(feed.spot_advisor[region]?.[product])
  if (Result.isFailure(part)) return null
  const rows: Array<Told["rows"][number]> = []
  const refused: Array<typeof RefusedRow.Type> = []
  let line = 0
  for (const [instanceType, raw] of Object.entries(part.success)) {
    line++
    const row = decodeRow(raw)
    if (Result.isSuccess(row) && isType(instanceType)) {
      rows.push({ instanceType, band: row.success.r, savingsPercent: row.success.s })
    } else {
      const why = Result.isFailure(row) ? row.failure.message.replace(/\s+/g, " ") : "no instance type"
      refused.push({ source: origin, line, reason: `${region} ${instanceType}: ${why}` })
    }
  }
  return rows.length === 0 ? null : { rows, refused, origin, asOf }
}

/** The feed's word on a region and product; null where it cannot be had or says nothing. Never fails. */
export const makeAdvisorFeed = ({ advisorUrl = defaultUrl }: AdvisorFeedOptions) => {
  let kept: { readonly feed: Feed; readonly asOf: string } | null = null
  let nextAt = 0
  return (region: Region, product: typeof Product.Type): Effect.Effect<Told | null> =>
    Effect.gen(function* () {
      const name = named[product]
      if (advisorUrl === null || name === null) return null
      if (Date.now() >= nextAt) {
        // set first: those who ask meanwhile take what there is
        nextAt = Date.now() + retryMs
        const fetched = yield* fetchFeed(advisorUrl)
        if (fetched._tag === "Some") {
          kept = fetched.value
          nextAt = Date.now() + freshMs
        }
      }
      return kept === null ? null : read(kept.feed, region, name, "spot-advisor feed", kept.asOf)
    })
}
