/** One move of a proposal, held against the book: may this member go, and may it go there? */
import { heldBecause } from "../../schemas/composition.ts"
import { unfitBecause } from "../../schemas/fitness.ts"
import type { Member } from "../../schemas/group.ts"
import { isOpenAt, Pool, type PoolRisk, scoreAt, type TypeSpec } from "../../schemas/pool.ts"
import { Move } from "../../schemas/safe-plan.ts"
import type { Ground } from "./ground.ts"

/** A swap's name: 26 hexadecimal digits, which every launch token and tag can carry. */
const swapName = /^[0-9a-f]{26}$/

/** A member that may go, as the book knows it. */
export interface Goer {
  readonly move: Move
  readonly member: Member
  readonly spec: TypeSpec
  readonly onDemandPerHour: Move["onDemandPerHour"]
}

/** Why this member cannot go, or what is known of it. */
export const goerOf = (move: Move, ground: Ground): Goer | string => {
  const { group, market, policy } = ground
  if (!swapName.test(move.swap)) return "its swap has no proper name"
  const member = group.members.find((one) => one.instance === move.old)
  if (member === undefined) return "is no member any more"
  const held = heldBecause(member, policy)
  if (held !== undefined) return held
  if (!group.subnets.some((subnet) => subnet.zone === member.zone))
    return "stands in a zone without a subnet of the group"
  const type = market.type(member.instanceType)
  return type === undefined ? "is of a type nobody knows" : { move, member, ...type }
}

const quarantined = ({ gate }: PoolRisk) =>
  gate._tag === "poisoned" ? `is poisoned until ${new Date(gate.until).toISOString().slice(0, 10)}` : "is shut"

/** The move to that pool in the book's own figures, or why the pool may not have it. */
export const moveTo = (goer: Goer, pool: Pool, ground: Ground): Move | string => {
  const { group, market, floors, at } = ground
  const { move, member, spec, onDemandPerHour } = goer
  if (pool.zone !== member.zone) return "is in another zone"
  if (pool.region !== group.region || pool.product !== group.product) return "is of another region or product"
  const offer = market.offer(pool.zone, pool.instanceType)
  if (offer === undefined) return "is not on sale"
  const unfit = unfitBecause(spec, offer.priced.spec)
  if (unfit !== undefined) return `is ${unfit}`
  if (!isOpenAt(offer.risk, at)) return quarantined(offer.risk)
  const score = scoreAt(offer.risk, at)
  if (score === null || score < floors.scoreMin)
    return `scores ${score?.toFixed(3) ?? "nothing"}, needs ${floors.scoreMin}`
  const { spotPerHour } = offer.priced
  if (spotPerHour >= onDemandPerHour) return "is not cheaper than on-demand"
  return new Move({
    swap: move.swap,
    old: move.old,
    oldType: member.instanceType,
    oldVcpu: spec.vcpu,
    pool: offer.priced.pool,
    newVcpu: offer.priced.spec.vcpu,
    score,
    onDemandPerHour,
    spotPerHour
  })
}

export const savingOf = (move: Move) => move.onDemandPerHour - move.spotPerHour
