/** The branded words that everything else is made of: who, where, which, when and how much. */
import { Schema } from "effect"

const matching = (pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern))

/** A customer of ours: lower-case letters, digits and hyphens, as in `acme`. */
export const TenantId = matching(/^[a-z0-9][a-z0-9-]{0,62}$/u).pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

/** An AWS account: twelve digits. */
export const AccountId = matching(/^\d{12}$/u).pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** An AWS region, as in `us-east-1`. */
export const Region = matching(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/u).pipe(Schema.brand("Region"))
export type Region = typeof Region.Type

/**
 * An availability zone by its ID (`use1-az1`), never by its name: `us-east-1a` is another building in each account.
 * Source: AWS, "Availability Zone IDs for your AWS resources".
 */
export const ZoneId = matching(/^[a-z0-9]+(-[a-z0-9]+)*-az\d{1,2}$/u).pipe(Schema.brand("ZoneId"))
export type ZoneId = typeof ZoneId.Type

/** An EC2 instance type, as in `m6i.large`. */
export const InstanceType = matching(/^[a-z0-9-]+\.[a-z0-9-]+$/u).pipe(Schema.brand("InstanceType"))
export type InstanceType = typeof InstanceType.Type

/** The part of an instance type before the dot: siblings of one family fail together. */
export const familyOf = (type: InstanceType): string => type.slice(0, type.indexOf("."))

export const InstanceId = matching(/^i-[0-9a-f]{8,17}$/u).pipe(Schema.brand("InstanceId"))
export type InstanceId = typeof InstanceId.Type

/** An Auto Scaling group's name: 1 to 255 characters, any of them. */
export const GroupName = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(255)).pipe(
  Schema.brand("GroupName")
)
export type GroupName = typeof GroupName.Type

/** Milliseconds since 1970-01-01T00:00:00Z. A plain number: it is compared far more often than it is shown. */
export const Instant = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.brand("Instant"))
export type Instant = typeof Instant.Type
export const instant = (ms: number): Instant => Math.max(0, Math.floor(ms)) as Instant

/** Millionths of a US dollar: sums stay exact up to nine billion dollars. */
export const MicroUsd = Schema.Int.pipe(Schema.brand("MicroUsd"))
export type MicroUsd = typeof MicroUsd.Type
export const microUsd = (usd: number): MicroUsd => Math.round(usd * 1e6) as MicroUsd

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** P(interrupted within the next hour), 0 to 1, low is good. Never converted into a `SafetyScore`. */
export const InterruptionProbability = Share.pipe(Schema.brand("InterruptionProbability"))
export type InterruptionProbability = typeof InterruptionProbability.Type

/** How safe a pool is to launch in, 0 to 1, high is good; the gate is 0.75. Never converted into a probability. */
export const SafetyScore = Share.pipe(Schema.brand("SafetyScore"))
export type SafetyScore = typeof SafetyScore.Type

/** How an instance is bought. */
export const Lifecycle = Schema.Literals(["on-demand", "spot"])
export type Lifecycle = typeof Lifecycle.Type

/** What we may do in an account. `observe` reads, `recommend` asks people, `act` executes. */
export const Mode = Schema.Literals(["observe", "recommend", "act"])
export type Mode = typeof Mode.Type

export const Environment = Schema.Literals(["PROD", "LAB"])
export type Environment = typeof Environment.Type

/** The hexadecimal SHA-256 of something's canonical JSON. */
export const Digest = matching(/^[0-9a-f]{64}$/u).pipe(Schema.brand("Digest"))
export type Digest = typeof Digest.Type
