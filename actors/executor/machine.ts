/** Whether what a swap launches is the machine that it replaces, but for its type and how it is paid for. */
import { Effect } from "effect"
import { turnBack } from "../../bus/saga.ts"
import { digestOf } from "../../schemas/digest.ts"
import type { Template } from "../../schemas/group.ts"
import type { Digest } from "../../schemas/ids.ts"
import type { TypeSpec } from "../../schemas/pool.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import { ownTags } from "../_ports/ec2.ts"
import type { Group } from "../_ports/group.ts"
import { Health } from "../_ports/health.ts"

/** AWS gives an instance so many tags. Source: EC2 user guide, "Tag restrictions". */
const tagsMax = 50
const own: ReadonlySet<string> = new Set(Object.values(ownTags))

/**
 * The group's tags that its own launches carry: Auto Scaling does not put them on what is attached (trap 15). Keys of
 * AWS itself cannot be set, and ours go before.
 */
export const carriedTags = ({ launchTags }: Group): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(launchTags).filter(([key]) => !/^aws:/i.test(key) && !own.has(key)))

/** A tag's value may be a secret: a journal keeps their digest, and whoever launches reads them again. */
export const tagsDigest = (group: Group): Digest => digestOf(carriedTags(group))

/** The tags as they were at the look; a repeat with others would be refused as another launch (trap 16). */
export const tagsAsSeen = (group: Group, seen: string | null) => {
  if (seen === null) return Effect.succeed({})
  return tagsDigest(group) === seen
    ? Effect.succeed(carriedTags(group))
    : Effect.fail(turnBack("Foreign", "the group's tags have changed since the look"))
}

/** What forbids a launch from this template; undefined where nothing does. */
export const templateForbids = (template: typeof Template.Type, spec: TypeSpec, group: Group) => {
  const asks = template.obstacles ?? []
  if (asks.length > 0) return turnBack("Obstacle", `the launch template asks for ${asks.join(", ")}`)
  if (template.asksForSpot) return turnBack("Obstacle", "the launch template asks for Spot by itself")
  if (template.architecture !== null && template.architecture !== spec.architecture) {
    return turnBack(
      "Incompatible",
      `the image is ${template.architecture}, ${spec.instanceType} is ${spec.architecture}`
    )
  }
  const tags = Object.keys(carriedTags(group)).length + own.size
  if (tags > tagsMax) return turnBack("Obstacle", `the group's tags and ours are ${tags}, more than ${tagsMax}`)
  return undefined
}

/**
 * Turns back where the old one is not healthy behind a target group: so its zone may be off, or the targets be keyed by
 * address, and its replacement would never be healthy there either (trap 14).
 */
export const servesAsTarget = (order: SwapOrdered, { targetGroups }: Group) =>
  Effect.gen(function* () {
    const instance = order.move.old
    for (const targetGroup of targetGroups) {
      const state = yield* Health.use((port) => port.target({ targetGroup, instance }))
      if (state !== "healthy") return yield* turnBack("Obstacle", `${instance} is ${state} in ${targetGroup}`)
    }
  })
