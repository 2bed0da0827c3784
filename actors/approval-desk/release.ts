/** When a plan's next swaps may leave the desk, and how many: canary, share in flight, headroom, zones, brake, stop. */
import { type Desk, type OpenPlan, SwapsReleased } from "../../schemas/approval.ts"
import { accounts, groups, judgements } from "../../schemas/catalogue.ts"
import type { Heard } from "../../schemas/decision.ts"
import { type GroupSeen, groupToken, sweepDone } from "../../schemas/group.ts"
import { type Instant, instant, type Mode } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { excludes } from "../../schemas/policy.ts"
import { type Move, planHash, tighten } from "../../schemas/safe-plan.ts"
import {
  type PlanApproved,
  planApproved,
  type SafeAlternativeFound,
  safeAlternativeFound
} from "../../schemas/safety.ts"
import { SwapOrdered } from "../../schemas/swap.ts"
import { evolve, planOf, policyOf } from "./desk.ts"

/** An order that nobody began by then is worth nothing: what it was judged on is old. */
const orderLifeMs = 15 * 60_000

export type Approved = PlanApproved | SafeAlternativeFound

/** What we may do in the desk's account: only look, where it is not connected any more or is another tenant's. */
export const modeOf = (whose: Pick<Desk, "tenant" | "account">, { book }: Heard): Mode => {
  const row = book.get(accounts, key(whose.account))?.value
  const isOwn = row?.tenant === whose.tenant && row.status !== "disconnected"
  return isOwn ? row.mode : "observe"
}

/** Members that a plan takes away. */
export const goersOf = (fact: Approved | undefined): ReadonlyArray<string> =>
  fact?.plan.moves.map(({ old }) => old) ?? []

/** The enforcer's newest word on a plan's group, if it is the word that approved this very plan. */
export const factOf = (plan: OpenPlan, { book }: Heard, fresh?: Approved): Approved | undefined => {
  if (fresh !== undefined && fresh.hash === plan.hash && groupToken(fresh) === groupToken(plan.ref)) return fresh
  const row = book.get(judgements, groupToken(plan.ref))
  const fact = row?.fact(planApproved) ?? row?.fact(safeAlternativeFound)
  return fact?.hash === plan.hash ? fact : undefined
}

/**
 * No later than now, and as near to it as the book shows: a message that waited an hour for us carries an hour-old
 * time, and an order born with it would be too late at once.
 */
const nowOf = (desk: Desk, plan: OpenPlan, { at, book }: Heard): Instant =>
  instant(
    Math.max(at, desk.releasedAt.at(-1) ?? 0, book.remark(sweepDone, key(plan.ref.account, plan.ref.region))?.at ?? 0)
  )

/** Tokens left in the runaway brake. */
const brakeLeft = (desk: Desk, at: Instant) => {
  const { swapsPerWindow, windowMs } = policyOf(desk)
  return Math.max(0, swapsPerWindow - desk.releasedAt.filter((released) => released > at - windowMs).length)
}

/**
 * Members per zone as they are when no swap is under way: a swap changes no zone's count, so a replacement whose old
 * member is still there is left out. Zones without a member count as 0.
 */
const countsOf = (group: GroupSeen, moves: ReadonlyArray<Move>) => {
  const here = group.members.filter((member) => !member.state.startsWith("Terminating"))
  const there = new Set(here.map((member) => member.instance))
  const overlapping = new Set(moves.filter((move) => there.has(move.old)).map((move) => move.swap))
  const counts = new Map<string, number>(group.subnets.map(({ zone }) => [zone, 0]))
  for (const member of here) {
    const isExtra = member.saga !== null && overlapping.has(member.saga)
    counts.set(member.zone, (counts.get(member.zone) ?? 0) + (isExtra ? 0 : 1))
  }
  return counts
}

/** Would one more in a zone leave the group balanced, as AZRebalance sees it: at most one apart? */
const fitsZone = (counts: ReadonlyMap<string, number>, zones: ReadonlyArray<string>, zone: string) => {
  const inFlight = zones.filter((one) => one === zone).length
  return (counts.get(zone) ?? 0) + inFlight + 1 - Math.min(...counts.values(), counts.get(zone) ?? 0) <= 1
}

interface Batch {
  readonly moves: ReadonlyArray<Move>
  readonly alone: boolean
  readonly canary: boolean
}
const nothing: Batch = { moves: [], alone: false, canary: false }

