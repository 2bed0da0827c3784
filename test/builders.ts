/** Things of the house, valid by default: a test names only what it is about. */
import { Account } from "../schemas/account.ts"
import { Desk, OpenPlan } from "../schemas/approval.ts"
import { type Bucket, accounts, desks, groups, pools } from "../schemas/catalogue.ts"
import type { Book, BookRow, Heard } from "../schemas/decision.ts"
import { GroupRef, GroupSeen, groupToken, Member, SweepDone, sweepDone } from "../schemas/group.ts"
import {
  AccountId,
  Digest,
  GroupName,
  InstanceId,
  type Instant,
  InstanceType,
  instant,
  microUsd,
  Region,
  SafetyScore,
  TenantId,
  ZoneId
} from "../schemas/ids.ts"
import { key } from "../schemas/key.ts"
import type { Road } from "../schemas/message.ts"
import { Policy } from "../schemas/policy.ts"
import {
  MarketRead,
  marketRead,
  Pool,
  PoolPriced,
  PoolRisk,
  poolToken,
  SpotInterrupted,
  TypeSpec
} from "../schemas/pool.ts"
import { Move, productFloors } from "../schemas/safe-plan.ts"

type Over<A> = Partial<{ readonly [K in keyof A]: A[K] }>

/** The instant at which tests happen: 2026-01-15T00:00:00Z. */
export const noon: Instant = instant(1_768_435_200_000)
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const later = (at: Instant, ms: number): Instant => instant(at + ms)

export const tenant = TenantId.make("acme")
export const account = AccountId.make("111122223333")
export const region = Region.make("us-east-1")
export const zone = (n: number): ZoneId => ZoneId.make(`use1-az${n}`)
export const type = (name: string): InstanceType => InstanceType.make(name)
export const instanceId = (n: number): InstanceId => InstanceId.make(`i-${n.toString(16).padStart(17, "0")}`)
export const score = (n: number): SafetyScore => SafetyScore.make(n)
export const digest = (digit: string): Digest => Digest.make(digit.repeat(64).slice(0, 64))

export const aPool = (over: Over<Pool> = {}): Pool =>
  new Pool({ region, zone: zone(1), instanceType: type("m6i.large"), product: "linux", ...over })

export const aSpec = (over: Over<TypeSpec> = {}): TypeSpec =>
  new TypeSpec({
    instanceType: type("m6i.large"),
    architecture: "x86_64",
    vcpu: 2,
    memoryMib: 8192,
    hypervisor: "nitro",
    enaRequired: true,
    nvmeRequired: true,
    bootModes: ["legacy-bios", "uefi"],
    bareMetal: false,
    instanceStoreGb: 0,
    ...over
  })

/** Of an m6i.large in the first zone, read at noon: $0.096 on demand, $0.035 as Spot. */
export const aPriced = (over: Over<PoolPriced> = {}): PoolPriced => {
  const pool = over.pool ?? aPool(over.spec === undefined ? {} : { instanceType: over.spec.instanceType })
  return new PoolPriced({
    pool,
    spec: aSpec({ instanceType: pool.instanceType }),
    spotPerHour: microUsd(0.035),
    onDemandPerHour: microUsd(0.096),
    band: 0,
    savingsPercent: 64,
    volatility: 0,
    zonesOffering: 5,
    familyBreadth: 8,
    readAt: noon,
    origin: "bundled 2025-06-28",
    ...over
  })
}

/** Open, calm, scored 0.95 at noon. */
export const aPoolRisk = (over: Over<PoolRisk> = {}): PoolRisk => {
  const priced = over.priced === undefined ? aPriced(over.pool === undefined ? {} : { pool: over.pool }) : over.priced
  return new PoolRisk({
    pool: priced?.pool ?? aPool(),
    priced,
    gate: { _tag: "open" },
    herd: { _tag: "NORMAL" },
    hits: [],
    interruptionCount: 0,
    score: score(0.95),
    terms: null,
    scoredAt: noon,
    ...over
  })
}

export const anInterruption = (over: Over<SpotInterrupted> = {}): SpotInterrupted =>
  new SpotInterrupted({
    tenant,
    account,
    environment: "PROD",
    pool: aPool(),
    instance: instanceId(1),
    at: noon,
    provenance: "reclaimed",
    warned: true,
    ...over
  })

export const aMember = (n: number, over: Over<Member> = {}): Member =>
  new Member({
    instance: instanceId(n),
    instanceType: type("m5.large"),
    zone: zone((n % 3) + 1),
    lifecycle: "on-demand",
    state: "InService",
    healthy: true,
    protectedFromScaleIn: false,
    weight: 1,
    saga: null,
    ...over
  })

/** Twelve on-demand m5.large in three zones, read at noon. */
export const aGroup = (over: Over<GroupSeen> = {}): GroupSeen => {
  const members = over.members ?? Array.from({ length: 12 }, (_, n) => aMember(n))
  return new GroupSeen({
    tenant,
    account,
    region,
    group: GroupName.make("web"),
    environment: "PROD",
    mode: "act",
    owner: "asg",
    product: "linux",
    minSize: 1,
    desired: members.length,
    maxSize: members.length + 2,
    subnets: [1, 2, 3, 4, 5, 6].map((n) => ({ subnet: `subnet-${n}`, zone: zone(n) })),
    template: {
      id: "lt-1",
      version: 3,
      imageId: "ami-1",
      instanceType: type("m5.large"),
      architecture: "x86_64",
      asksForSpot: false
    },
    mixed: null,
    suspended: [],
    obstacles: [],
    launchHooks: 0,
    terminateHooks: 0,
    targetGroups: [],
    alarms: [],
    members,
    readAt: noon,
    ...over
  })
}

