/** The fair greedy: the dearest vCPU first, as far as the layers allow, zone by zone from the emptiest. */
import { isPresent } from "../../schemas/composition.ts"
import { digestOf } from "../../schemas/digest.ts"
import type { GroupSeen, Member } from "../../schemas/group.ts"
import type { Instant, ZoneId } from "../../schemas/ids.ts"
import type { Room } from "../../schemas/room.ts"
import { Move } from "../../schemas/safe-plan.ts"
import type { Choice } from "./candidates.ts"

/** Moves of one plan at most, so that a plan stays far below the size of a message; what is left is the next plan's. */
export const movesMax = 400

/** A member and where it goes. */
export interface Pick {
  readonly member: Member
  readonly choice: Choice
}

const perVcpu = (choice: Choice) => choice.saving / choice.alike.spec.vcpu
const bestFirst = (a: Choice, b: Choice) =>
  perVcpu(b) - perVcpu(a) ||
  b.score - a.score ||
  (a.offer.token < b.offer.token ? -1 : a.offer.token > b.offer.token ? 1 : 0) ||
  (a.alike.instanceType < b.alike.instanceType ? -1 : 1)

/** Takes the best choice for as many members as there is room for, then the next best. `room` is used up. */
export const pick = (choices: ReadonlyArray<Choice>, room: Room): ReadonlyArray<Pick> => {
  const picks: Array<Pick> = []
  const next = new Map<Choice["alike"], number>()
  for (const choice of [...choices].sort(bestFirst)) {
    const { alike, offer } = choice
    const need = { zone: alike.zone, instanceType: offer.priced.spec.instanceType, vcpu: alike.spec.vcpu }
    for (let i = next.get(alike) ?? 0; i < alike.members.length && picks.length < movesMax; i++) {
      if (room.full(need) !== undefined) break
      room.take(need)
      picks.push({ member: alike.members[i]!, choice })
      next.set(alike, i + 1)
    }
  }
  return picks
}

/**
 * One of each zone in turn, from the one with the fewest members on: a swap stands at one more for a while, and in the
 * fullest zone that would be what AWS's own zone rebalancing evens out by killing somebody else.
 */
export const inTurn = (group: GroupSeen, picks: ReadonlyArray<Pick>): ReadonlyArray<Pick> => {
  const present = new Map<ZoneId, number>()
  for (const member of group.members) {
    if (isPresent(member)) present.set(member.zone, (present.get(member.zone) ?? 0) + 1)
  }
  const byZone = new Map<ZoneId, Array<Pick>>()
  for (const one of picks) byZone.set(one.member.zone, [...(byZone.get(one.member.zone) ?? []), one])
  const zones = [...byZone.entries()].sort(
    ([a], [b]) => (present.get(a) ?? 0) - (present.get(b) ?? 0) || (a < b ? -1 : 1)
  )
  const longest = Math.max(0, ...zones.map(([, queue]) => queue.length))
  return Array.from({ length: longest }, (_, turn) => turn).flatMap((turn) =>
    zones.flatMap(([, queue]) => queue.slice(turn, turn + 1))
  )
}

/**
 * A swap's name, the same whenever the same wish is made of the same sweep. After a plan of the group has closed it is
 * another one: the swap of that name has had its end.
 */
const swapId = (group: GroupSeen, old: string, groupSeq: number, closedAt: Instant | undefined) =>
  digestOf({ account: group.account, region: group.region, group: group.group, old, groupSeq, closedAt }).slice(0, 26)

export const movesOf = (
  group: GroupSeen,
  picks: ReadonlyArray<Pick>,
  named: { readonly groupSeq: number; readonly closedAt: Instant | undefined }
): ReadonlyArray<Move> =>
  picks.map(
    ({ member, choice: { alike, offer, score } }) =>
      new Move({
        swap: swapId(group, member.instance, named.groupSeq, named.closedAt),
        old: member.instance,
        oldType: member.instanceType,
        oldVcpu: alike.spec.vcpu,
        pool: offer.priced.pool,
        newVcpu: offer.priced.spec.vcpu,
        score,
        onDemandPerHour: alike.onDemandPerHour,
        spotPerHour: offer.priced.spotPerHour
      })
  )
