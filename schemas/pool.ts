/** A Spot pool is where capacity is bought, priced and lost: one instance type of one product in one zone. */
import { Schema } from "effect"
import {
  AccountId,
  Environment,
  Instant,
  InstanceType,
  MicroUsd,
  Region,
  SafetyScore,
  TenantId,
  ZoneId
} from "./ids.ts"
import { key } from "./key.ts"
import { command, event, tick } from "./message.ts"

/** The operating system as AWS prices it: the `ProductDescription` of DescribeSpotPriceHistory, in one word. */
export const Product = Schema.Literals(["linux", "windows", "rhel", "suse"])
export type Product = typeof Product.Type

export class Pool extends Schema.Class<Pool>("Pool")({
  region: Region,
  zone: ZoneId,
  instanceType: InstanceType,
  product: Product
}) {}

type PoolParts = Pick<Pool, "zone" | "instanceType" | "product">

/** `use1-az1_c5_large_linux`: a zone ID names its region, so the region needs no place in the token. */
export const poolToken = (pool: PoolParts): string => `${key(pool.zone)}_${key(pool.instanceType)}_${key(pool.product)}`

export const Architecture = Schema.Literals(["x86_64", "arm64"])
export type Architecture = typeof Architecture.Type

/** What an image must find in a machine to boot on it. Source: EC2 DescribeInstanceTypes. */
export class TypeSpec extends Schema.Class<TypeSpec>("TypeSpec")({
  instanceType: InstanceType,
  architecture: Architecture,
  vcpu: Schema.Int.check(Schema.isGreaterThan(0)),
  memoryMib: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Nitro or Xen: decides how disks are named and which drivers an image needs. */
  hypervisor: Schema.Literals(["nitro", "xen"]),
  enaRequired: Schema.Boolean,
  nvmeRequired: Schema.Boolean,
  bootModes: Schema.Array(Schema.Literals(["legacy-bios", "uefi"])),
  bareMetal: Schema.Boolean,
  /** Local disks that a swap would lose, in GB; 0 where there are none. */
  instanceStoreGb: Schema.Int
}) {}

/** AWS's own bands of the share of instances interrupted in the trailing month: 0 is < 5 %, 4 is > 20 %. */
export const AdvisorBand = Schema.Literals([0, 1, 2, 3, 4])

/** What is known of a pool's market, whole, whenever it changes. */
export class PoolPriced extends Schema.TaggedClass<PoolPriced>()("PoolPriced", {
  pool: Pool,
  spec: TypeSpec,
  /** Per instance-hour. */
  spotPerHour: MicroUsd,
  onDemandPerHour: MicroUsd,
  band: Schema.NullOr(AdvisorBand),
  savingsPercent: Schema.NullOr(Schema.Finite),
  /** Percentile, 0..1, of the price changes of seven days among the pools of the region; fewer than two changes = 0. */
  volatility: Schema.Finite,
  /** How many zones of the region offer the type; how many sizes its family has. */
  zonesOffering: Schema.Int,
  familyBreadth: Schema.Int,
  /** When we read it (never the vendor's own timestamp, which may be that of the last change). */
  readAt: Instant,
  /** Where the on-demand price and the band come from, and of which day, as `bundled 2025-06-28`. */
  origin: Schema.String
}) {}
export const poolPriced = event("price-watcher", PoolPriced, { account: () => "all", key: (e) => poolToken(e.pool) })

/**
 * A region's market was read whole: everything of it has been said. Who plans on less plans on whatever came first.
 * `types` are those whose possible replacements were read, `pools` how many pools were priced.
 */
export class MarketRead extends Schema.TaggedClass<MarketRead>()("MarketRead", {
  region: Region,
  product: Product,
  types: Schema.Array(InstanceType),
  pools: Schema.Int,
  readAt: Instant
}) {}
export const marketRead = tick("price-watcher", MarketRead, {
  account: () => "all",
  key: (e) => [e.region, e.product]
})

/** A line of a catalogue, price list or advisor feed that cannot be read: named, left out, the others go on. */
export class MarketRowRefused extends Schema.TaggedClass<MarketRowRefused>()("MarketRowRefused", {
  region: Region,
  source: Schema.String,
  line: Schema.Int,
  reason: Schema.String,
  at: Instant
}) {}
export const marketRowRefused = event("price-watcher", MarketRowRefused, {
  account: () => "all",
  key: (e) => ["row", e.source, String(e.line)]
})

/** Whose word it is that an instance was taken. Only `reclaimed` is evidence about a pool. */
export const Provenance = Schema.Literals(["reclaimed", "fault-injection", "own-bid", "user", "unknown"])

/** A Spot instance of ours or a customer's own was taken by AWS. */
export class SpotInterrupted extends Schema.TaggedClass<SpotInterrupted>()("SpotInterrupted", {
  tenant: TenantId,
  account: AccountId,
  environment: Environment,
  pool: Pool,
  instance: Schema.String,
  at: Instant,
  provenance: Provenance,
  /** False where it was noticed only afterwards, by its absence. */
  warned: Schema.Boolean
}) {}
export const spotInterrupted = event("discovery", SpotInterrupted, { key: (e) => ["interrupted", e.instance] })

export const Gate = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("open") }),
  Schema.Struct({ _tag: Schema.Literal("poisoned"), until: Instant })
])
export const Herd = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("NORMAL") }),
  Schema.Struct({ _tag: Schema.Literal("UNCERTAIN"), until: Instant }),
  Schema.Struct({ _tag: Schema.Literal("RISKY"), until: Instant })
])