export const aRef = (over: Over<GroupRef> = {}): GroupRef =>
  new GroupRef({ tenant, account, region, group: GroupName.make("web"), ...over })

export const anAccount = (over: Over<Account> = {}): Account =>
  new Account({
    tenant,
    account,
    name: "production",
    regions: [region],
    environment: "PROD",
    mode: "act",
    roleArn: null,
    externalId: null,
    status: "connected",
    reason: null,
    since: noon,
    ...over
  })

export const aPolicy = (over: Over<Policy> = {}): Policy =>
  new Policy({
    version: 1,
    approval: { _tag: "manual" },
    floors: productFloors,
    presets: [],
    swapsPerWindow: 10,
    windowMs: 10 * minute,
    inFlightShare: 0.1,
    bakeMs: minute,
    excludedGroups: [],
    ...over
  })

/** From an m5.large on demand to Spot. */
export const aMove = (over: Over<Move> = {}): Move =>
  new Move({
    swap: "s1",
    old: instanceId(1),
    oldType: type("m5.large"),
    oldVcpu: 2,
    pool: aPool(),
    newVcpu: 2,
    score: score(0.95),
    onDemandPerHour: microUsd(0.096),
    spotPerHour: microUsd(0.035),
    ...over
  })

export const anOpenPlan = (over: Over<OpenPlan> = {}): OpenPlan =>
  new OpenPlan({
    ref: aRef(),
    hash: digest("a"),
    status: "open",
    moves: 1,
    monthlySavings: microUsd(10),
    approvedBy: null,
    expiresAt: later(noon, day),
    inFlight: [],
    released: [],
    canaryPassed: false,
    done: 0,
    undone: 0,
    refusedPools: [],
    ...over
  })

export const aDesk = (over: Over<Desk> = {}): Desk =>
  new Desk({ tenant, account, policy: aPolicy(), stop: "run", plans: [], releasedAt: [], closedAt: {}, ...over })

export const aSweep = (over: Over<SweepDone> = {}): SweepDone =>
  new SweepDone({
    tenant,
    account,
    region,
    startedAt: noon,
    endedAt: later(noon, 5_000),
    groups: 1,
    instances: 12,
    calls: 3,
    ...over
  })

export interface Shelf {
  readonly groups?: ReadonlyArray<GroupSeen>
  readonly pools?: ReadonlyArray<PoolRisk>
  readonly accounts?: ReadonlyArray<Account>
  readonly desks?: ReadonlyArray<Desk>
  readonly sweeps?: ReadonlyArray<SweepDone>
  /** Default: every region of the groups was read whole, with every type that runs in them. */
  readonly markets?: ReadonlyArray<MarketRead>
  /** LOG sequence of the groups' rows; every other row has 1. */
  readonly groupSeq?: number
}

const isOf = (road: Road, value: unknown) => (value as { readonly _tag?: string })._tag === road.tag
const row = <A>(value: A, seq: number): BookRow<A> => ({
  seq,
  at: noon,
  value,
  fact: <F>(road: Road<F>) => (isOf(road, value) ? (value as unknown as F) : undefined)
})

const marketsOf = ({ groups: seen = [], pools: priced = [] }: Shelf): ReadonlyArray<MarketRead> =>
  seen.map(({ region: where, product, members }) => {
    const count = priced.filter(({ pool }) => pool.region === where && pool.product === product).length
    const types = [...new Set(members.map((member) => member.instanceType))]
    return new MarketRead({ region: where, product, types, pools: count, readAt: noon })
  })

/** A book that holds just these rows; by default a connected account and a desk with the product's policy. */
export const aBook = (shelf: Shelf = {}): Book => {
  const rows = new Map<string, ReadonlyArray<readonly [string, BookRow<unknown>]>>([
    [groups.name, (shelf.groups ?? []).map((one) => [groupToken(one), row(one, shelf.groupSeq ?? 1)] as const)],
    [pools.name, (shelf.pools ?? []).map((one) => [poolToken(one.pool), row(one, 1)] as const)],
    [accounts.name, (shelf.accounts ?? [anAccount()]).map((one) => [key(one.account), row(one, 1)] as const)],
    [desks.name, (shelf.desks ?? [aDesk()]).map((one) => [key(one.account), row(one, 1)] as const)]
  ])
  const all = <A>(bucket: Bucket<A>) =>
    (rows.get(bucket.name) ?? []) as unknown as ReadonlyArray<readonly [string, BookRow<A>]>
  const said = [
    ...(shelf.sweeps ?? []).map((one) => [`${sweepDone.tag} ${sweepDone.about(one)}`, row<unknown>(one, 1)] as const),
    ...(shelf.markets ?? marketsOf(shelf)).map(
      (one) => [`${marketRead.tag} ${marketRead.about(one)}`, row(one, 1)] as const
    )
  ]
  const remarks = new Map<string, BookRow<unknown>>(said)
  return {
    all,
    get: (bucket, about) => all(bucket).find(([name]) => name === about)?.[1],
    remark: <A>(road: Road<A>, about: string) => remarks.get(`${road.tag} ${about}`) as BookRow<A> | undefined
  }
}

/** At noon, as message 2 of the log. */
export const heard = (over: Partial<Heard> = {}): Heard => ({ at: noon, seq: 2, book: aBook(), ...over })
