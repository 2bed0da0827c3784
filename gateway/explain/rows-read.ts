/** The rows that a decision was made with: each bucket as far as it had been read then, and no further. */
import { Effect, Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { accounts, type Bucket, desks, groups, pools } from "../../schemas/catalogue.ts"
import type { Book } from "../../schemas/decision.ts"
import { open } from "../../schemas/envelope.ts"
import { type GroupSeen, groupToken } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { asked, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"
import { columns, PastRow, stillBook } from "../rows-still.ts"

/** How far each bucket had been read: its name -> LOG sequence. */
export type Read = Readonly<Record<string, number>>

/** Undefined of what was said before that was kept. */
export const readOf = (stored: Stored): Read | undefined => {
  const opened = open(stored.data)
  return Result.isSuccess(opened) ? opened.success.read : undefined
}

/** Of each thing under a prefix the newest fact up to a sequence. Sequences first: bodies of no other are read. */
const rowsSql = `SELECT ${columns} FROM events WHERE seq IN (
    SELECT max(seq) FROM events
    WHERE kind = 'evt' AND owner = {owner:String} AND name IN {names:Array(String)}
      AND seq <= {upTo:UInt64} AND startsWith(about, {prefix:String}) GROUP BY about
  ) LIMIT 20000`

/** Zones of a region share their first word, as `use1-az1` and `use1-atl2-az1`: its pools begin with it. */
const poolsOf = ({ members, subnets }: GroupSeen): string | undefined => {
  const zone = [...subnets, ...members][0]?.zone
  return zone === undefined ? undefined : key(`${zone.split("-")[0]}-`)
}

/** Of a group what planner and enforcer consult: itself, its region's market, its account, and the desk of that. */
export const bookAsRead = (store: Store, read: Read, group: GroupSeen): Effect.Effect<Book, Refused> => {
  const wanted: ReadonlyArray<readonly [Bucket, prefix: string | undefined]> = [
    [groups, groupToken(group)],
    [pools, poolsOf(group)],
    [desks, key(group.account)],
    [accounts, key(group.account)]
  ]
  const rowsOf = ([{ name, owner, roads }, prefix]: (typeof wanted)[number]) => {
    const upTo = read[name] ?? 0
    if (upTo === 0 || prefix === undefined) return Effect.succeed([])
    const params = { owner, names: roads.map((road) => road.name), upTo, prefix }
    return asked(store, PastRow, rowsSql, params)
  }
  return Effect.flatMap(Effect.forEach(wanted, rowsOf), (rows) => stillBook(rows.flat()))
}