/** The next swaps of one open plan, out of `left` that the brake still allows. */
const batchOf = (desk: Desk, plan: OpenPlan, all: ReadonlyArray<Move>, group: GroupSeen, left: number): Batch => {
  const released = new Set(plan.released)
  const remaining = all.filter((move) => !released.has(move.swap))
  const flying = plan.inFlight.length
  if (left < 1 || remaining.length === 0 || plan.inFlight.some((one) => one.alone)) return nothing
  const counts = countsOf(group, all)
  const size = Math.min(
    group.desired,
    [...counts.values()].reduce((sum, count) => sum + count, 0)
  )
  const most = Math.max(1, Math.floor(policyOf(desk).inFlightShare * size))
  const zones: Array<string> = plan.inFlight.map((one) => one.zone)
  const fitting = remaining.find((move) => fitsZone(counts, zones, move.pool.zone))
  const single = { moves: [fitting ?? remaining[0]!], alone: true, canary: !plan.canaryPassed }
  // a canary is alone, so none is in flight here; one that failed has closed its plan
  if (!plan.canaryPassed) return single
  const room = group.maxSize - group.desired
  const moves: Array<Move> = []
  for (const move of remaining) {
    const count = flying + moves.length
    if (count >= most || moves.length >= left || room < count + 1) break
    if (!fitsZone(counts, zones, move.pool.zone)) continue
    moves.push(move)
    zones.push(move.pool.zone)
  }
  if (flying + moves.length > 1) return { moves, alone: false, canary: false }
  return flying === 0 ? single : nothing
}

interface Case {
  readonly desk: Desk
  readonly plan: OpenPlan
  readonly fact: Approved
  readonly group: GroupSeen
  readonly at: Instant
}

const orderOf = ({ desk, plan, fact, group, at }: Case, batch: Batch, move: Move) =>
  new SwapOrdered({
    ...plan.ref,
    move,
    plan: plan.hash,
    preset: fact.plan.preset,
    floors: tighten(fact.plan.floors, policyOf(desk).floors),
    canary: batch.canary,
    bakeMs: batch.canary ? policyOf(desk).bakeMs : 0,
    alarms: group.alarms,
    alone: batch.alone,
    approvedBy: plan.approvedBy ?? "",
    notAfter: instant(Math.min(at + orderLifeMs, plan.expiresAt)),
    signature: ""
  })

/** What leaves the desk for one plan now: the fact of it and its orders, or nothing. */
const releaseOf = (desk: Desk, plan: OpenPlan, heard: Heard, fresh?: Approved) => {
  const at = nowOf(desk, plan, heard)
  const left = brakeLeft(desk, at)
  if (plan.status !== "open" || plan.approvedBy === null || at >= plan.expiresAt || left < 1) return []
  const fact = factOf(plan, heard, fresh)
  if (excludes(policyOf(desk), plan.ref.group, goersOf(fact))) return []
  const group = heard.book.get(groups, groupToken(plan.ref))?.value
  if (fact === undefined || group === undefined || group.tenant !== plan.ref.tenant) return []
  const batch = batchOf(desk, plan, fact.plan.moves, group, left)
  // the moves are read again from the enforcer's fact: that they are the approved ones is proven, not assumed
  if (batch.moves.length === 0 || planHash(fact.plan) !== plan.hash) return []
  const swaps = batch.moves.map((move) => ({ swap: move.swap, zone: move.pool.zone }))
  const { canary, alone } = batch
  return [
    new SwapsReleased({ ...plan.ref, hash: plan.hash, swaps, canary, alone, at }),
    ...batch.moves.map((move) => orderOf({ desk, plan, fact, group, at }, batch, move))
  ]
}

/** All that may leave the desk now, plan by plan in the order in which they came, under one brake. */
export const releases = (desk: Desk, heard: Heard, fresh?: Approved): ReadonlyArray<SwapsReleased | SwapOrdered> => {
  if (desk.stop !== "run" || modeOf(desk, heard) !== "act") return []
  const said: Array<SwapsReleased | SwapOrdered> = []
  let state = desk
  for (const { ref } of desk.plans) {
    const plan = planOf(state, ref)
    for (const one of plan === undefined ? [] : releaseOf(state, plan, heard, fresh)) {
      said.push(one)
      if (one._tag === "SwapsReleased") state = evolve(state, one)
    }
  }
  return said
}
