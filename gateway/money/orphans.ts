/** Instances that swaps left behind and that nobody ends: rows for a person, while sweeps still see them. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import { orphanLeft, orphanSeen } from "../../schemas/orphan.ts"
import type { Wanted } from "../fleet/scope.ts"
import { columns, messagesBy } from "../history/logged.ts"
import type { Reach } from "../history/reach.ts"
import { forWhom, mayHear, type Shown } from "../shown/shown.ts"
import type { Row } from "./attention.ts"

/** A sweep says every five minutes what still stands: what was not said for so long is gone. Milliseconds. */
const standsMs = 7 * 60_000

const seenSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name = {name:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
    AND at >= fromUnixTimestamp64Milli({since:Int64}) ORDER BY seq DESC LIMIT 200`
const leftSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name = {name:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
    AND about IN {abouts:Array(String)} ORDER BY seq DESC LIMIT 1 BY account, about`

const regionOf = ({ body }: Shown) => (body as { readonly region?: unknown } | null)?.region
const nameOf = ({ account, about }: Shown) => `${account} ${about}`

/** Of each instance that stands, the newest word on why it is left, where that needs a person. */
export const orphanRowsOf = (
  seen: ReadonlyArray<Shown>,
  left: ReadonlyArray<Shown>,
  now: number
): ReadonlyArray<Row> => {
  const standing = new Set(seen.filter(({ at }) => at >= now - standsMs && at <= now).map(nameOf))
  const newest = new Map(left.toSorted((a, b) => a.seq - b.seq).map((one) => [nameOf(one), one] as const))
  return [...newest].flatMap(([name, { seq, at, account, about, says, severity }]): ReadonlyArray<Row> => {
    if (!standing.has(name) || severity === "info") return []
    return [
      {
        id: `orphan:${account}:${about}`,
        kind: "orphan",
        severity,
        title: says,
        why: "it costs money and serves in no group: end it, or take our tag off it, if it is to stay",
        account: account as Row["account"],
        deadlineAt: null,
        since: at,
        link: `/trace/${seq}`
      }
    ]
  })
}

export const orphanRows = (reach: Reach, tenant: TenantId, wanted: Wanted, now: number) =>
  Effect.gen(function* () {
    const { accounts, booked, store, tail } = reach
    const shownOf = (name: string, all: typeof tail) =>
      all.flatMap((stored) => {
        const { audience, view } = forWhom(stored)
        return view.name === name && mayHear(tenant, reach.ownerOf, audience) ? [view] : []
      })
    const since = now - standsMs
    const seen = shownOf(orphanSeen.name, [
      ...(yield* messagesBy(store, seenSql, { name: orphanSeen.name, accounts, booked, since })),
      ...tail
    ]).filter((view) => wanted.region === undefined || regionOf(view) === wanted.region)
    if (seen.length === 0) return []
    const abouts = [...new Set(seen.map(({ about }) => about))]
    const left = shownOf(orphanLeft.name, [
      ...(yield* messagesBy(store, leftSql, { name: orphanLeft.name, accounts, booked, abouts })),
      ...tail
    ])
    return orphanRowsOf(seen, left, now)
  })
