/** How the simulated cloud misbehaves: every habit has a switch or a rate, drawn from the host's chance. */
import type { Ground } from "./ground.ts"
import { refuse } from "./refused.ts"

/**
 * Rates are probabilities 0..1 per occasion; durations are the cloud's, in milliseconds, divided by the world's speed.
 */
export interface Behaviours {
  /** Buckets per account and region, as EC2 has them (trap 70). */
  throttling: boolean
  /** A call is refused as throttled although we were slow: the customer's own tools emptied the bucket (trap 18). */
  throttleRate: number
  /** A Spot launch finds the pool empty. */
  noCapacityRate: number
  /** A change of a group meets another one in progress (trap 12). */
  contentionRate: number
  /** A call fails inside of AWS, before it did anything. */
  internalErrorRate: number
  /** A new instance never passes its status checks. */
  sickRate: number
  /** A new target never becomes healthy (trap 14). */
  unhealthyTargetRate: number
  /** A new Spot instance is dead before it boots. */
  deadAtBootRate: number
  /** Takes per Spot instance and hour of the cloud's time; 0 = never by itself. */
  reclaimsPerHour: number
  /** Of the takes, those that come without the two minutes' notice (trap 30). */
  unwarnedRate: number
  bootMs: Range
  /** From running to both status checks passed. */
  statusMs: Range
  launchHookMs: Range
  terminateHookMs: Range
  /** A target from `initial` to `healthy`. */
  targetMs: Range
  drainingMs: Range
  /** From launching until reads know the instance (trap 17). */
  lagMs: Range
  shutdownMs: Range
  /** How long a terminated instance stays visible (trap 29). */
  terminatedVisibleMs: number
  /** The period of a group's own care for its members. */
  reconcileMs: number
  /** How long zones are uneven before AZRebalance acts (trap 4). */
  rebalanceAfterMs: number
  /** Sessions do not end: a late write is let through and recorded. For tests of what the fence is worth. */
  fenceOff: boolean
}
export type Range = readonly [from: number, to: number]

export const calm: Behaviours = {
  throttling: true,
  throttleRate: 0,
  noCapacityRate: 0,
  contentionRate: 0,
  internalErrorRate: 0,
  sickRate: 0,
  unhealthyTargetRate: 0,
  deadAtBootRate: 0,
  reclaimsPerHour: 0,
  unwarnedRate: 0,
  bootMs: [20_000, 40_000],
  statusMs: [60_000, 120_000],
  launchHookMs: [0, 60_000],
  terminateHookMs: [0, 60_000],
  targetMs: [15_000, 30_000],
  drainingMs: [30_000, 60_000],
  lagMs: [0, 30_000],
  shutdownMs: [10_000, 30_000],
  terminatedVisibleMs: 3_600_000,
  reconcileMs: 30_000,
  rebalanceAfterMs: 60_000,
  fenceOff: false
}

/** What may go wrong with any call, before it does anything. */
export const mayFail = (w: Ground, api: string, isWrite: boolean): void => {
  const { behaviours: b } = w
  if (w.chance(b.throttleRate)) {
    refuse(api === "ec2" || api === "prices" ? "RequestLimitExceeded" : "Throttling", "Rate exceeded")
  }
  if (w.chance(b.internalErrorRate)) {
    refuse(api === "ec2" || api === "prices" ? "InternalError" : "InternalFailure", "An internal error has occurred")
  }
  if (isWrite && api === "group" && w.chance(b.contentionRate)) {
    if (w.chance(0.5)) refuse("ResourceContention", "You already have a pending update to an Auto Scaling resource")
    refuse("ScalingActivityInProgress", "The operation can't be performed: a scaling activity is in progress")
  }
}
