/** What was said, newest first: the ledger's rows and the end of the log as one list, each told as it is shown. */
import { Effect } from "effect"
import type { listEvents } from "../../schemas/api/operations.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { key } from "../../schemas/key.ts"
import { containing } from "../paging.ts"
import type { Asked } from "../route.ts"
import { forWhom, mayHear, ofEverybody, type Shown, tellings } from "../shown/shown.ts"
import { columns, messagesBy } from "./logged.ts"
import { type Reach, reachOf } from "./reach.ts"
import { looked, sifted } from "./sift.ts"

type Query = Asked<typeof listEvents>["query"]

/** Of what is grave or good only so much is said: names that may say it. What cannot be read is a warning. */
const namesOf = (severity: Query["severity"]): ReadonlyArray<string> =>
  [...tellings.values()].flatMap(({ severities, road }) =>
    severity !== undefined && severities?.includes(severity) ? [road.name] : []
  )
/**
 * Whose rows: the tenant's accounts, everybody's facts, and of people only those of the tenant, whose key begins with
 * him unless it is a hash. Of what is grave or good a journal says it in its last entry. Bodies are read of the rows
 * that are wanted and of no other.
 */
const sql = `SELECT ${columns} FROM events WHERE seq IN (
    SELECT seq FROM events
    WHERE seq <= {booked:UInt64} AND seq < {before:UInt64}
      AND (account IN {accounts:Array(String)}
        OR (account = 'all' AND kind = 'evt' AND {market:Bool} AND owner IN {everybodys:Array(String)})
        OR (account = 'all' AND kind = 'evt' AND {people:Bool} AND name = {identity:String}
          AND (startsWith(about, {person:String}) OR startsWith(about, '=h'))))
      AND ({name:String} = '' OR name = {name:String})
      AND ({owner:String} = '' OR owner = {owner:String})
      AND ({about:String} = '' OR about = {about:String})
      AND ({anything:Bool} OR name IN {names:Array(String)} OR seq IN (
        SELECT max(seq) FROM events
        WHERE NOT {anything:Bool} AND kind = 'jrn' AND account IN {accounts:Array(String)} AND seq <= {booked:UInt64}
        GROUP BY subject))
    ORDER BY seq DESC LIMIT {max:UInt32})
  ORDER BY seq DESC LIMIT {max:UInt32}`

const regionOf = ({ body }: Shown): unknown => {
  const at = (value: unknown, field: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined
  return at(body, "region") ?? at(at(body, "pool"), "region")
}

/** Everything that the question asks for, of a message that is shown. */
const isWanted = (query: Query) => (view: Shown) =>
  (query.account === undefined || view.account === query.account) &&
  (query.name === undefined || view.name === query.name) &&
  (query.owner === undefined || view.owner === query.owner) &&
  (query.about === undefined || view.about === query.about) &&
  (query.severity === undefined || view.severity === query.severity) &&
  (query.region === undefined || regionOf(view) === query.region) &&
  containing([view], query.q).length > 0

const fetching = (reach: Reach, tenant: string, query: Query) => {
  const newestFirst = [...reach.tail].reverse()
  return (before: number, max: number) =>
    Effect.gen(function* () {
      const behind = newestFirst.filter(({ seq }) => seq < before).slice(0, max)
      const params = {
        booked: reach.booked,
        before,
        accounts: reach.accounts,
        // who asks for one account asks for nothing else
        market: query.account === undefined,
        people: query.account === undefined,
        everybodys: [...ofEverybody],
        identity: identityChanged.name,
        person: key(tenant, ""),
        name: query.name ?? "",
        owner: query.owner ?? "",
        about: query.about ?? "",
        anything: query.severity !== "good" && query.severity !== "critical",
        names: namesOf(query.severity),
        max: max - behind.length
      }
      const rows = behind.length === max ? [] : yield* messagesBy(reach.store, sql, params)
      const all = [...behind, ...rows].map((item) => ({ seq: item.seq, item }))
      return looked(all, max)
    })
}

export const eventsOf = Effect.fn("listEvents")(function* ({ query, caller }: Asked<typeof listEvents>) {
  const reach = yield* reachOf(caller.tenant, query)
  const wanted = isWanted(query)
  return yield* sifted(
    {
      fetch: fetching(reach, caller.tenant, query),
      tell: (stored) => {
        const { audience, view } = forWhom(stored)
        return mayHear(caller.tenant, reach.ownerOf, audience) && wanted(view) ? view : undefined
      }
    },
    query,
    reach.asOf
  )
})
