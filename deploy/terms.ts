/** How fast everything goes: the product's own figures, and what `--speed` makes of the simulated cloud's. */
import { randomUUID } from "node:crypto"
import type { DiscoveryTerms } from "../actors/discovery/actor.ts"
import type { ExecutorTerms } from "../actors/executor/actor.ts"
import type { PriceTerms } from "../actors/price-watcher/actor.ts"
import { productTerms } from "../bus/lease.ts"
import { Policy } from "../schemas/policy.ts"
import { productFloors } from "../schemas/safe-plan.ts"

export interface Terms {
  readonly speed: number
  readonly executor: Omit<ExecutorTerms, "holder">
  readonly discovery: Omit<DiscoveryTerms, "by">
  readonly prices: PriceTerms
  readonly optimizerWakeMs: number
  readonly deskWakeMs: number
  readonly ledgerRestMs: number
}

/** Real clouds take real time: a minute between sweeps, fifteen seconds between two looks at something awaited. */
const real = { sweepMs: 60_000, pollMaxMs: 15_000, wakeMs: 10_000 }
/** Faster than this nothing is asked again, however fast the cloud is. */
const atLeast = (ms: number, floor: number) => Math.max(floor, Math.round(ms))

/** Leases and staleness stay in real time; the demonstration's leases are short: a killed holder is missed soon. */
export const termsFor = (speed: number, isDemonstration: boolean, isStandIn: boolean): Terms => ({
  speed,
  executor: {
    lease: isDemonstration ? { leaseMs: 6_000, callTimeoutMs: 3_000, skewMs: 500 } : productTerms,
    poll: { firstMs: 100, maxMs: atLeast(real.pollMaxMs / speed, 300) },
    speed: isDemonstration ? speed : 1,
    lanes: 64,
    ackWaitMs: isDemonstration ? 6_000 : 30_000
  },
  discovery: {
    everyMs: atLeast(real.sweepMs / speed, 1_000),
    fullEveryMs: 3_600_000,
    speed,
    isStandIn
  },
  prices: { everyMs: 300_000, lookMs: 500 },
  optimizerWakeMs: atLeast(real.wakeMs / speed, 1_000),
  deskWakeMs: atLeast(real.wakeMs / speed, 250),
  ledgerRestMs: 200
})

/** The policy that a demonstration's accounts start with: the product's numbers, its windows as fast as its cloud. */
export const demonstrationPolicy = (speed: number): Policy =>
  new Policy({
    version: 1,
    approval: { _tag: "auto" },
    floors: productFloors,
    presets: ["small-group"],
    swapsPerWindow: 10,
    windowMs: Math.max(1, Math.round(600_000 / speed)),
    inFlightShare: 0.1,
    bakeMs: Math.round(300_000 / speed),
    excludedGroups: []
  })

/** A holder's name is never used twice. */
export const incarnation = (actor: string): string => `${actor}:${randomUUID().slice(0, 8)}`
