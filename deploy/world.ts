/** The simulated cloud as the embedded default: one world in this process, kept in a file, moved on by a timer. */
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { Inners } from "../actors/_ports/cloud.ts"
import { type CloudRefusal, refusal } from "../actors/_ports/cloud-refusal.ts"
import { ec2Calls } from "../actors/_ports/ec2.ts"
import { inner as ec2 } from "../actors/_ports/ec2.sim.ts"
import { groupCalls } from "../actors/_ports/group.ts"
import { inner as groups } from "../actors/_ports/group.sim.ts"
import { healthCalls } from "../actors/_ports/health.ts"
import { inner as health } from "../actors/_ports/health.sim.ts"
import { pricesCalls } from "../actors/_ports/prices.ts"
import { inner as prices } from "../actors/_ports/prices.sim.ts"
import { stsCalls } from "../actors/_ports/sts.ts"
import { inner as sts } from "../actors/_ports/sts.sim.ts"
import type { Behaviours } from "../actors/_ports/world/faults.ts"
import type { Wire } from "../actors/_ports/world/inner.ts"
import { openLog } from "../actors/_ports/world/log.live.ts"
import { type Fleet, type FleetAccount } from "../actors/_ports/world/plant.ts"
import { demoFleet } from "../actors/_ports/world/scenario.ts"
import { serve } from "../actors/_ports/world/serve.live.ts"
import { World, type WorldOptions } from "../actors/_ports/world/world.ts"
import { prng } from "../schemas/chance.ts"
import { cannot, type CannotStart } from "./cannot-start.ts"
import { reason } from "./command.ts"
import { loadMarket } from "../actors/_ports/market.live.ts"

export interface Cloud {
  readonly world: World
  readonly inners: Inners
  readonly accounts: ReadonlyArray<FleetAccount>
  /** Whether the world was there from an earlier run. */
  readonly isResumed: boolean
}

/** What `--chaos` switches on in the cloud: nothing of it is rarer than in life, most of it is much more frequent. */
const chaotic: Partial<Behaviours> = {
  throttleRate: 0.01,
  noCapacityRate: 0.03,
  contentionRate: 0.02,
  internalErrorRate: 0.01,
  sickRate: 0.02,
  unhealthyTargetRate: 0.01,
  deadAtBootRate: 0.01,
  reclaimsPerHour: 0.05,
  unwarnedRate: 0.2
}
/** Share of calls whose request or answer is lost on the way, under `--chaos`. */
const lostShare = 0.02

/** A call takes some milliseconds; under chaos some are lost before they arrive, some after they were carried out. */
const wireOf = (random: () => number, isChaotic: boolean): Wire => ({
  call: (far, label) =>
    Effect.gen(function* () {
      const lost = isChaotic && random() < lostShare
      const before = lost && random() < 0.5
      const noAnswer = (): CloudRefusal => refusal(label, "CloudOptim.NoAnswer", "the connection broke")
      yield* Effect.sleep(1 + random() * 4)
      if (before) return yield* noAnswer()
      const answer = far()
      yield* Effect.sleep(1 + random() * 4)
      return lost ? yield* noAnswer() : answer
    })
})

/** How often the world is asked whether something has fallen due, in milliseconds. */
const beatMs = 25

export interface WorldTerms {
  readonly folder: string
  readonly seed: number
  readonly speed: number
  readonly isChaotic: boolean
}

/** A line in the middle that is not ours cannot be passed over: what came after it would stand on nothing. */
const restored = (file: string, lines: ReadonlyArray<string>, options: WorldOptions) =>
  Effect.try({
    try: () => World.restore(lines, options),
    catch: (cause) =>
      cannot(`${file} cannot be gone on from, ${reason(cause)}: move the data folder away, or name another by --data.`)
  })

/** Opens the world of a folder, planted with the demonstration's fleet where it is new; closes it with the scope. */
export const openWorld = ({
  folder,
  seed,
  speed,
  isChaotic
}: WorldTerms): Effect.Effect<Cloud, CannotStart, Scope.Scope> =>
  Effect.gen(function* () {
    const market = loadMarket()
    const fleet: Fleet = demoFleet(market, seed)
    const random = prng(seed)
    const log = yield* Effect.acquireRelease(
      Effect.sync(() => openLog(join(folder, "world.ndjson"))),
      (file) => Effect.sync(file.close)
    )
    const options = { now: Date.now, random, speed, market, behaviours: isChaotic ? chaotic : {}, keep: log.append }
    const isResumed = log.lines.length > 0
    const world = isResumed ? yield* restored(join(folder, "world.ndjson"), log.lines, options) : new World(options)
    if (isResumed) log.rewrite([world.snapshot()])
    else world.plant(fleet)
    yield* Effect.acquireRelease(
      Effect.sync(() => setInterval(() => world.advance(), beatMs)),
      (timer) => Effect.sync(() => clearInterval(timer))
    )
    const wire = wireOf(random, isChaotic)
    const inners: Inners = {
      ec2: ec2(world, wire),
      groups: groups(world, wire),
      health: health(world, wire),
      sts: sts(world, wire),
      prices: prices(world, wire)
    }
    return { world, inners, accounts: fleet.accounts, isResumed }
  })

/** Opens the world's door for actors in other processes. */
export const serveWorld = (socketPath: string, { inners }: Cloud) =>
  serve(socketPath, [
    { name: "ec2", calls: ec2Calls, inner: inners.ec2 },
    { name: "group", calls: groupCalls, inner: inners.groups },
    { name: "health", calls: healthCalls, inner: inners.health },
    { name: "sts", calls: stsCalls, inner: inners.sts },
    { name: "prices", calls: pricesCalls, inner: inners.prices }
  ])
