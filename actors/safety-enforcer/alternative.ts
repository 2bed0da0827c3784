/** The cheapest change that passes: moves are taken out or led to another pool of the proposal, never added. */
import { compositionOf } from "../../schemas/composition.ts"
import { Pool, poolToken } from "../../schemas/pool.ts"
import type { SpotProposed } from "../../schemas/proposal.ts"
import { roomIn, type Room } from "../../schemas/room.ts"
import type { Move } from "../../schemas/safe-plan.ts"
import type { Ground } from "./ground.ts"
import { type Goer, goerOf, moveTo, savingOf } from "./wish.ts"

/** The proposal's moves as the book allows them, and what had to be changed for that. */
export interface Passed {
  readonly moves: ReadonlyArray<Move>
  readonly changes: ReadonlyArray<string>
  /** What is wrong with the pools, before any layer is counted. */
  readonly faults: ReadonlyArray<string>
}

/** So many changes are told one by one. */
const changesMax = 30
const brief = (changes: ReadonlyArray<string>) =>
  changes.length <= changesMax
    ? changes
    : [...changes.slice(0, changesMax), `and ${changes.length - changesMax} more changes`]

const nameOf = ({ instanceType, zone }: Pick<Pool, "instanceType" | "zone">) => `${instanceType} in ${zone}`

/** Pools that the proposal itself names, as moved to or as weighed; by token, so that order does not matter. */
const poolsOf = ({ plan, candidates, region }: SpotProposed, { group: { product } }: Ground): ReadonlyArray<Pool> => {
  const named = candidates.map(({ zone, instanceType }) => new Pool({ region, zone, instanceType, product }))
  const pools = new Map([...plan.moves.map((move) => move.pool), ...named].map((pool) => [poolToken(pool), pool]))
  return [...pools].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pool]) => pool)
}

/** Members that may go, once each; of the others why not. */
const goersOf = (proposal: SpotProposed, ground: Ground) => {
  const goers: Array<Goer> = []
  const stays: Array<string> = []
  const seen = new Set<string>()
  for (const move of proposal.plan.moves) {
    const goer = seen.has(move.old) || seen.has(move.swap) ? "is named twice" : goerOf(move, ground)
    if (typeof goer === "string") stays.push(`${move.old} stays: ${goer}`)
    else {
      goers.push(goer)
      seen.add(move.old).add(move.swap)
    }
  }
  return { goers, stays }
}

const cheapestFirst = (a: Move, b: Move) =>
  a.spotPerHour - b.spotPerHour || (poolToken(a.pool) < poolToken(b.pool) ? -1 : 1)

const fits = (room: Room, { pool, newVcpu }: Move) =>
  room.full({ zone: pool.zone, instanceType: pool.instanceType, vcpu: newVcpu }) === undefined

/** As proposed, in the book's figures, whether or not the layers hold. */
export const asProposed = (proposal: SpotProposed, ground: Ground): Passed => {
  const { goers, stays } = goersOf(proposal, ground)
  const faults: Array<string> = []
  const moves: Array<Move> = []
  for (const goer of goers) {
    const move = moveTo(goer, goer.move.pool, ground)
    if (typeof move === "string") faults.push(`${nameOf(goer.move.pool)} ${move}`)
    else moves.push(move)
  }
  return { moves, changes: stays, faults: [...new Set(faults)] }
}

/**
 * Whoever saves most is placed first: where it was to go, else in the cheapest other pool of the proposal that has
 * room, else it stays on demand. From a composition inside the layers every step stays inside them.
 */
export const alternativeTo = (proposal: SpotProposed, ground: Ground): Passed => {
  const { goers, stays } = goersOf(proposal, ground)
  const changes = [...stays]
  const pools = poolsOf(proposal, ground)
  const room = roomIn(compositionOf(ground.group, [], ground.market, ground.at).parts, ground.floors, ground.preset)
  const placed = new Map<string, Move>()
  const wishes = goers.map((goer) => ({ goer, wish: moveTo(goer, goer.move.pool, ground) }))
  const worth = ({ wish }: (typeof wishes)[number]) => (typeof wish === "string" ? -1 : savingOf(wish))
  wishes.sort((a, b) => worth(b) - worth(a) || (a.goer.move.swap < b.goer.move.swap ? -1 : 1))
  for (const { goer, wish } of wishes) {
    const others = pools.map((pool) => moveTo(goer, pool, ground)).filter((move) => typeof move !== "string")
    const isFitting = typeof wish !== "string" && fits(room, wish)
    const move = isFitting ? wish : others.sort(cheapestFirst).find((other) => fits(room, other))
    const why = typeof wish === "string" ? `${nameOf(goer.move.pool)} ${wish}` : "a layer is full"
    if (move === undefined) changes.push(`${goer.member.instance} stays on demand: ${why}`)
    else {
      room.take({ zone: move.pool.zone, instanceType: move.pool.instanceType, vcpu: move.newVcpu })
      placed.set(move.old, move)
      if (!isFitting) changes.push(`${goer.member.instance} goes to ${nameOf(move.pool)}: ${why}`)
    }
  }
  const moves = proposal.plan.moves.flatMap(({ old, swap }) => {
    const move = placed.get(old)
    return move?.swap === swap ? [move] : []
  })
  return { moves: [...new Set(moves)], changes: brief(changes), faults: [] }
}
