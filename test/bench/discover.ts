/** Discovery's calls over the fewest that AWS's pages allow, counted by API over the simulated cloud. */
import { Effect, Layer } from "effect"
import { Account } from "../../schemas/account.ts"
import { AccountId, GroupName, instant } from "../../schemas/ids.ts"
import type { CloudRefusal } from "../../actors/_ports/cloud-refusal.ts"
import { Ec2, ec2Calls } from "../../actors/_ports/ec2.ts"
import { Groups, groupCalls } from "../../actors/_ports/group.ts"
import { Audit, type Calls, guarded, type Inner, type Shape } from "../../actors/_ports/port.ts"
import { Sts, stsCalls } from "../../actors/_ports/sts.ts"
import { aGroup, fleetOf, home, Stage } from "../../actors/_ports/world/stage.ts"
import type { Budget } from "../../actors/discovery/budget.ts"
import { type Sight, sightOf } from "../../actors/discovery/read.ts"
import { round } from "../../actors/discovery/round.ts"

/** Calls by their name in the ports' tables. */
export type CallCounts = Readonly<Record<string, number>>

/**
 * The longest page of each listing. A call that asks about one thing by its name has pages of one. Sources: Amazon EC2
 * API, `MaxResults` of DescribeInstances and DescribeSubnets; EC2 Auto Scaling API, `MaxRecords` of
 * DescribeAutoScalingGroups. DescribeLifecycleHooks and DescribeInstanceRefreshes take one group's name.
 */
export const pageCaps = {
  groups: 100,
  instances: 1_000,
  subnets: 1_000,
  identity: 1,
  template: 1,
  hooks: 1,
  refreshing: 1
} as const
type Api = keyof typeof pageCaps

/** Things of each kind in one account and region. */
export interface Things {
  readonly groups: number
  readonly instances: number
  readonly subnets: number
  readonly templates: number
}

const pages = (api: Api, things: number) => Math.max(1, Math.ceil(things / pageCaps[api]))

/** The fewest calls that tell whether anything changed. */
export const leastCalls = ({ groups, instances }: Things): number =>
  pages("groups", groups) + pages("instances", instances)

/** The fewest calls that tell everything, by who knows nothing yet. */
export const leastFirstCalls = (things: Things): number =>
  leastCalls(things) +
  pages("identity", 1) +
  pages("subnets", things.subnets) +
  things.templates * pages("template", 1) +
  things.groups * (pages("hooks", 1) + pages("refreshing", 1))

/** Counts what is asked, and asks it. */
const counting = <C extends Calls>(calls: C, inner: Inner<C>, counts: Record<string, number>): Shape<C> => {
  const asked: Record<string, unknown> = {}
  for (const name of Object.keys(calls)) {
    const call = inner[name] as (input: unknown, caller: never) => Effect.Effect<unknown, CloudRefusal>
    asked[name] = (input: unknown, caller: never) =>
      Effect.suspend(() => {
        counts[name] = (counts[name] ?? 0) + 1
        return call(input, caller)
      })
  }
  return guarded(calls, asked as Inner<C>, noWrites)
}
const noWrites = Audit.of({ begun: () => Effect.die("a sense writes"), ended: () => Effect.die("a sense writes") })

const cloudOf = (stage: Stage, counts: Record<string, number>) =>
  Layer.mergeAll(
    Layer.succeed(Sts, counting(stsCalls, stage.sts, counts)),
    Layer.succeed(Ec2, counting(ec2Calls, stage.ec2, counts)),
    Layer.succeed(Groups, counting(groupCalls, stage.groups, counts))
  )

/** A fleet: so many accounts, each of so many groups of so many instances. */
export interface Size {
  readonly accounts: number
  readonly groups: number
  readonly members: number
}

const accountIds = (count: number) =>
  Array.from({ length: count }, (_, n) => AccountId.make(String(111_122_220_000 + n)))

const roleOf = (account: string) => `arn:aws:iam::${account}:role/CloudOptimOperator`

/** The cloud with that fleet in it, and its accounts as they are connected. */
const plantedOf = (size: Size) => {
  const stage = new Stage({ group: null })
  const [first] = fleetOf([]).accounts
  const owned = accountIds(size.accounts).map((account) => ({ ...first!, account, roleArn: roleOf(account) }))
  const groups = owned.flatMap(({ account }) =>
    Array.from({ length: size.groups }, (_, n) => aGroup(size.members, { account, group: GroupName.make(`web-${n}`) }))
  )
  stage.world.plant({ tenants: [home.tenant], accounts: owned, groups })
  const accounts = owned.map(
    (account) => new Account({ ...account, status: "connected", reason: null, since: instant(0) })
  )
  return { stage, accounts }
}

const unlimited: Budget = { take: Effect.void, giveUp: Effect.void }

export interface Sweeping {
  readonly calls: CallCounts
  readonly total: number
  readonly least: number
  readonly ms: number
}

/** Every account once, by who remembers these sights; a refused sweep is an error of the measurement. */
const sweepAll = async (
  { stage, accounts }: ReturnType<typeof plantedOf>,
  sights: ReadonlyMap<string, Sight>,
  least: number
) => {
  const counts: Record<string, number> = {}
  const begun = performance.now()
  const rounds = await Effect.runPromise(
    round(accounts, {
      by: "discovery:bench",
      concurrency: 4,
      at: instant(stage.now),
      hasRead: ({ account }: Account) => sights.has(account),
      sightOf: ({ account }: Account) => sights.get(account) ?? sightOf([]),
      howFor: () => Effect.succeed({ isFull: false, isStandIn: false, budget: unlimited })
    }).pipe(Effect.provide(cloudOf(stage, counts)))
  )
  const ms = performance.now() - begun
  const next = new Map<string, Sight>()
  let seen = 0
  for (const { account, sweeps } of rounds) {
    for (const swept of sweeps) {
      if (swept._tag === "Refused") throw swept.refusal
      next.set(account.account, swept.sight)
      seen += swept.instances
    }
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { sights: next, seen, sweeping: { calls: counts, total, least, ms } satisfies Sweeping }
}

export interface Discovered {
  readonly size: Size
  readonly instances: number
  /** Of who knows nothing yet, and of another one; of who comes again; and again, with nothing changed in between. */
  readonly first: Sweeping
  readonly another: Sweeping
  readonly next: Sweeping
  readonly again: Sweeping
}

/** Fails where a sweep did not find all that was planted: few calls for half of it are no merit. */
export const discoverFleet = async (size: Size): Promise<Discovered> => {
  const planted = plantedOf(size)
  const instances = size.accounts * size.groups * size.members
  const { zones } = aGroup(size.members)
  // of each account; every group has a template of its own, and all share a subnet in each of their zones
  const things: Things = {
    groups: size.groups,
    instances: size.groups * size.members,
    subnets: zones.length,
    templates: size.groups
  }
  const [least, leastFirst] = [leastCalls(things) * size.accounts, leastFirstCalls(things) * size.accounts]
  const first = await sweepAll(planted, new Map(), leastFirst)
  const another = await sweepAll(planted, new Map(), leastFirst)
  const next = await sweepAll(planted, first.sights, least)
  const again = await sweepAll(planted, next.sights, least)
  const found = [first, another, next, again].find(({ seen }) => seen !== instances)
  if (found !== undefined) throw new Error(`${found.seen} of ${instances} instances were seen`)
  const [begin, twin] = [first.sweeping, another.sweeping]
  return { size, instances, first: begin, another: twin, next: next.sweeping, again: again.sweeping }
}
