/** What was said of one kind in a tenant's accounts: as the ledger booked it, and as the log has it behind. */
import { Effect } from "effect"
import type { Stored } from "../../bus/bus.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { matches, type Road, tokensOf } from "../../schemas/message.ts"
import { columns, messagesBy } from "../history/logged.ts"
import type { Reach } from "../history/reach.ts"
import type { Refused } from "../refused.ts"
import { type Shown, shownTo } from "../shown/shown.ts"

/** News since a moment (milliseconds since 1970), or the newest word about each of some things. */
type Wish = { readonly since: number } | { readonly abouts: ReadonlyArray<string> }

const saidSql = `SELECT ${columns} FROM events
  WHERE kind = 'evt' AND name = {name:String} AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}`
/** No more than so many: each is a row for a person, and nobody reads more. */
const sinceSql = `${saidSql} AND at >= fromUnixTimestamp64Milli({since:Int64}) ORDER BY seq DESC LIMIT 200`
const aboutsSql = `${saidSql} AND about IN {abouts:Array(String)} ORDER BY seq DESC LIMIT 1 BY account, about`

/** Of the end of the log, what the ledger would be asked for: told by the subject, before anything is decoded. */
const isWished = (reach: Reach, road: Road, wish: Wish) => {
  const [accounts, abouts] = [new Set(reach.accounts), "abouts" in wish ? new Set(wish.abouts) : undefined]
  return ({ subject, at }: Stored): boolean => {
    if (!matches(road.filter, subject) || ("since" in wish && at < wish.since)) return false
    const { account = "", about = "" } = tokensOf(subject) ?? {}
    return accounts.has(account) && (abouts === undefined || abouts.has(about))
  }
}

/** In words, what this tenant may hear of it; the booked ones first, newest first among themselves. */
export const newsOf = (
  reach: Reach,
  tenant: TenantId,
  road: Road,
  wish: Wish
): Effect.Effect<ReadonlyArray<Shown>, Refused> => {
  const { store, accounts, booked, tail, ownerOf } = reach
  const sql = "since" in wish ? sinceSql : aboutsSql
  return Effect.map(messagesBy(store, sql, { name: road.name, accounts, booked, ...wish }), (found) =>
    [...found, ...tail.filter(isWished(reach, road, wish))].flatMap((stored) => shownTo(tenant, ownerOf, stored) ?? [])
  )
}
