/** Instances that swaps left behind and that nobody ends: rows for a person, while sweeps still see them. */
import { Effect } from "effect"
import type { TenantId } from "../../schemas/ids.ts"
import { orphanLeft, orphanSeen } from "../../schemas/orphan.ts"
import type { Wanted } from "../fleet/scope.ts"
import type { Reach } from "../history/reach.ts"
import type { Shown } from "../shown/shown.ts"
import type { Row } from "./attention.ts"
import { newsOf } from "./news.ts"

/** A sweep says every five minutes what still stands: what was not said for so long is gone. Milliseconds. */
const standsMs = 7 * 60_000

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
    const news = yield* newsOf(reach, tenant, orphanSeen, { since: now - standsMs })
    const seen = news.filter((view) => wanted.region === undefined || regionOf(view) === wanted.region)
    if (seen.length === 0) return []
    const abouts = [...new Set(seen.map(({ about }) => about))]
    return orphanRowsOf(seen, yield* newsOf(reach, tenant, orphanLeft, { abouts }), now)
  })
