/** What a decision rested on: group, pools and policy as they stood then, each with who said it and when. */
import { Effect, Result, Schema } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import type { Stored } from "../../bus/bus.ts"
import type { Explanation, Input } from "../../schemas/api/explain.ts"
import { PolicySet, policySet } from "../../schemas/approval.ts"
import { pools } from "../../schemas/catalogue.ts"
import { decodeAs, open, unseal } from "../../schemas/envelope.ts"
import { groupSeen } from "../../schemas/group.ts"
import type { AccountId, TenantId } from "../../schemas/ids.ts"
import type { Policy } from "../../schemas/policy.ts"
import { isOpenAt, PoolRisk } from "../../schemas/pool.ts"
import type { Reads } from "../../schemas/proposal.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"
import { count, hourly } from "../shown/phrase.ts"
import { storedWith } from "./decisions.ts"

export type InputJson = typeof Input.Encoded
type PolicyJson = (typeof Explanation.Encoded)["policy"]

/** Pools that are told of, at most; a plan reads one for each place that it fills. */
const poolsMax = 200

/** The value of an input whose message is not there any more, or cannot be read. */
const lost = (name: string, source: string, seq: number): InputJson => ({
  name,
  value: "no longer there to be read",
  source,
  seq,
  ageMs: null
})

const groupInput = (stored: Stored | undefined, seq: number, at: number): InputJson => {
  const read = stored === undefined ? undefined : unseal(groupSeen, stored.data)
  if (read === undefined || Result.isFailure(read)) return lost("group", groupSeen.owner, seq)
  const { members, minSize, desired, maxSize, readAt, mode } = read.success
  const spot = members.filter(({ lifecycle }) => lifecycle === "spot").length
  const zones = new Set(members.map(({ zone }) => zone)).size
  const value =
    `${count(members.length, "member")} in ${count(zones, "zone")}, ${spot} of them Spot; ` +
    `sizes ${minSize}/${desired}/${maxSize}, mode ${mode}`
  return { name: "group as last changed", value, source: groupSeen.owner, seq, ageMs: Math.max(0, at - readAt) }
}

const riskIn = (stored: Stored | undefined): PoolRisk | undefined => {
  const opened = stored === undefined ? undefined : open(stored.data)
  if (opened === undefined || Result.isFailure(opened)) return undefined
  const risk = decodeAs(PoolRisk, opened.success.state)
  return Result.isSuccess(risk) ? risk.success : undefined
}

const poolInput = (token: string, stored: Stored | undefined, seq: number, at: number): InputJson => {
  const risk = riskIn(stored)
  if (risk === undefined) return lost(`pool ${token}`, pools.owner, seq)
  const { pool, priced, score, scoredAt } = risk
  const price = priced === null ? "no price" : `${hourly(priced.spotPerHour)} as Spot`
  const gate = isOpenAt(risk, at) ? "open" : "poisoned"
  const value = `score ${score?.toFixed(3) ?? "none"}, ${gate}, ${price}`
  const readAt = Math.min(scoredAt, priced?.readAt ?? scoredAt)
  const name = `pool ${pool.instanceType} in ${pool.zone}`
  return { name, value, source: pools.owner, seq, ageMs: Math.max(0, at - readAt) }
}

/** What an optimizer's decision names as read. */
export const readsOf = (
  reads: typeof Reads.Type,
  at: number
): Effect.Effect<ReadonlyArray<InputJson>, Refused, Warehouse> =>
  Effect.gen(function* () {
    const tokens = Object.entries(reads.pools).slice(0, poolsMax)
    const wanted = [reads.group, ...tokens.map(([, seq]) => seq)]
    const found = new Map((yield* storedWith(yield* Warehouse, wanted)).map((one) => [one.seq, one]))
    return [
      groupInput(found.get(reads.group), reads.group, at),
      ...tokens.map(([token, seq]) => poolInput(token, found.get(seq), seq, at))
    ]
  })

const Line = Schema.Struct({
  seq: Count,
  fact: Schema.fromJsonString(Schema.Unknown)
})
const policySql = `SELECT seq, JSONExtractRaw(body, 'body') AS fact FROM events
  WHERE kind = 'evt' AND owner = 'approval-desk' AND name = {name:String} AND account = {account:String}
    AND seq < {before:UInt64} AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}
  ORDER BY seq DESC LIMIT 1`

/** The approval rule in words. */
const ruleOf = ({ approval }: Policy): string => {
  if (approval._tag === "manual") return "a person says yes to every plan"
  if (approval._tag === "auto") return "every plan that the safety enforcer passed runs"
  return `plans that save less than $${approval.monthlyUsd} a month run, a person says yes to the others`
}

export interface InForce {
  readonly policy: PolicyJson
  readonly input: InputJson
}

/** The account's policy as it held just before a sequence; the product's own where nobody had wished any. */
export const policyBefore = (
  store: Store,
  whose: { readonly tenant: TenantId; readonly account: AccountId },
  before: number,
  at: number
): Effect.Effect<InForce, Refused> =>
  Effect.map(asked(store, Line, policySql, { ...whose, before, name: policySet.name }), ([line]) => {
    const read = line === undefined ? undefined : decodeAs(PolicySet, line.fact)
    if (line === undefined || read === undefined || Result.isFailure(read)) {
      const rule = "a person says yes to every plan"
      return {
        policy: { version: 0, by: null, rule },
        input: {
          name: "policy",
          value: "none was set: the product's own",
          source: "approval-desk",
          seq: null,
          ageMs: null
        }
      }
    }
    const { policy, by, at: setAt } = read.success
    return {
      policy: { version: policy.version, by, rule: ruleOf(policy) },
      input: {
        name: "policy",
        value: `version ${policy.version}, set by ${by}`,
        source: "approval-desk",
        seq: line.seq,
        ageMs: Math.max(0, at - setAt)
      }
    }
  })
