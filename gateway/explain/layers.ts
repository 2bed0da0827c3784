/** The five layers of a composition: what is, what must be, and the smallest change that would make each hold. */
import type { Layer } from "../../schemas/api/explain.ts"
import { familyOf } from "../../schemas/ids.ts"
import { type Floors, type Part, type Preset, smallGroupSizes } from "../../schemas/safe-plan.ts"
import { count } from "../shown/phrase.ts"

/** As shares are compared when a plan is judged: 3 of 15 vCPU is 20 %, whatever binary fractions make of it. */
const slack = 1e-9
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
/** Two decimals where that tells the two apart, else three. */
const figure = (n: number, beside: number) => (n.toFixed(2) === beside.toFixed(2) ? n.toFixed(3) : n.toFixed(2))

export interface Looked {
  readonly layer: typeof Layer.Type
  /** What would make it hold, as `1 more zone (has 2, needs 3)`; empty where it holds. */
  readonly mend: string
  /** How many members or zones that change takes; 0 where it holds, or where no number of them does. */
  readonly steps: number
}

interface Judged {
  readonly parts: ReadonlyArray<Part>
  readonly spot: ReadonlyArray<Part>
  readonly total: number
  readonly floors: Floors
  readonly isSmall: boolean
}

const vcpuOf = (parts: ReadonlyArray<Part>) => parts.reduce((sum, { vcpu, count }) => sum + vcpu * count, 0)
const membersOf = (parts: ReadonlyArray<Part>) => parts.reduce((sum, { count }) => sum + count, 0)
const poolOf = ({ instanceType, zone }: Part) => `${familyOf(instanceType)} in ${zone}`

/** How many members, the largest first, make up so many vCPU. */
const membersFor = (parts: ReadonlyArray<Part>, vcpu: number): number => {
  let left = vcpu
  let members = 0
  for (const part of parts.toSorted((a, b) => b.vcpu - a.vcpu)) {
    if (left <= slack) break
    const taken = Math.min(part.count, Math.ceil(left / part.vcpu - slack))
    left -= taken * part.vcpu
    members += taken
  }
  return members
}

interface Mend {
  readonly text: string
  readonly steps: number
}
const look = (layer: number, rule: string, threshold: string, actual: string, mends: ReadonlyArray<Mend>): Looked => ({
  layer: { layer, rule, threshold, actual, passed: mends.length === 0 },
  mend: mends.map(({ text }) => text).join(" and "),
  steps: mends.reduce((sum, { steps }) => sum + steps, 0)
})

const scores = ({ spot, floors }: Judged): Looked => {
  const threshold = `every Spot pool scores at least ${floors.scoreMin}`
  const worst = spot.toSorted((a, b) => (a.score ?? -1) - (b.score ?? -1))
  const first = worst[0]
  const of = ({ instanceType, zone }: Part) => `${instanceType} in ${zone}`
  const actual =
    first === undefined
      ? "no Spot"
      : first.score === null
        ? `${of(first)} has none`
        : `${of(first)} has ${first.score.toFixed(3)}`
  const failing = worst.filter(({ score }) => score === null || score < floors.scoreMin - slack)
  const mends = failing.map((part) => ({
    text:
      part.score === null
        ? `a score of at least ${floors.scoreMin} for ${of(part)} (none is known)`
        : `a score of ${floors.scoreMin} for ${of(part)} (has ${figure(part.score, floors.scoreMin)})`,
    steps: part.count
  }))
  return look(1, "pool safety score", threshold, actual, mends)
}

const zones = ({ parts, total, floors }: Judged): Looked => {
  const shares = [...Map.groupBy(parts, ({ zone }) => zone)]
    .map(([zone, here]) => ({ zone, share: vcpuOf(here) / total }))
    .sort((a, b) => b.share - a.share || (a.zone < b.zone ? -1 : 1))
  const counting = shares.filter(({ share }) => share >= floors.zoneShareMin - slack)
  const least = percent(floors.zoneShareMin)
  const threshold = `at least ${floors.zonesMin} zones with ${least} of the vCPU each`
  const actual = shares.map(({ zone, share }) => `${zone} ${percent(share)}`).join(", ")
  const missing = floors.zonesMin - counting.length
  if (missing <= 0) return look(2, "availability zones", threshold, actual, [])
  const has = `has ${counting.length}, needs ${floors.zonesMin}`
  const text = `${count(missing, "more zone")} with at least ${least} (${has})`
  return look(2, "availability zones", threshold, actual, [{ text, steps: missing }])
}

