/** Which pools could take a member in, and why the others could not: each with a reason. */
import type { Member } from "../../schemas/group.ts"
import type { InstanceType, Instant, MicroUsd, SafetyScore, ZoneId } from "../../schemas/ids.ts"
import { unfitBecause } from "../../schemas/fitness.ts"
import type { Market, Offer } from "../../schemas/market.ts"
import { isOpenAt, scoreAt, type TypeSpec } from "../../schemas/pool.ts"
import { Candidate } from "../../schemas/proposal.ts"

/** Movable members that are alike: same zone, same type. By instance, so that equal groups give equal plans. */
export interface Alike {
  readonly zone: ZoneId
  readonly instanceType: InstanceType
  readonly spec: TypeSpec
  readonly onDemandPerHour: MicroUsd
  readonly members: ReadonlyArray<Member>
}

/** What rules out a pool: `kind` groups them, `text` says it with figures. */
export interface Reason {
  readonly kind: "unfit" | "unscored" | "risky" | "poisoned" | "refused" | "dear"
  readonly text: string
}

/** A pool that may take the place of members like these. */
export interface Choice {
  readonly alike: Alike
  readonly offer: Offer
  readonly score: SafetyScore
  /** Millionths of a dollar an hour. */
  readonly saving: number
}

export interface Rejected {
  readonly offer: Offer
  readonly score: SafetyScore | null
  readonly reason: Reason
}

export interface Terms {
  readonly at: Instant
  readonly scoreMin: number
  /** Pools that refused a launch, until when. */
  readonly refused: Readonly<Record<string, Instant>>
}

const dayOf = (at: Instant) => new Date(at).toISOString().slice(0, 10)
const no = (kind: Reason["kind"], text: string): Reason => ({ kind, text })

/** The first thing that rules the pool out for members like these; undefined where nothing does. */
export const rejectedBecause = (alike: Alike, offer: Offer, terms: Terms): Reason | undefined => {
  const unfit = unfitBecause(alike.spec, offer.priced.spec)
  if (unfit !== undefined) return no("unfit", unfit)
  const score = scoreAt(offer.risk, terms.at)
  if (score === null) return no("unscored", "no score that is fresher than an hour and than the evidence")
  if (score < terms.scoreMin) {
    const herd = offer.risk.herd._tag === "NORMAL" ? "" : `, herd ${offer.risk.herd._tag}`
    return no("risky", `score ${score.toFixed(3)}, needs ${terms.scoreMin}${herd}`)
  }
  if (!isOpenAt(offer.risk, terms.at) && offer.risk.gate._tag === "poisoned") {
    return no("poisoned", `poisoned until ${dayOf(offer.risk.gate.until)}`)
  }
  const refusedUntil = terms.refused[offer.token]
  if (refusedUntil !== undefined && refusedUntil > terms.at) {
    return no("refused", `refused a launch, not asked before ${new Date(refusedUntil).toISOString()}`)
  }
  return offer.priced.spotPerHour >= alike.onDemandPerHour
    ? no("dear", `not cheaper than ${alike.instanceType} on demand`)
    : undefined
}

export interface Weighed {
  readonly choices: ReadonlyArray<Choice>
  /** Pools that suit no members of their zone, with what is nearest to suiting: the reason that falls last. */
  readonly rejected: ReadonlyArray<Rejected>
}

const lateness = { unfit: 0, unscored: 1, risky: 2, poisoned: 3, refused: 4, dear: 5 } as const
export const isNearer = (a: Reason, b: Reason) => lateness[a.kind] > lateness[b.kind]

/** Every pool of the zones where something may move, weighed for each kind of member there. */
export const weigh = (groups: ReadonlyArray<Alike>, market: Market, terms: Terms): Weighed => {
  const choices: Array<Choice> = []
  const rejected: Array<Rejected> = []
  for (const offer of market.offers) {
    let nearest: Reason | undefined
    let isChoice = false
    for (const alike of groups) {
      if (alike.zone !== offer.priced.pool.zone) continue
      const reason = rejectedBecause(alike, offer, terms)
      if (reason === undefined) {
        const score = scoreAt(offer.risk, terms.at)!
        choices.push({ alike, offer, score, saving: alike.onDemandPerHour - offer.priced.spotPerHour })
        isChoice = true
      } else if (nearest === undefined || isNearer(reason, nearest)) nearest = reason
    }
    if (!isChoice && nearest !== undefined) {
      rejected.push({ offer, score: scoreAt(offer.risk, terms.at), reason: nearest })
    }
  }
  return { choices, rejected }
}

/** So many are listed with a decision: those taken first, then what was not needed, then one for each reason. */
export const candidatesMax = 60
/** So many that would have done are named one by one. */
const sparesMax = 15

const candidate = (offer: Offer, score: SafetyScore | null, taken: number, reason: string) =>
  new Candidate({
    zone: offer.priced.pool.zone,
    instanceType: offer.priced.spec.instanceType,
    score,
    spotPerHour: offer.priced.spotPerHour,
    taken,
    reason
  })

/** What was weighed, briefly. `taken`: by pool token. */
export const listed = (
  { choices, rejected }: Weighed,
  taken: ReadonlyMap<string, number>
): ReadonlyArray<Candidate> => {
  const suitable = new Map(choices.map((choice) => [choice.offer.token, choice]))
  const chosen: Array<Candidate> = []
  const spare: Array<Candidate> = []
  for (const { offer, score } of suitable.values()) {
    const count = taken.get(offer.token) ?? 0
    if (count > 0) chosen.push(candidate(offer, score, count, "chosen"))
    else spare.push(candidate(offer, score, 0, "would do: not needed, or a layer was full before it"))
  }
  const cheapestFirst = (a: Candidate, b: Candidate) => a.spotPerHour! - b.spotPerHour!
  const byReason = new Map<string, Array<Rejected>>()
  for (const one of rejected) byReason.set(one.reason.text, [...(byReason.get(one.reason.text) ?? []), one])
  const ruledOut = [...byReason.values()]
    .sort((a, b) => lateness[b[0]!.reason.kind] - lateness[a[0]!.reason.kind] || b.length - a.length)
    .map((alike) => {
      const { offer, score, reason } = alike[0]!
      const more = alike.length === 1 ? "" : ` (and ${alike.length - 1} more)`
      return candidate(offer, score, 0, `${reason.text}${more}`)
    })
  const spares = spare.sort(cheapestFirst).slice(0, sparesMax)
  return [...chosen.sort(cheapestFirst), ...spares, ...ruledOut].slice(0, candidatesMax)
}
