/** What the safety enforcer said of a tenant's proposals: counted over a day, and one by one. */
import { Effect, Schema } from "effect"
import type { SafetyStatus, Validation } from "../../schemas/api/risk.ts"
import { pools } from "../../schemas/catalogue.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { isOpenAt } from "../../schemas/pool.ts"
import { Violation } from "../../schemas/safe-plan.ts"
import { planApproved, proposalRejected, safeAlternativeFound } from "../../schemas/safety.ts"
import type { Wanted } from "../fleet/scope.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"
import type { Moment } from "../rows.ts"
import { herdAt } from "./pools.ts"

const dayMs = 86_400_000

const actions = {
  [planApproved.name]: "approved",
  [safeAlternativeFound.name]: "safe-alternative",
  [proposalRejected.name]: "rejected"
} as const
type Action = (typeof Validation.Type)["action"]
const names = Object.keys(actions)

export interface Asking extends Wanted {
  readonly tenant: TenantId
  /** Accounts of the tenant: what names him from another one is not his. */
  readonly accounts: ReadonlyArray<string>
  readonly upTo: number
}

const verdicts = `FROM events
  WHERE kind = 'evt' AND owner = 'safety-enforcer' AND name IN {names:Array(String)} AND seq <= {upTo:UInt64}
    AND has({accounts:Array(String)}, account) AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}
    AND ({account:String} = '' OR account = {account:String})
    AND ({region:String} = '' OR JSONExtractString(body, 'body', 'region') = {region:String})`

const paramsOf = ({ tenant, accounts, upTo, account, region }: Asking) => ({
  names,
  tenant,
  accounts,
  upTo,
  account: account ?? "",
  region: region ?? ""
})

const Line = Schema.Struct({
  seq: Count,
  ms: Count,
  account: Schema.String,
  region: Schema.String,
  group_name: Schema.String,
  proposal: Schema.String,
  name: Schema.String,
  because: Schema.String,
  details: Schema.String,
  changes: Schema.Array(Schema.String),
  violations: Schema.fromJsonString(Schema.Array(Violation))
})
const linesSql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms, account,
    JSONExtractString(body, 'body', 'region') AS region, JSONExtractString(body, 'body', 'group') AS group_name,
    JSONExtractString(body, 'body', 'proposal') AS proposal, name,
    JSONExtractString(body, 'body', 'because') AS because, JSONExtractString(body, 'body', 'details') AS details,
    JSONExtract(body, 'body', 'changes', 'Array(String)') AS changes,
    if(JSONHas(body, 'body', 'violations'), JSONExtractRaw(body, 'body', 'violations'), '[]') AS violations
  ${verdicts} AND ({action:String} = '' OR name = {action:String}) AND ({after:UInt64} = 0 OR seq < {after:UInt64})
    AND arrayAll(word -> positionCaseInsensitiveUTF8(
      concat(account, ' ', region, ' ', group_name, ' ', proposal, ' ', because, ' ', details, ' ', violations, ' ',
        arrayStringConcat(changes, ' ')), word) > 0, {words:Array(String)})
  ORDER BY seq DESC LIMIT {limit:UInt32}`

/** Which ones: those of an action, that contain every word, older than a sequence (0 = the newest), so many. */
export interface Which {
  readonly action: Action | undefined
  readonly q: string | undefined
  readonly after: number
  readonly limit: number
}

type ValidationJson = typeof Validation.Encoded

const actionOf = (name: string): Action => actions[name as keyof typeof actions] ?? "rejected"

export const validationsOf = (
  store: Store,
  asking: Asking,
  { action, q, after, limit }: Which
): Effect.Effect<ReadonlyArray<ValidationJson>, Refused> => {
  const words = (q ?? "").split(/\s+/).filter(Boolean)
  const name = names.find((one) => action !== undefined && actionOf(one) === action) ?? ""
  const params = { ...paramsOf(asking), action: name, words, after, limit }
  return Effect.map(asked(store, Line, linesSql, params), (lines) =>
    lines.map(({ group_name: group, changes, details, because, name: said, violations, ms, ...line }) => ({
      ...line,
      at: ms,
      group,
      action: actionOf(said),
      because: because === "" ? null : because,
      details: details === "" ? changes.join("; ") : details,
      violations
    }))
  )
}

const Sums = Schema.Struct({
  approved: Count,
  safeAlternatives: Count,
  rejected: Count,
  types: Schema.Array(Schema.String),
  counts: Schema.Array(Count)
})
const sumsSql = `SELECT countIf(name = 'plan-approved') AS approved,
    countIf(name = 'safe-alternative-found') AS safeAlternatives, countIf(name = 'proposal-rejected') AS rejected,
    sumMap(arrayMap(one -> JSONExtractString(one, 'type'), JSONExtractArrayRaw(body, 'body', 'violations')),
      arrayMap(one -> toUInt64(1), JSONExtractArrayRaw(body, 'body', 'violations'))) AS summed,
    summed.1 AS types, summed.2 AS counts
  ${verdicts} AND at > fromUnixTimestamp64Milli({since:Int64}, 'UTC')`

/** The last 24 hours before a moment. */
export const safetyStatus = (
  store: Store,
  moment: Moment,
  asking: Asking
): Effect.Effect<typeof SafetyStatus.Encoded, Refused> => {
  const since = moment.at - dayMs
  return Effect.map(asked(store, Sums, sumsSql, { ...paramsOf(asking), since }), ([sums]) => {
    const { approved, safeAlternatives, rejected } = sums ?? { approved: 0, safeAlternatives: 0, rejected: 0 }
    const byType = (sums?.types ?? []).map((type, i) => ({ type, count: sums?.counts[i] ?? 0 }))
    const here = moment
      .all(pools)
      .map(([, { value }]) => value)
      .filter(({ pool }) => asking.region === undefined || pool.region === asking.region)
    const inHerd = (state: "UNCERTAIN" | "RISKY") => here.filter((risk) => herdAt(risk, moment.at) === state).length
    return {
      validations: approved + safeAlternatives + rejected,
      approved,
      safeAlternatives,
      rejected,
      violations: byType.reduce((sum, { count }) => sum + count, 0),
      byType,
      poisonedPools: here.filter((risk) => !isOpenAt(risk, moment.at)).length,
      riskyPools: inHerd("RISKY"),
      uncertainPools: inHerd("UNCERTAIN"),
      asOf: moment.asOf
    }
  })
}
