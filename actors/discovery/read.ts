/** The sweep: everything of one account and region, with as few calls as AWS's pages allow. */
import { Clock, Effect } from "effect"
import type { Account } from "../../schemas/account.ts"
import { digestOf } from "../../schemas/digest.ts"
import { GroupGone, type GroupSeen, SweepDone } from "../../schemas/group.ts"
import { type GroupName, type Instant, instant, type Region } from "../../schemas/ids.ts"
import type { OrphanSeen } from "../../schemas/orphan.ts"
import type { SpotInterrupted } from "../../schemas/pool.ts"
import { type CloudRefusal, refusal } from "../_ports/cloud-refusal.ts"
import { Ec2, type Instance } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Sts } from "../_ports/sts.ts"
import { type Asker, asker, everyPage } from "./ask.ts"
import type { Budget } from "./budget.ts"
import { type Cache, detailsOf, emptyCache, readDetails } from "./details.ts"
import type { ListedInstance } from "./listed.ts"
import { compose, goneFrom, interruptionsIn, isNews, orphansIn, type Place, servingSpot } from "./policy.ts"

/** What is remembered of an account and region between sweeps: losing it costs calls and repeats, never truth. */
export interface Sight {
  readonly groups: ReadonlyMap<GroupName, GroupSeen>
  /** Digest of each group as it was listed: while it stands, its details are not asked for again. */
  readonly listed: ReadonlyMap<GroupName, string>
  readonly cache: Cache
  readonly spot: ReadonlySet<string>
  readonly told: ReadonlySet<string>
  readonly readAt: Instant | null
  readonly isIdentified: boolean
}

/** After a restart, what the bucket still holds: nothing unchanged is said again, nothing gone is forgotten. */
export const sightOf = (groups: ReadonlyArray<GroupSeen>): Sight => ({
  groups: new Map(groups.map((group) => [group.group, group])),
  listed: new Map(),
  cache: emptyCache,
  spot: new Set(
    groups.flatMap(({ members }) => members.flatMap((one) => (one.lifecycle === "spot" ? [one.instance] : [])))
  ),
  told: new Set(),
  readAt: null,
  isIdentified: false
})

export interface How {
  /** Ask again for every detail, not only where the listing changed. */
  readonly isFull: boolean
  readonly isStandIn: boolean
  readonly budget: Budget
}

/** Interruptions are to be said before the groups: a crash between the two then repeats a loss and loses none. */
export interface Swept {
  readonly _tag: "Swept"
  readonly region: Region
  /** Only those that differ from what was said before. */
  readonly groups: ReadonlyArray<GroupSeen>
  readonly gone: ReadonlyArray<GroupGone>
  readonly interrupted: ReadonlyArray<SpotInterrupted>
  /** Left behind by a swap that nobody carries on. */
  readonly orphans: ReadonlyArray<OrphanSeen>
  readonly instances: number
  readonly calls: number
  readonly done: SweepDone
  readonly sight: Sight
}
/** Nothing is known anew; what was known stays. */
export interface Refused {
  readonly _tag: "Refused"
  readonly region: Region
  readonly refusal: CloudRefusal
  readonly calls: number
  readonly sight: Sight
}

const identify = ({ ask }: Asker, account: Account) =>
  Effect.gen(function* () {
    const who = yield* ask((yield* Sts).identity({}))
    if (who.account === account.account) return
    return yield* refusal("sts:GetCallerIdentity", "CloudOptim.WrongAccount", `the role leads into ${who.account}`)
  })

/** Groups first: a member that joins meanwhile is then among the instances, and not the other way round. */
const list = ({ ask }: Asker) =>
  Effect.gen(function* () {
    const asg = yield* Groups
    const ec2 = yield* Ec2
    const groupPages = yield* everyPage((page) => ask(asg.groups({ names: [], page })))
    const pages = yield* everyPage((page) => ask(ec2.instances({ ids: [], saga: null, page })))
    // a listing that moves while it is paged may show one thing twice: the later page is the newer look
    const groups = new Map(groupPages.flatMap((page) => page.groups).map((group) => [group.group, group]))
    const instances = new Map<string, Instance>(pages.flatMap((one) => one.instances).map((one) => [one.instance, one]))
    return { groups: [...groups.values()], instances }
  })

interface Listing {
  readonly groups: ReadonlyArray<Group>
  readonly instances: ReadonlyMap<string, ListedInstance>
  readonly listed: Sight["listed"]
}

const isStanding = ({ state }: ListedInstance) => state !== "terminated" && state !== "shutting-down"

const membersOf = (groups: ReadonlyArray<Group>): ReadonlySet<string> =>
  new Set(groups.flatMap(({ members }) => members.map(({ instance }) => instance)))

const outcome = (place: Place, { groups, instances, listed }: Listing, sight: Sight, cache: Cache) => {
  const { tenant, account } = place.account
  const { region, readAt } = place
  const all = [...instances.values()]
  const composed = groups.map((group) => compose(place, group, instances, detailsOf(cache, group)))
  const names = new Set(groups.map((group) => group.group))
  const gone = goneFrom(sight.groups.keys(), names)
  const interrupted = interruptionsIn(place, all, sight)
  const told = new Set([
    ...[...sight.told].filter((one) => instances.has(one)),
    ...interrupted.map((one) => one.instance)
  ])
  const next: Sight = {
    groups: new Map(composed.map((group) => [group.group, group])),
    listed,
    cache,
    spot: servingSpot(all),
    told,
    readAt,
    isIdentified: true
  }
  return {
    groups: composed.filter((group) => isNews(sight.groups.get(group.group), group)),
    gone: gone.map((group) => new GroupGone({ tenant, account, region, group, readAt })),
    interrupted,
    orphans: orphansIn(place, all, membersOf(groups)),
    instances: all.filter(isStanding).length,
    sight: next
  }
}

/**
 * Sweeps one account and region under the given `Whose`. Between full sweeps an unchanged account costs the pages of
 * its groups and instances and not a call more. It never fails: a refusal that patience does not mend is its result.
 */
export const sweep = (account: Account, region: Region, sight: Sight, how: How) =>
  Effect.gen(function* () {
    const startedAt = instant(yield* Clock.currentTimeMillis)
    const place: Place = { account, region, readAt: startedAt, isStandIn: how.isStandIn }
    const asking = yield* asker(how.budget)
    const reading = Effect.gen(function* () {
      if (how.isFull || !sight.isIdentified) yield* identify(asking, account)
      const listing = yield* list(asking)
      const known = how.isFull ? emptyCache : sight.cache
      const listed = new Map(listing.groups.map((group) => [group.group, digestOf(group)]))
      const isChanged = (group: Group) => sight.listed.get(group.group) !== listed.get(group.group)
      const cache = yield* readDetails(asking, known, listing.groups, isChanged)
      return outcome(place, { ...listing, listed }, sight, cache)
    })
    const result = yield* Effect.result(reading)
    const calls = yield* asking.calls
    if (result._tag === "Failure") {
      const refused: Refused = { _tag: "Refused", region, refusal: result.failure, calls, sight }
      return refused
    }
    const { tenant } = account
    const endedAt = instant(yield* Clock.currentTimeMillis)
    const counts = { groups: result.success.sight.groups.size, instances: result.success.instances, calls }
    const done = new SweepDone({ tenant, account: account.account, region, startedAt, endedAt, ...counts })
    const swept: Swept = { _tag: "Swept", region, ...result.success, calls, done }
    return swept
  })
