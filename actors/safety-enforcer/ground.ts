/** What a verdict stands on: the enforcer's own rows, fresh, or the reason why there is nothing to stand on. */
import { Result } from "effect"
import { accounts, desks, groups, pools } from "../../schemas/catalogue.ts"
import {
  compositionOf,
  inventoryAgeMsMax,
  isPresent,
  lastReadOf,
  untouchableBecause
} from "../../schemas/composition.ts"
import type { Heard } from "../../schemas/decision.ts"
import { type GroupSeen, groupToken, sweepDone } from "../../schemas/group.ts"
import type { InstanceType, Instant, ZoneId } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { type Market, marketOf } from "../../schemas/market.ts"
import { scoreAgeMs, scoreAgeMsMax } from "../../schemas/pool.ts"
import { excludes, type Policy } from "../../schemas/policy.ts"
import type { SpotProposed } from "../../schemas/proposal.ts"
import { type Floors, planHash, type Preset, productFloors, tighten } from "../../schemas/safe-plan.ts"
import type { Ages, ProposalRejected } from "../../schemas/safety.ts"

export interface Ground {
  readonly group: GroupSeen
  readonly groupSeq: number
  readonly market: Market
  readonly policy: Policy | null
  readonly floors: Floors
  readonly preset: Preset
  readonly at: Instant
  readonly ages: typeof Ages.Type
}

/** Why there is no verdict on the merits. */
export interface NoGround {
  readonly because: ProposalRejected["because"]
  readonly details: string
  readonly ages: typeof Ages.Type
}

/**
 * Age of the oldest score that the verdict needs: of the pools asked for and of the Spot that runs; null if one is
 * missing.
 */
const scoresAge = (proposal: SpotProposed, group: GroupSeen, market: Market, at: number): number | null => {
  const spot = group.members.filter((member) => member.lifecycle === "spot" && isPresent(member))
  const places: ReadonlyArray<{ readonly zone: ZoneId; readonly instanceType: InstanceType }> = [
    ...spot,
    ...proposal.plan.moves.map((move) => move.pool)
  ]
  let oldest = 0
  for (const { zone, instanceType } of places) {
    const offer = market.offer(zone, instanceType)
    const age = offer === undefined ? null : scoreAgeMs(offer.risk, at)
    if (age === null) return null
    oldest = Math.max(oldest, age)
  }
  return oldest
}

const accountNotReady = (proposal: SpotProposed, heard: Heard): string | undefined => {
  const account = heard.book.get(accounts, key(proposal.account))?.value
  if (account === undefined) return "the account is not known"
  if (account.tenant !== proposal.tenant) return "the account is another tenant's"
  if (account.status !== "connected") return `the account is ${account.status}: ${account.reason ?? "no reason given"}`
  return account.mode === "observe" ? "the account only observes" : undefined
}

/** A proposal that does not hang together is not even looked at. */
const incoherent = ({ plan, hash, ...about }: SpotProposed): string | undefined => {
  if (plan.ref.tenant !== about.tenant || groupToken(plan.ref) !== groupToken(about))
    return "its plan is of another group"
  if (planHash(plan) !== hash) return "its hash is not its plan's"
  return plan.moves.length === 0 ? "it moves nothing" : undefined
}

/** Everything is read again from the book: of the proposal only the wish is used, which member goes to which pool. */
export const groundOf = (proposal: SpotProposed, heard: Heard): Result.Result<Ground, NoGround> => {
  let ages: typeof Ages.Type = { inventoryMs: null, scoresMs: null }
  const no = (because: NoGround["because"], details: string) => Result.fail({ because, details, ages })
  const notReady = accountNotReady(proposal, heard)
  if (notReady !== undefined) return no("account-not-ready", notReady)
  const wrong = incoherent(proposal)
  if (wrong !== undefined) return no("unsafe", wrong)
  const row = heard.book.get(groups, groupToken(proposal))
  if (row === undefined) return no("stale", "nothing is known of the group")
  const group = row.value
  const sweep = heard.book.remark(sweepDone, key(proposal.account, proposal.region))?.value
  const inventoryMs = Math.max(0, heard.at - lastReadOf(group, sweep))
  ages = { inventoryMs, scoresMs: null }
  if (inventoryMs > inventoryAgeMsMax)
    return no("stale", `the group was read ${inventoryMs} ms ago, at most ${inventoryAgeMsMax}`)
  if (row.seq < proposal.plan.groupSeq)
    return no("stale", "the proposal rests on news of the group that is not here yet")
  if (group.tenant !== proposal.tenant) return no("unsafe", "the group is another tenant's")
  const untouchable = untouchableBecause(group)
  if (untouchable !== undefined) return no("unsafe", `${untouchable.because}: ${untouchable.details}`)
  const policy = heard.book.get(desks, key(proposal.account))?.value.policy ?? null
  if (policy !== null && excludes(policy, group.group))
    return no("unsafe", `version ${policy.version} of the policy excludes it`)
  const market = marketOf(heard.book.all(pools), group.region, group.product)
  const scoresMs = scoresAge(proposal, group, market, heard.at)
  ages = { inventoryMs, scoresMs }
  if (scoresMs === null) return no("stale", "a pool has no score, or one that is older than its newest evidence")
  if (scoresMs > scoreAgeMsMax) return no("stale", `a score is ${scoresMs} ms old, at most ${scoreAgeMsMax}`)
  const { unknown } = compositionOf(group, [], market, heard.at)
  if (unknown.length > 0) return no("stale", `nothing is known of ${unknown.join(", ")}`)
  const floors = tighten(tighten(productFloors, policy?.floors ?? productFloors), proposal.plan.floors)
  const isSmall = proposal.plan.preset === "small-group" && (policy?.presets.includes("small-group") ?? false)
  const preset = isSmall ? "small-group" : "strict"
  return Result.succeed({ group, groupSeq: row.seq, market, policy, floors, preset, at: heard.at, ages })
}
