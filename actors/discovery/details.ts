/** What a listing does not tell of a group: template, zones, hooks, refresh. Asked once, kept until it changes. */
import { Effect } from "effect"
import type { Template } from "../../schemas/group.ts"
import type { GroupName, ZoneId } from "../../schemas/ids.ts"
import { Ec2 } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { type Asker, found } from "./ask.ts"
import { type Details, type Found, seen, unseen } from "./listed.ts"

type PinnedTemplate = typeof Template.Type
interface PerGroup {
  readonly hooks: Details["hooks"]
  readonly refreshing: Details["refreshing"]
}

export interface Cache {
  readonly templates: ReadonlyMap<string, Found<PinnedTemplate>>
  readonly subnets: ReadonlyMap<string, Found<ZoneId>>
  readonly groups: ReadonlyMap<GroupName, PerGroup>
}
export const emptyCache: Cache = { templates: new Map(), subnets: new Map(), groups: new Map() }

/** Questions under way at once: enough to hide the way to AWS, few enough for the budget to rule. */
const concurrency = 4
/** Subnets asked for in one call. */
const subnetsMax = 200

type TemplateName = NonNullable<Group["template"]>
const nameOf = ({ id, version }: TemplateName) => `${id}@${version}`
/** `$Latest` and `$Default` move without any change of the group. */
const isMoving = ({ version }: TemplateName) => version.startsWith("$")

const readTemplates = ({ ask }: Asker, cache: Cache, groups: ReadonlyArray<Group>, changed: ReadonlySet<GroupName>) => {
  const wanted = new Map<string, TemplateName>()
  const kept = new Map<string, Found<PinnedTemplate>>()
  for (const { group, template } of groups) {
    if (template === null) continue
    const name = nameOf(template)
    const known = cache.templates.get(name)
    if (known === undefined || (changed.has(group) && isMoving(template))) wanted.set(name, template)
    else kept.set(name, known)
  }
  const read = ([name, template]: readonly [string, TemplateName]) =>
    Effect.gen(function* () {
      return [name, yield* found(ask((yield* Ec2).template(template)))] as const
    })
  return Effect.map(Effect.forEach(wanted, read, { concurrency }), (answers) => new Map([...kept, ...answers]))
}

/** One answer for a batch; where a batch is refused for one bad name in it, one by one. */
const readZones = (asking: Asker, names: ReadonlyArray<string>): Zones =>
  Effect.gen(function* () {
    const answer = yield* found(asking.ask((yield* Ec2).subnets({ subnets: names })))
    if (answer._tag === "Unseen") {
      if (names.length === 1) return names.map((name) => [name, answer] as const)
      return (yield* Effect.forEach(names, (name) => readZones(asking, [name]), { concurrency })).flat()
    }
    const zones = new Map(answer.value.map(({ subnet, zone }) => [subnet, zone]))
    return names.map((name) => {
      const zone = zones.get(name)
      return [name, zone === undefined ? unseen("NotListed") : seen(zone)] as const
    })
  })
type Zones = Effect.Effect<
  ReadonlyArray<readonly [string, Found<ZoneId>]>,
  Effect.Error<ReturnType<typeof readTemplates>>,
  Effect.Services<ReturnType<typeof readTemplates>>
>

const readSubnets = (asking: Asker, cache: Cache, groups: ReadonlyArray<Group>) => {
  const names = [...new Set(groups.flatMap((group) => group.subnets))].sort()
  const missing = names.filter((name) => !cache.subnets.has(name))
  const batches = Array.from({ length: Math.ceil(missing.length / subnetsMax) }, (_, n) =>
    missing.slice(n * subnetsMax, (n + 1) * subnetsMax)
  )
  const kept = [...cache.subnets].filter(([name]) => names.includes(name))
  const answers = Effect.forEach(batches, (batch) => readZones(asking, batch), { concurrency })
  return Effect.map(answers, (answers) => new Map([...kept, ...answers.flat()]))
}

const readGroup = ({ ask }: Asker, group: GroupName) =>
  Effect.gen(function* () {
    const asg = yield* Groups
    const hooks = yield* found(ask(asg.hooks({ group })))
    const refreshing = yield* found(ask(asg.refreshing({ group })))
    return [group, { hooks, refreshing }] as const
  })

/** The details of these groups: cached where the group is as it was, else asked for. The unused is forgotten. */
export const readDetails = (
  asking: Asker,
  cache: Cache,
  groups: ReadonlyArray<Group>,
  isChanged: (group: Group) => boolean
) =>
  Effect.gen(function* () {
    const stale = groups.filter((group) => isChanged(group) || !cache.groups.has(group.group))
    const changed = new Set(stale.map((group) => group.group))
    const kept = groups.flatMap(({ group }) => {
      const known = cache.groups.get(group)
      return known === undefined || changed.has(group) ? [] : [[group, known] as const]
    })
    const templates = yield* readTemplates(asking, cache, groups, changed)
    const subnets = yield* readSubnets(asking, cache, groups)
    const read = yield* Effect.forEach(changed, (group) => readGroup(asking, group), { concurrency })
    const next: Cache = { templates, subnets, groups: new Map([...kept, ...read]) }
    return next
  })

/** One group's details out of the cache. */
export const detailsOf = (cache: Cache, group: Group): Details => {
  const known = cache.groups.get(group.group)
  const zones = group.subnets.map((name) => [name, cache.subnets.get(name) ?? unseen("NotListed")] as const)
  return {
    template: group.template === null ? null : (cache.templates.get(nameOf(group.template)) ?? unseen("NotListed")),
    zones: new Map(zones),
    hooks: known?.hooks ?? unseen("NotListed"),
    refreshing: known?.refreshing ?? unseen("NotListed")
  }
}
