/**
 * Groups and markets made of a few small numbers: they collide, as real ones do, and shrink well when a property fails.
 */
import { Schema } from "effect"
import { type GroupSeen, Member } from "../schemas/group.ts"
import { type Instant, type InstanceType, microUsd, type ZoneId } from "../schemas/ids.ts"
import { Pool, PoolPriced, PoolRisk, TypeSpec } from "../schemas/pool.ts"
import {
  aGroup,
  aMember,
  aPool,
  aPoolRisk,
  aPriced,
  aSpec,
  day,
  hour,
  instanceId,
  later,
  noon,
  score,
  type,
  zone
} from "./builders.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))

const size = (vcpu: number, memoryGib: number) => ({ vcpu, memoryMib: memoryGib * 1024 })
const bySize = { large: size(2, 8), xlarge: size(4, 16) }
const families: ReadonlyArray<readonly [family: string, over: Partial<TypeSpec>]> = [
  ["m5", {}],
  ["m5a", {}],
  ["m6i", {}],
  ["m6a", {}],
  ["r5", { memoryMib: 32 * 1024 }],
  ["c5", { memoryMib: 4 * 1024 }],
  ["m6g", { architecture: "arm64", bootModes: ["uefi"] }],
  ["m4", { hypervisor: "xen", enaRequired: false, nvmeRequired: false, bootModes: ["legacy-bios"] }],
  ["t3", {}]
]
/** Types of the small world: eighteen, of nine families, some of which cannot stand in for others. */
export const specs: ReadonlyArray<TypeSpec> = families.flatMap(([family, over]) =>
  (["large", "xlarge"] as const).map((name) =>
    aSpec({ instanceType: type(`${family}.${name}`), ...bySize[name], ...over })
  )
)
const specOf = (instanceType: InstanceType) => specs.find((spec) => spec.instanceType === instanceType)!

/** One member: where, what, and what is particular about it (most have nothing). */
export const MemberRecipe = Schema.Struct({ zone: upTo(3), type: upTo(3), quirk: upTo(11), isSpot: upTo(7) })
const quirks: ReadonlyArray<Partial<Member>> = [
  {},
  {},
  {},
  {},
  {},
  {},
  { healthy: false },
  { protectedFromScaleIn: true },
  { weight: 2 },
  { state: "Terminating:Wait" },
  { state: "Standby" },
  { state: "Pending" }
]
const memberTypes = [0, 1, 4, 5].map((i) => specs[i]!.instanceType)

/** A whole small world: so many ordinary members in so many zones, some particular ones, some particular pools. */
export const GroupRecipe = Schema.Struct({ bulk: upTo(36), zones: upTo(2), members: Schema.Array(MemberRecipe) })

/** A group of such members; with `isSteady` all on-demand. */
export const groupOf = (
  recipe: typeof GroupRecipe.Type,
  over: Partial<GroupSeen> & { readonly isSteady?: boolean } = {}
): GroupSeen => {
  const { isSteady = false, ...rest } = over
  const ordinary = Array.from({ length: recipe.bulk }, (_, n) =>
    aMember(n + 100, { zone: zone((n % (recipe.zones + 2)) + 1), instanceType: memberTypes[n % 7 === 0 ? 1 : 0]! })
  )
  const particular = recipe.members.map((one, n) =>
    aMember(n + 1, {
      zone: zone(one.zone + 1),
      instanceType: memberTypes[one.type]!,
      ...(one.isSpot === 0 && !isSteady ? { lifecycle: "spot" as const } : {}),
      ...quirks[one.quirk]
    })
  )
  return aGroup({ members: [...particular, ...ordinary], ...rest })
}

/** What is out of the ordinary of one pool; pools that no oddity names are open, calm and cheap. */
export const OddityRecipe = Schema.Struct({ zone: upTo(3), type: upTo(17), oddity: upTo(5), cents: upTo(25) })
type Oddity = typeof OddityRecipe.Type

const onDemandOf = (spec: TypeSpec) => microUsd(0.048 * spec.vcpu)
const priceOf = (place: ZoneId, spec: TypeSpec, cents: number | undefined) =>
  microUsd(cents === undefined ? 0.015 * spec.vcpu + 0.001 * (place.charCodeAt(place.length - 1) % 4) : cents / 100)

const oddly = (risk: PoolRisk, oddity: number): Partial<PoolRisk> => {
  switch (oddity) {
    case 1:
      return { gate: { _tag: "poisoned", until: later(noon, day) } }
    case 2:
      return { score: score(0.74) }
    case 3:
      return { scoredAt: later(noon, -2 * hour) }
    case 4:
      return { score: null }
    case 5:
      return { hits: [{ witness: "acme/1", instance: "i-1", at: later(risk.scoredAt, 1) }] }
    default:
      return {}
  }
}

/** All pools of the small world, in four zones. */
export const marketFrom = (oddities: ReadonlyArray<Oddity> = [], readAt: Instant = noon): ReadonlyArray<PoolRisk> => {
  const odd = new Map(oddities.map((one) => [`${one.zone} ${one.type}`, one]))
  return [0, 1, 2, 3].flatMap((z) =>
    specs.map((spec, t) => {
      const place = zone(z + 1)
      const one = odd.get(`${z} ${t}`)
      const pool = new Pool({ ...aPool(), zone: place, instanceType: spec.instanceType })
      const spotPerHour = priceOf(place, spec, one?.cents)
      const priced = new PoolPriced({
        ...aPriced(),
        pool,
        spec,
        spotPerHour,
        onDemandPerHour: onDemandOf(spec),
        readAt
      })
      const risk = aPoolRisk({ priced, scoredAt: readAt })
      return new PoolRisk({ ...risk, ...oddly(risk, one?.oddity ?? 0) })
    })
  )
}

export const specNamed = (name: string): TypeSpec => specOf(type(name))
/** An on-demand member of a type, in a zone by its number. */
export const standing = (n: number, zoneNumber: number, name = "m5.large"): Member =>
  aMember(n, { instance: instanceId(n), zone: zone(zoneNumber), instanceType: type(name) })
