/** What a seed draws for its whole life: how fast the cloud is, how badly everything fails, who approves. */
import { type Behaviours, calm as calmWorld } from "../../actors/_ports/world/faults.ts"
import { type Faults, calm, rough } from "../../bus/memory-faults.sim.ts"
import type { Replicas } from "../../bus/memory-server.sim.ts"
import { productTerms } from "../../bus/lease.ts"
import type { Terms } from "../../deploy/terms.ts"
import { prng } from "./engine.ts"

/** What becomes of the house in this life: it is hurt and heals, or its bus forgets everything once. */
export type Kind = "storm" | "wiped"

export interface Draw {
  readonly seed: number
  readonly kind: Kind
  readonly speed: number
  readonly replicas: Replicas
  readonly faults: Faults
  readonly busLoss: number
  readonly cloudLoss: number
  readonly behaviours: Partial<Behaviours>
  /** Mean milliseconds between two kills or pauses, two deeds of an owner, two words of a person. */
  readonly meanMs: { readonly harm: number; readonly owner: number; readonly person: number }
  /** Probability of a kill, and of a pause, at any journal entry; of a fault at any call of a saga. */
  readonly atEntry: number
  readonly atCall: number
  /** The runaway brake: a tight one where the cloud is fast enough to come to rest under it. */
  readonly swapsPerWindow: number
  readonly approval: "auto" | "manual"
  /** Operations after which a fiber lets others run. */
  readonly yieldAfter: number
}

const scaled = (by: number): Faults => ({
  ...rough,
  duplicate: rough.duplicate * by,
  reorder: rough.reorder * by,
  delay: rough.delay * by,
  lostAck: rough.lostAck * by,
  lostRequest: rough.lostRequest * by,
  lostReply: rough.lostReply * by,
  inFlight: rough.inFlight * by,
  conflict: rough.conflict * by,
  leaderLossPerHour: rough.leaderLossPerHour * by
})

/** Every fifteenth seed loses its log. */
const wipedEvery = 15

export const drawOf = (seed: number): Draw => {
  const random = prng(seed ^ 0x5eed)
  const some = (a: number, b: number) => a + random() * (b - a)
  // in a slow cloud a loss stays open and a launch invisible for longer than a call may take
  const speed = random() < 0.25 ? some(1, 3) : Math.round(some(6, 30))
  const often = random() < 0.25 ? 0.2 : some(0.5, 2)
  return {
    seed,
    kind: seed % wipedEvery === wipedEvery - 1 ? "wiped" : "storm",
    speed,
    replicas: random() < 0.5 ? "R1" : "R3",
    faults: scaled(often),
    busLoss: random() < 0.5 ? 0 : some(0, 0.01),
    cloudLoss: some(0, 0.02),
    behaviours: {
      ...calmWorld,
      throttleRate: some(0, 0.02),
      noCapacityRate: some(0, 0.05),
      contentionRate: some(0, 0.04),
      internalErrorRate: some(0, 0.02),
      sickRate: some(0, 0.05),
      unhealthyTargetRate: some(0, 0.03),
      deadAtBootRate: some(0, 0.03),
      reclaimsPerHour: some(0, 0.05),
      unwarnedRate: 0.3
    },
    meanMs: { harm: some(30_000, 240_000), owner: some(120_000, 900_000), person: some(180_000, 900_000) },
    atEntry: some(0, 0.02),
    atCall: some(0, 0.02),
    swapsPerWindow: speed >= 6 && random() < 0.5 ? 2 : 10,
    approval: random() < 0.65 ? "auto" : "manual",
    yieldAfter: [8, 64, 256][Math.floor(random() * 3)] ?? 64
  }
}

/** Everything as it should be: what the liveness part of a life goes on under. */
export const healed = { faults: calm, behaviours: { ...calmWorld } }

/** Leases and staleness as in production; the cloud is `speed` times faster, and so is what waits for it. */
export const termsOf = ({ speed }: Draw): Terms => ({
  speed,
  executor: { lease: productTerms, poll: { firstMs: 500, maxMs: 5_000 }, lanes: 64, ackWaitMs: 30_000 },
  discovery: { everyMs: 60_000, fullEveryMs: 3_600_000, speed, isStandIn: false },
  prices: { everyMs: 600_000, lookMs: 10_000 },
  optimizerWakeMs: 15_000,
  deskWakeMs: 5_000,
  ledgerRestMs: 15_000
})