const concentration = ({ spot, total, floors, isSmall }: Judged): Looked => {
  const held = [...Map.groupBy(spot, poolOf)]
    .map(([pool, here]) => ({ pool, here, vcpu: vcpuOf(here), members: membersOf(here) }))
    .sort((a, b) => (isSmall ? b.members - a.members : b.vcpu - a.vcpu) || (a.pool < b.pool ? -1 : 1))
  const most = isSmall
    ? "at most 1 member a pool (preset small-group)"
    : `at most ${percent(floors.poolShareMax)} of the vCPU`
  const first = held[0]
  const has = (one: (typeof held)[number]) => (isSmall ? count(one.members, "member") : percent(one.vcpu / total))
  const actual = first === undefined ? "no Spot" : `${has(first)} in ${first.pool}`
  const failing = held.filter(({ vcpu, members }) =>
    isSmall ? members > 1 : vcpu / total > floors.poolShareMax + slack
  )
  const mends = failing.map((one) => {
    const { pool, here, vcpu, members } = one
    const steps = isSmall ? members - 1 : membersFor(here, vcpu - (floors.poolShareMax + slack) * total)
    return { text: `${count(steps, "Spot member")} fewer in ${pool} (has ${has(one)}, ${most})`, steps }
  })
  return look(3, "concentration", `${most}; siblings of a family in one zone are one pool`, actual, mends)
}

const buffer = ({ parts, spot, total, floors, isSmall }: Judged): Looked => {
  const steady = parts.filter(({ lifecycle }) => lifecycle === "on-demand")
  const has = isSmall ? count(membersOf(steady), "member") : percent(vcpuOf(steady) / total)
  const least = isSmall
    ? "at least 1 member (preset small-group)"
    : `at least ${percent(floors.onDemandShareMin)} of the vCPU`
  const rule = "on-demand buffer"
  const isHeld = isSmall ? steady.length > 0 : vcpuOf(steady) / total >= floors.onDemandShareMin - slack
  if (isHeld) return look(4, rule, least, has, [])
  const steps = isSmall ? 1 : membersFor(spot, (floors.onDemandShareMin - slack) * total - vcpuOf(steady))
  return look(4, rule, least, has, [
    { text: `${count(steps, "more member")} on demand (has ${has}, needs ${least})`, steps }
  ])
}

/** Nothing of it is Spot: it is as safe as it was, and the layers ask nothing of it. */
const allOnDemand = (floors: Floors): ReadonlyArray<Looked> => [
  look(1, "pool safety score", `every Spot pool scores at least ${floors.scoreMin}`, "no Spot", []),
  look(2, "availability zones", `at least ${floors.zonesMin} zones`, "no Spot: not asked for", []),
  look(3, "concentration", `at most ${percent(floors.poolShareMax)} of the vCPU`, "no Spot", []),
  look(4, "on-demand buffer", `at least ${percent(floors.onDemandShareMin)} of the vCPU`, "100.0 %", [])
]

/** Looks at each layer by itself; the fifth is that all of them hold at once. */
export const lookedAt = (parts: ReadonlyArray<Part>, floors: Floors, preset: Preset): ReadonlyArray<Looked> => {
  const spot = parts.filter(({ lifecycle }) => lifecycle === "spot")
  const members = membersOf(parts)
  const isSmall = preset === "small-group" && members >= smallGroupSizes.min && members <= smallGroupSizes.max
  const judged = { parts, spot, total: vcpuOf(parts), floors, isSmall }
  const four =
    spot.length === 0 ? allOnDemand(floors) : [scores, zones, concentration, buffer].map((one) => one(judged))
  const failing = four.filter(({ layer }) => !layer.passed)
  const actual = `${4 - failing.length} of 4 hold`
  const mends = failing.map(({ mend, steps }) => ({ text: mend, steps }))
  return [...four, look(5, "all at once", "layers 1 to 4 hold together", actual, mends)]
}

/** The smallest change that would let it pass; empty where it passes. */
export const mendOf = (looked: ReadonlyArray<Looked>): string => {
  const mends = looked.filter(({ layer, mend }) => layer.layer < 5 && mend !== "").map(({ mend }) => mend)
  return mends.length === 0 ? "" : `would pass with ${mends.join(", and ")}`
}
