/** What a sweep means: a group composed whole, what differs from before, what was taken, and how an account answers. */
import { Duration } from "effect"
import { Account, AccountAnswered } from "../../schemas/account.ts"
import { digestOf } from "../../schemas/digest.ts"
import { GroupSeen, Member } from "../../schemas/group.ts"
import type { GroupName, Instant, Region } from "../../schemas/ids.ts"
import { orphanAfterMs, OrphanSeen, sagaTag } from "../../schemas/orphan.ts"
import { Pool, SpotInterrupted } from "../../schemas/pool.ts"
import type { Details, ListedGroup, ListedInstance } from "./listed.ts"
import { mendOf } from "./mend.ts"
import { obstaclesOf } from "./obstacles.ts"
import { ownerOf } from "./owner.ts"

/** Where and when a sweep looks. */
export interface Place {
  readonly account: Account
  readonly region: Region
  /** Start of the sweep. */
  readonly readAt: Instant
  /** The endpoint is a stand-in for AWS that does not know every call. */
  readonly isStandIn: boolean
}

type Instances = ReadonlyMap<string, ListedInstance>

const alarmsTag = "cloudoptim:alarms"
/** A fact travels in a message of at most 256 KiB, and a member takes about 250 bytes of it. */
const membersMax = 800

const byName =
  <A>(name: (one: A) => string) =>
  (a: A, b: A) =>
    name(a) < name(b) ? -1 : 1

const membersOf = (group: ListedGroup, instances: Instances): ReadonlyArray<Member> =>
  group.members
    // one that is leaving and no longer listed is gone already
    .filter((member) => instances.has(member.instance) || !member.state.startsWith("Terminating"))
    .map((member) => {
      const listed = instances.get(member.instance)
      return new Member({
        ...member,
        lifecycle: listed?.lifecycle ?? "on-demand",
        saga: listed?.tags[sagaTag] ?? null,
        bound: listed?.bound ?? []
      })
    })
    .sort(byName((member) => member.instance))