/** One piece of evidence: who lost an instance in the pool, and when. */
export const Hit = Schema.Struct({
  witness: Schema.String,
  instance: Schema.String,
  at: Instant,
  /** LOG sequence of the message that told it first; absent in old rows, which count as told before any clearing. */
  seq: Schema.optionalKey(Schema.Int)
})

/** A person's word about a pool. `seq` is its order's LOG sequence: the newest holds, whichever is heard last. */
const word = { because: Schema.String, by: Schema.String, seq: Schema.Int, at: Instant }
/** A person keeps the pool shut. It ends by itself; what has ended stays here as the newest word that was heard. */
export const Hold = Schema.Struct({ until: Instant, ...word })
/** A person opened the pool: what was lost and told before counts no more, for the gate. */
export const Clearing = Schema.Struct(word)

/** The four terms of the score, each 0 (good) to 1 (bad), and the weights in force, in percent. */
export const RiskTerms = Schema.Struct({
  advisor: Schema.Finite,
  volatility: Schema.Finite,
  structure: Schema.Finite,
  own: Schema.Finite,
  herd: Schema.Finite,
  weights: Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite, Schema.Finite])
})

/** All that is known of a pool's risk: the state that each fact of the risk manager carries. */
export class PoolRisk extends Schema.Class<PoolRisk>("PoolRisk")({
  pool: Pool,
  priced: Schema.NullOr(PoolPriced),
  /** Shut until the later end of evidence and of a person's hold: whoever reads it need not know of either. */
  gate: Gate,
  held: Schema.optionalKey(Hold),
  cleared: Schema.optionalKey(Clearing),
  herd: Herd,
  hits: Schema.Array(Hit),
  interruptionCount: Schema.Int,
  score: Schema.NullOr(SafetyScore),
  terms: Schema.NullOr(RiskTerms),
  scoredAt: Instant
}) {}

const about = { account: () => "all", key: (e: { readonly pool: Pool }) => poolToken(e.pool) }

/** The score moved, with what it is made of. */
export class PoolScored extends Schema.TaggedClass<PoolScored>()("PoolScored", {
  pool: Pool,
  score: SafetyScore,
  terms: RiskTerms,
  priced: PoolPriced,
  at: Instant
}) {}
export const poolScored = event("risk-manager", PoolScored, about)

/**
 * Quarantine: no tenant launches there until then. In the past where a person had opened the pool before the hit, told
 * earlier, was heard.
 */
export class PoolPoisoned extends Schema.TaggedClass<PoolPoisoned>()("PoolPoisoned", {
  pool: Pool,
  until: Instant,
  hit: Hit
}) {}
export const poolPoisoned = event("risk-manager", PoolPoisoned, about)

/** Several witnesses within a day. */
export class PoolHerdMoved extends Schema.TaggedClass<PoolHerdMoved>()("PoolHerdMoved", {
  pool: Pool,
  herd: Herd,
  witnesses: Schema.Array(Schema.String),
  at: Instant
}) {}
export const poolHerdMoved = event("risk-manager", PoolHerdMoved, about)

/** So far ahead a person may shut a pool at most: what is meant for longer is said again. */
export const holdMsMax = 90 * 86_400_000

const wish = { tenant: TenantId, pool: Pool, because: Schema.String, by: Schema.String }

/** A person shuts a pool to every tenant; `tenant` is the person's own, who may ask what became of it. */
export class QuarantinePool extends Schema.TaggedClass<QuarantinePool>()("QuarantinePool", {
  ...wish,
  until: Instant
}) {}
export const quarantinePool = command("risk-manager", QuarantinePool, about)

/** A person opens a pool again: ends a person's hold, and the poison of what was told before. The herd stays. */
export class ClearPool extends Schema.TaggedClass<ClearPool>()("ClearPool", wish) {}
export const clearPool = command("risk-manager", ClearPool, about)

/** A person's quarantine holds, beside what evidence says. */
export class PoolHeld extends Schema.TaggedClass<PoolHeld>()("PoolHeld", { pool: Pool, ...Hold.fields }) {}
export const poolHeld = event("risk-manager", PoolHeld, about)

export class PoolCleared extends Schema.TaggedClass<PoolCleared>()("PoolCleared", { pool: Pool, ...Clearing.fields }) {}
export const poolCleared = event("risk-manager", PoolCleared, about)

/**
 * May anything be launched there at that instant? A quarantine ends by itself, without a fact that says so. The gate is
 * that of evidence and of people together.
 */
export const isOpenAt = (risk: Pick<PoolRisk, "gate">, at: number): boolean =>
  risk.gate._tag === "open" || risk.gate.until <= at

/**
 * Age in milliseconds of what the score rests on: the older of the scoring and of the reading of the prices. Null where
 * there is no score, or where evidence is newer than it: such a score is as good as none.
 */
export const scoreAgeMs = (risk: PoolRisk, at: number): number | null => {
  if (risk.score === null || risk.priced === null) return null
  if (risk.hits.some((hit) => hit.at > risk.scoredAt)) return null
  return Math.max(0, at - Math.min(risk.scoredAt, risk.priced.readAt))
}
/** The product's number: a score over an hour old is none. */
export const scoreAgeMsMax = 3_600_000

/** The score if it may be relied on at that instant, else null. */
export const scoreAt = (risk: PoolRisk, at: number): SafetyScore | null => {
  const age = scoreAgeMs(risk, at)
  return age === null || age > scoreAgeMsMax ? null : risk.score
}
