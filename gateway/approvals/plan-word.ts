/** The enforcer's word behind a plan: its moves, its target, and the group as it was when it was planned. */
import { Effect, Result, Schema } from "effect"
import { judgements, pools } from "../../schemas/catalogue.ts"
import { compositionOf } from "../../schemas/composition.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import { type GroupRef, GroupSeen, groupSeen, groupToken } from "../../schemas/group.ts"
import type { Digest } from "../../schemas/ids.ts"
import { marketOf } from "../../schemas/market.ts"
import type { Part } from "../../schemas/safe-plan.ts"
import { PlanApproved, planApproved, SafeAlternativeFound, safeAlternativeFound } from "../../schemas/safety.ts"
import { factIn } from "../facts.ts"
import { asked, Count, type Store, upToOf } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"
import type { Moment } from "../rows.ts"

export type Approved = PlanApproved | SafeAlternativeFound

const Line = Schema.Struct({ seq: Count, ms: Count, name: Schema.String, fact: Schema.fromJsonString(Schema.Unknown) })
const wordSql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms, name, JSONExtractRaw(body, 'body') AS fact
  FROM events WHERE kind = 'evt' AND owner = 'safety-enforcer' AND has({names:Array(String)}, name)
    AND about = {about:String} AND JSONExtractString(body, 'body', 'hash') = {hash:String} AND seq <= {upTo:UInt64}
  ORDER BY seq DESC LIMIT 1`
const names = [planApproved.name, safeAlternativeFound.name]

const approvedIn = (name: string, fact: unknown): Approved | undefined => {
  const result: Result.Result<Approved, unknown> =
    name === planApproved.name ? decodeAs(PlanApproved, fact) : decodeAs(SafeAlternativeFound, fact)
  return Result.isSuccess(result) ? result.success : undefined
}

/** From the enforcer's row while it stands, else from the ledger; undefined where neither has it. */
export const wordOn = (
  store: Store,
  moment: Moment,
  ref: Pick<GroupRef, "tenant" | "account" | "region" | "group">,
  hash: Digest
): Effect.Effect<Approved | undefined, Refused> =>
  Effect.gen(function* () {
    const about = groupToken(ref)
    const row = moment.get(judgements, about)
    const fact = row === undefined ? undefined : (factIn(row, planApproved) ?? factIn(row, safeAlternativeFound))
    if (fact?.hash === hash && fact.tenant === ref.tenant) return fact
    const [line] = yield* asked(store, Line, wordSql, { names, about, hash, upTo: upToOf(moment) })
    const found = line === undefined ? undefined : approvedIn(line.name, line.fact)
    return found?.tenant === ref.tenant ? found : undefined
  })

const seenSql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms, name, JSONExtractRaw(body, 'body') AS fact
  FROM events WHERE seq = {seq:UInt64} AND name = {name:String} LIMIT 1`

/** The group's fact with a sequence, and when the log stored it. */
export const groupSaidAt = (
  store: Store,
  seq: number
): Effect.Effect<{ readonly group: GroupSeen; readonly at: number } | undefined, Refused> =>
  Effect.map(asked(store, Line, seenSql, { seq, name: groupSeen.name }), ([line]) => {
    const group = line === undefined ? undefined : decodeAs(GroupSeen, line.fact)
    return line !== undefined && group !== undefined && Result.isSuccess(group)
      ? { group: group.success, at: line.ms }
      : undefined
  })

/** What the group was made of when the plan was made; scores are those that the pools have at this moment. */
export const compositionBefore = (
  store: Store,
  moment: Moment,
  { plan, at }: Approved
): Effect.Effect<ReadonlyArray<Part>, Refused> =>
  Effect.map(groupSaidAt(store, plan.groupSeq), (said) => {
    if (said === undefined || groupToken(said.group) !== groupToken(plan.ref)) return []
    const { group } = said
    return compositionOf(group, [], marketOf(moment.all(pools), group.region, group.product), at).parts
  })