const alarmsOf = (group: ListedGroup) =>
  (group.tags[alarmsTag] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .sort()

/** One group, whole. Lists are sorted, so that AWS's order of the day is no difference. */
export const compose = (place: Place, group: ListedGroup, instances: Instances, details: Details): GroupSeen => {
  const { tenant, account, environment, mode } = place.account
  const members = membersOf(group, instances)
  const listed = members.flatMap((member) => instances.get(member.instance) ?? [])
  const looked = { group, members, instances: listed, details, isStandIn: place.isStandIn }
  const tooMany = members.length > membersMax ? [`${members.length} members, more than ${membersMax}`] : []
  const zones = group.subnets.flatMap((subnet) => {
    const zone = details.zones.get(subnet)
    return zone?._tag === "Seen" ? [{ subnet, zone: zone.value }] : []
  })
  const hooks = details.hooks._tag === "Seen" ? details.hooks.value : { launching: 0, terminating: 0 }
  return new GroupSeen({
    tenant,
    account,
    environment,
    mode,
    region: place.region,
    group: group.group,
    owner: ownerOf(group.tags, listed),
    product: listed[0]?.product ?? "linux",
    minSize: group.minSize,
    desired: group.desired,
    maxSize: group.maxSize,
    subnets: zones.sort(byName((one) => one.subnet)),
    template: details.template?._tag === "Seen" ? details.template.value : null,
    mixed: group.mixed === null ? null : mixedOf(group.mixed),
    suspended: [...group.suspended].sort(),
    obstacles: [...obstaclesOf(looked), ...tooMany],
    launchHooks: hooks.launching,
    terminateHooks: hooks.terminating,
    targetGroups: [...group.targetGroups].sort(),
    alarms: alarmsOf(group),
    members: members.slice(0, membersMax),
    readAt: place.readAt
  })
}

const mixedOf = ({ weighted: _, types, ...shares }: NonNullable<ListedGroup["mixed"]>) => ({
  ...shares,
  types: [...types].sort()
})

/** Is it worth saying? Not if nothing but the time of reading it is new. */
export const isNews = (before: GroupSeen | undefined, now: GroupSeen): boolean =>
  before === undefined || digestOf({ ...before, readAt: 0 }) !== digestOf({ ...now, readAt: 0 })

/** What was known before this sweep, as far as lost Spot instances go. */
export interface Before {
  /** Spot instances that served when they were last seen. */
  readonly spot: ReadonlySet<string>
  /** Losses that were told already. */
  readonly told: ReadonlySet<string>
  /** Start of the sweep before; null at the first one. */
  readonly readAt: Instant | null
}

const taken = "Server.SpotInstanceTermination"
const isServing = ({ state }: ListedInstance) => state === "running" || state === "pending"

/**
 * Spot instances that AWS took and nobody warned us of, each once: those that served before, and those that came and
 * went between two sweeps. What was dead when we first looked is history, not news.
 */
export const interruptionsIn = (place: Place, listed: ReadonlyArray<ListedInstance>, before: Before) =>
  listed
    .filter((one) => one.lifecycle === "spot" && !isServing(one) && one.stateReason?.startsWith(taken) === true)
    .filter((one) => !before.told.has(one.instance))
    .filter((one) => before.spot.has(one.instance) || (before.readAt !== null && one.launchedAt >= before.readAt))
    .map(
      ({ instance, zone, instanceType, product }) =>
        new SpotInterrupted({
          tenant: place.account.tenant,
          account: place.account.account,
          environment: place.account.environment,
          pool: new Pool({ region: place.region, zone, instanceType, product }),
          instance,
          at: place.readAt,
          provenance: "reclaimed",
          warned: false
        })
    )

/** An orphan is said again so often while it stands: whoever left it alone once looks again. Milliseconds. */
const orphanAgainMs = Duration.toMillis("5 minutes")

/** Is it worth saying again? By how far apart the readings are: a forged one of the future would silence us else. */
export const isOrphanNews = (before: OrphanSeen, now: OrphanSeen): boolean =>
  before.saga !== now.saga || Math.abs(now.readAt - before.readAt) >= orphanAgainMs

/** Instances with our saga's tag that stand outside every group, and are too old to be on their way into one. */
export const orphansIn = (place: Place, listed: ReadonlyArray<ListedInstance>, members: ReadonlySet<string>) =>
  listed.flatMap(({ instance, instanceType, zone, launchedAt, state, tags }) => {
    const saga = tags[sagaTag]
    const isOld = place.readAt - launchedAt >= orphanAfterMs
    const isStanding = state !== "terminated" && state !== "shutting-down"
    if (saga === undefined || !isOld || !isStanding || members.has(instance)) return []
    const { tenant, account } = place.account
    const { region, readAt } = place
    return [new OrphanSeen({ tenant, account, region, instance, instanceType, zone, saga, launchedAt, readAt })]
  })

/** Spot instances that serve now. */
export const servingSpot = (listed: ReadonlyArray<ListedInstance>): ReadonlySet<string> =>
  new Set(listed.filter((one) => one.lifecycle === "spot" && isServing(one)).map((one) => one.instance))

/** Groups that were there and are no longer listed. */
export const goneFrom = (before: Iterable<GroupName>, now: ReadonlySet<GroupName>): ReadonlyArray<GroupName> =>
  [...before].filter((name) => !now.has(name)).sort()

/** How one region took a sweep: null, or the code and the vendor's sentence. */
export interface RegionAnswer {
  readonly region: Region
  readonly refused: { readonly code: string; readonly details: string } | null
}

/**
 * How an account answers: it refuses if no region lets us in. Where some do, the others are named in the message alone,
 * so that one closed region does not stop the account's open ones.
 */
export const answerOf = (account: Account, regions: ReadonlyArray<RegionAnswer>, at: Instant): AccountAnswered => {
  const closed = regions.flatMap(({ region, refused }) => (refused === null ? [] : [{ region, ...refused }]))
  const sentences = closed.map(({ region, code, details }) => `${code} in ${region}: ${mendOf(code)} (${details})`)
  const first = closed[0]
  const isShut = first !== undefined && closed.length === regions.length
  return new AccountAnswered({
    tenant: account.tenant,
    account: account.account,
    code: isShut ? first.code : null,
    message: isShut
      ? `${mendOf(first.code)} (${closed.map(({ region }) => region).join(", ")}: ${first.details})`
      : ["it answers", ...sentences].join("; "),
    at
  })
}

/** Said when it changed, and again with every full sweep, so that a late delivery of an older one heals. */
export const isAnswerNews = (before: AccountAnswered | undefined, now: AccountAnswered, isFull: boolean): boolean =>
  isFull || before?.code !== now.code || before.message !== now.message
