/** How far each copy of the log is: the gateway's rows, bucket by bucket, and the ledger. */
import { Effect, Schema } from "effect"
import { Bus, type Stored } from "../../bus/bus.ts"
import type { SystemView } from "../../schemas/api/system.ts"
import { type Bucket, buckets } from "../../schemas/catalogue.ts"
import type { BookRow } from "../../schemas/decision.ts"
import { tokensOf } from "../../schemas/message.ts"
import { type Reach, silentLog } from "../history/reach.ts"
import { asked, Count } from "../ledger-rows.ts"
import type { Moment } from "../rows.ts"

type Projection = (typeof SystemView.Type)["projections"][number]

/** The newest fact of a bucket's roads that its row does not show yet, by the log's leader. */
const unseenOf = (moment: Moment, bucket: Bucket<any>, newest: ReadonlyArray<Stored>): Stored | undefined => {
  const unseen = newest.filter(({ seq, subject }) => {
    const row = moment.get(bucket, tokensOf(subject)?.about ?? "")
    // no row: the entity has gone since, or its fact cannot be read; what is only late has an older one
    return row !== undefined && row.seq < seq
  })
  return unseen.sort((a, b) => a.seq - b.seq)[0]
}

/** Rows that are this tenant's, or everybody's: how many others have is theirs to know. */
const isShown =
  (tenant: string) =>
  ([, { value }]: readonly [string, BookRow<unknown>]): boolean => {
    const { tenant: own, ref } = value as { readonly tenant?: string; readonly ref?: { readonly tenant?: string } }
    const whose = own ?? ref?.tenant
    return whose === undefined || whose === tenant
  }

/** The newest fact of each road of a bucket, by the log's leader. */
const newestOf = (bucket: Bucket<any>) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const found = yield* Effect.forEach(bucket.roads, ({ filter }) => bus.recall(filter), { concurrency: 4 })
    return found.flatMap((stored) => stored ?? [])
  }).pipe(Effect.mapError(silentLog))

const projectionOf = (moment: Moment, tenant: string, bucket: Bucket<any>, now: number) =>
  Effect.map(newestOf(bucket), (newest): Projection => {
    const rows = moment.all(bucket)
    const applied = rows.reduce((max, [, { seq }]) => Math.max(max, seq), 0)
    const unseen = unseenOf(moment, bucket, newest)
    const head = newest.reduce((max, { seq }) => Math.max(max, seq), applied)
    return {
      name: bucket.name,
      rows: rows.filter(isShown(tenant)).length,
      applied,
      behind: unseen === undefined ? 0 : head - applied,
      lagMs: unseen === undefined ? null : Math.max(0, now - unseen.at),
      unreadable: moment.unreadable?.(bucket) ?? 0
    }
  })

/** How old the oldest fact is, in milliseconds, that the rows should show and do not; 0 where there is none. */
export const lagOf = (moment: Moment, now: number) =>
  Effect.map(
    Effect.forEach(buckets, (bucket) => Effect.map(newestOf(bucket), (newest) => unseenOf(moment, bucket, newest)), {
      concurrency: 4
    }),
    (unseen) => unseen.reduce((lag, one) => (one === undefined ? lag : Math.max(lag, now - one.at)), 0)
  )

/** How many of the newest rows are looked through for what nobody could read. */
const lookedThrough = 50_000
const Ledger = Schema.Struct({ rows: Count, atMs: Count, unreadable: Count })
const ledgerSql = `SELECT
    (SELECT count() FROM events) AS rows,
    (SELECT toUnixTimestamp64Milli(max(at)) FROM events WHERE seq = {booked:UInt64}) AS atMs,
    (SELECT countIf(startsWith(body, '{"undecodable":')) FROM events
      WHERE seq <= {booked:UInt64} AND seq > {from:UInt64}) AS unreadable`

/** The ledger, and with it when the log's newest message was stored. */
const ledgerOf = (reach: Reach, now: number) =>
  Effect.gen(function* () {
    const { booked, tail } = reach
    const params = { booked, from: Math.max(0, booked - lookedThrough) }
    const [row] = yield* asked(reach.store, Ledger, ledgerSql, params)
    const oldest = tail[0]
    const projection: Projection = {
      name: "ledger",
      rows: row?.rows ?? 0,
      applied: booked,
      behind: reach.asOf - booked,
      lagMs: oldest === undefined ? null : Math.max(0, now - oldest.at),
      unreadable: row?.unreadable ?? 0
    }
    return { projection, headAt: tail.at(-1)?.at ?? (booked === 0 ? null : (row?.atMs ?? null)) }
  })

export const projectionsOf = (reach: Reach, tenant: string, now: number) =>
  Effect.gen(function* () {
    const rows = yield* Effect.forEach(buckets, (bucket) => projectionOf(reach.moment, tenant, bucket, now), {
      concurrency: 4
    })
    const { projection, headAt } = yield* ledgerOf(reach, now)
    return { projections: [...rows, projection], headAt }
  })
