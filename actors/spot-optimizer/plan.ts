/** The best plan for one group as it was last seen, or why there is none. */
import { compositionOf, heldBecause, monthlySavingsOf, untouchableBecause } from "../../schemas/composition.ts"
import type { GroupSeen, Member } from "../../schemas/group.ts"
import { GroupRef } from "../../schemas/group.ts"
import type { Instant, MicroUsd } from "../../schemas/ids.ts"
import type { Market } from "../../schemas/market.ts"
import { excludes, type Policy } from "../../schemas/policy.ts"
import type { Candidate } from "../../schemas/proposal.ts"
import { roomIn } from "../../schemas/room.ts"
import {
  DraftPlan,
  type Floors,
  type Part,
  type Preset,
  productFloors,
  tighten,
  violationsOf
} from "../../schemas/safe-plan.ts"
import { type Alike, listed, weigh, type Weighed } from "./candidates.ts"
import { inTurn, movesOf, pick, type Pick } from "./greedy.ts"
import { type Alone, noChoice, noRoom, nothingMovable, outside, tooFewZones } from "./left-alone.ts"

export interface Situation {
  readonly group: GroupSeen
  /** LOG sequence of the group's fact. */
  readonly groupSeq: number
  readonly market: Market
  readonly policy: Policy | null
  readonly at: Instant
  readonly refused: Readonly<Record<string, Instant>>
  /** When the group's last plan closed. */
  readonly closedAt: Instant | undefined
}

export type Outcome = {
  readonly candidates: ReadonlyArray<Candidate>
  readonly reads: Readonly<Record<string, number>>
} & (
  | { readonly _tag: "plan"; readonly plan: DraftPlan; readonly monthlySavings: MicroUsd }
  | ({ readonly _tag: "alone" } & Alone)
)

const alone = (why: Alone, weighed?: Weighed): Outcome => ({
  _tag: "alone",
  ...why,
  candidates: weighed === undefined ? [] : listed(weighed, new Map()),
  reads: {}
})

/** Movable members by zone and type; types of unknown size are left out by the caller's check of the composition. */
const alikeOf = ({ group, market, policy }: Situation): ReadonlyArray<Alike> => {
  const named = new Map<string, Array<Member>>()
  for (const member of group.members) {
    if (heldBecause(member, policy) !== undefined) continue
    const name = `${member.zone} ${member.instanceType}`
    const known = named.get(name)
    if (known === undefined) named.set(name, [member])
    else known.push(member)
  }
  return [...named.values()].flatMap((members) => {
    const { zone, instanceType } = members[0]!
    const type = market.type(instanceType)
    if (type === undefined || !group.subnets.some((subnet) => subnet.zone === zone)) return []
    members.sort((a, b) => (a.instance < b.instance ? -1 : 1))
    return [{ zone, instanceType, spec: type.spec, onDemandPerHour: type.onDemandPerHour, members }]
  })
}

const sumBy = (picks: ReadonlyArray<Pick>) => {
  const taken = new Map<string, number>()
  for (const { choice } of picks) taken.set(choice.offer.token, (taken.get(choice.offer.token) ?? 0) + 1)
  return taken
}

interface Reach {
  readonly preset: Preset
  readonly picks: ReadonlyArray<Pick>
  readonly target: ReadonlyArray<Part>
}

/** How far the moves go under a preset; undefined where they go nowhere or not inside the layers. */
const reachUnder = (
  situation: Situation,
  choices: Weighed["choices"],
  floors: Floors,
  preset: Preset
): Reach | undefined => {
  const { group, market, at } = situation
  const { parts } = compositionOf(group, [], market, at)
  const picks = pick(choices, roomIn(parts, floors, preset))
  const target = compositionOf(group, picks.map(asSwapped), market, at).parts
  return picks.length > 0 && violationsOf(target, floors, preset).length === 0 ? { preset, picks, target } : undefined
}
const asSwapped = ({ member, choice }: Pick) => ({ old: member.instance, pool: choice.offer.priced.pool })

/** Strict where it lets anything move; the preset only where the policy names it and strict lets nothing. */
const presetsOf = (policy: Policy | null): ReadonlyArray<Preset> =>
  policy?.presets.includes("small-group") ? ["strict", "small-group"] : ["strict"]

/** What must hold before pools are even weighed. */
const notToBeWeighed = (situation: Situation, groups: ReadonlyArray<Alike>): Alone | undefined => {
  const { group, market, policy, at } = situation
  if (policy !== null && excludes(policy, group.group))
    return { because: "not-ours", details: `version ${policy?.version} of the policy excludes it by name` }
  const untouchable = untouchableBecause(group)
  if (untouchable !== undefined) return untouchable
  if (!group.members.some((member) => heldBecause(member, policy) === undefined)) return nothingMovable(group, policy)
  const { unknown } = compositionOf(group, [], market, at)
  if (unknown.length > 0) {
    return { because: "no-pools", details: `nothing is known of ${unknown.join(", ")}: no pool of it is on sale here` }
  }
  return groups.length > 0
    ? undefined
    : { because: "obstacle", details: "its movable members stand in zones without a subnet of the group" }
}

/** There are pools, yet nothing can move: the layer that says so, the one that no amount of room would mend first. */
const whyNowhere = (situation: Situation, weighed: Weighed, floors: Floors): Alone => {
  const { group, market, at } = situation
  const { alike, offer } = weighed.choices[0]!
  const one = [{ old: alike.members[0]!.instance, pool: offer.priced.pool }]
  const { parts } = compositionOf(group, [], market, at)
  const smallest = Math.min(...weighed.choices.map((choice) => choice.alike.spec.vcpu))
  return (
    tooFewZones(compositionOf(group, one, market, at).parts, floors) ??
    outside(parts, floors) ??
    noRoom(parts, smallest, floors)
  )
}

export const planFor = (situation: Situation): Outcome => {
  const { group, groupSeq, market, policy, at, refused, closedAt } = situation
  const groups = alikeOf(situation)
  const not = notToBeWeighed(situation, groups)
  if (not !== undefined) return alone(not)
  const floors = policy === null ? productFloors : tighten(productFloors, policy.floors)
  const weighed = weigh(groups, market, { at, scoreMin: floors.scoreMin, refused })
  if (weighed.choices.length === 0) return alone(noChoice(weighed, at), weighed)
  let reach: Reach | undefined
  for (const preset of presetsOf(policy)) reach ??= reachUnder(situation, weighed.choices, floors, preset)
  if (reach === undefined) return alone(whyNowhere(situation, weighed, floors), weighed)
  const { preset, picks, target } = reach
  const moves = movesOf(group, inTurn(group, picks), { groupSeq, closedAt })
  const { tenant, account, region } = group
  const ref = new GroupRef({ tenant, account, region, group: group.group })
  const plan = new DraftPlan({ ref, preset, floors, target, moves, groupSeq })
  const reads = Object.fromEntries(picks.map(({ choice }) => [choice.offer.token, choice.offer.seq]))
  const candidates = listed(weighed, sumBy(picks))
  return { _tag: "plan", plan, monthlySavings: monthlySavingsOf(moves), candidates, reads }
}
