/** A customer's policy as an edit: what it changes, and what in it is not his to loosen. */
import { Schema } from "effect"
import { Policy, productPolicy } from "../../schemas/policy.ts"
import { productFloors } from "../../schemas/safe-plan.ts"
import { Refused } from "../refused.ts"

type Json = Readonly<Record<string, unknown>>

/** More zones than any region has. */
const zoneCountMax = 100

/** Names that a policy may hold, and bytes that it may have: it travels whole, twice in each fact of its desk. */
const excludedMax = 500
const policyBytesMax = 32_768
/** Longest name of an Auto Scaling group. */
const groupNameMax = 255
/** A replacement that served beside the old member for an hour has shown what it can: longer only doubles the bill. */
const bakeMsMax = 3_600_000

/** Floors that only rise, and the one that only falls. */
const rises = ["scoreMin", "zonesMin", "zoneShareMin", "onDemandShareMin"] as const
const falls = ["poolShareMax"] as const

/** What a wish may not be, each with its place; empty = nothing. */
export const faultsIn = (wish: Omit<Policy, "version">): ReadonlyArray<{ path: string; message: string }> => {
  const { floors, approval, bakeMs, excludedGroups, excludedInstances = [] } = wish
  const loose = [
    ...rises.flatMap((name) => (floors[name] < productFloors[name] ? [{ name, least: "at least" }] : [])),
    ...falls.flatMap((name) => (floors[name] > productFloors[name] ? [{ name, least: "at most" }] : []))
  ].map(({ name, least }) => ({
    path: `policy.floors.${name}`,
    message: `${floors[name]} is looser than the product's: ${least} ${productFloors[name]}`
  }))
  const beyond = [
    ...(floors.scoreMin > 1 ? ["scoreMin"] : []),
    ...(floors.zoneShareMin > 1 ? ["zoneShareMin"] : []),
    ...(floors.onDemandShareMin > 1 ? ["onDemandShareMin"] : []),
    ...(floors.poolShareMax <= 0 ? ["poolShareMax"] : []),
    ...(floors.zonesMin > zoneCountMax ? ["zonesMin"] : [])
  ].map((name) => ({ path: `policy.floors.${name}`, message: "is what no group can have" }))
  const rest = [
    ...(approval._tag === "auto-below" && approval.monthlyUsd < 0
      ? [{ path: "policy.approval.monthlyUsd", message: "is below zero: manual asks for every plan" }]
      : []),
    ...(bakeMs < 0 ? [{ path: "policy.bakeMs", message: "is below zero" }] : []),
    ...(bakeMs > bakeMsMax ? [{ path: "policy.bakeMs", message: `is over an hour (${bakeMsMax} ms)` }] : [])
  ]
  const long = Object.entries({ excludedGroups, excludedInstances }).flatMap(([name, list]) =>
    list.length > excludedMax
      ? [{ path: `policy.${name}`, message: `names ${list.length}, at most ${excludedMax}` }]
      : []
  )
  const strange = excludedGroups.some((name) => name.length > groupNameMax)
    ? [{ path: "policy.excludedGroups", message: `names a group of more than ${groupNameMax} characters` }]
    : []
  const bytes = Buffer.byteLength(JSON.stringify(wish))
  const large =
    bytes > policyBytesMax ? [{ path: "policy", message: `has ${bytes} bytes, at most ${policyBytesMax}` }] : []
  return [...loose, ...beyond, ...rest, ...long, ...strange, ...large]
}

const share = (minimum: number, maximum = 1) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))
/** The floors as somebody may wish them: what an editor is told, and what `faultsIn` finds. */
export const WishedFloors = Schema.Struct({
  scoreMin: share(productFloors.scoreMin),
  zonesMin: Schema.Int.check(Schema.isBetween({ minimum: productFloors.zonesMin, maximum: zoneCountMax })),
  zoneShareMin: share(productFloors.zoneShareMin),
  poolShareMax: share(0, productFloors.poolShareMax),
  onDemandShareMin: share(productFloors.onDemandShareMin)
})

export const refuseFaults = (faults: ReadonlyArray<{ path: string; message: string }>): Refused =>
  new Refused({
    status: 422,
    kind: "unprocessable",
    title: "The request cannot be carried out",
    detail: `Not taken: ${faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.`,
    errors: [...faults]
  })

const flat = (value: unknown, path: string): ReadonlyArray<readonly [string, string]> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, one]) => flat(one, path === "" ? name : `${path}.${name}`))
    : [[path, typeof value === "string" ? value : JSON.stringify(value)]]

const encoded = Schema.encodeSync(Policy)

/** What an edit changes, as `floors.scoreMin: 0.75 -> 0.8`; empty = nothing. The version is not told of. */
export const changesBetween = (from: Policy | null, to: Policy): ReadonlyArray<string> => {
  const lines = (policy: Policy) => {
    const { version: _, ...wishes } = encoded(policy) as Json
    return new Map(flat(wishes, ""))
  }
  const before = lines(from ?? productPolicy)
  const after = lines(to)
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path}: ${before.get(path) ?? "none"} -> ${after.get(path) ?? "none"}`)
}
