/** Follows a run: starts the actors, asks for the accounts, tells how it goes, and knows when nothing is left to do. */
import { Clock, Effect, type Scope } from "effect"
import { summary } from "../actors/ledger/summary.ts"
import type { Seal, Proof } from "../actors/_ports/seal.ts"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import { openBook } from "../bus/book.ts"
import { Bus } from "../bus/bus.ts"
import type { Plan } from "./accounts.ts"
import { begin } from "./begin.ts"
import { chaos } from "./chaos.ts"
import { type House, openWarehouse } from "./embedded.ts"
import type { Door } from "./http-port.ts"
import { actorsOf } from "./house.ts"
import { isStandIn, type Options } from "./options.ts"
import { figuresOf } from "./report.ts"
import { treeRssMb } from "./rss.ts"
import type { Screen } from "./screen.ts"
import { consulted, isSettled, onDemandIn, remarked, type Standing, standingOf } from "./standing.ts"
import { keepAlive, keepProcesses, type Kept } from "./supervise.ts"
import { processesOf } from "./processes.ts"
import { Tally } from "./tally.ts"
import { termsFor } from "./terms.ts"

/** Nothing has been decided or done for so long before a run counts as idle, in milliseconds. */
const quietMs = 2_000
const lookMs = 250
/** Every so many looks: what a person sees, and the memory in use. */
const tellEvery = 4

/** How far a run has come, on one line. */
export const lineOf = (
  seconds: number,
  { accounts, groups, instances, inFlight, openPlans }: Standing,
  tally: Tally
) => {
  const spot = groups.reduce((sum, group) => sum + group.spot, 0)
  const done = groups.filter(isSettled).length
  const saved = tally.monthlySavingsUsd.toFixed(0)
  return (
    `${seconds.toFixed(0).padStart(4)} s  ${spot} of ${instances} instances on Spot, ` +
    `saves $${saved} a month (gross)  swaps: ${inFlight} under way, ${tally.ends.done} done, ` +
    `${tally.ends.undone} turned back  ` +
    `${done} of ${groups.length} groups settled in ${accounts} accounts, ${openPlans} plans open`
  )
}

/** Starts every actor: as fibers of this process, or as processes. */
export const startActors = (options: Options, house: House, say: Screen["say"]) =>
  Effect.gen(function* () {
    const isReal = options.cloud === "aws"
    const terms = termsFor(options.speed, !isReal, isStandIn(process.env["AWS_ENDPOINT_URL"]))
    if (options.actors === "processes") {
      return yield* keepProcesses(() => processesOf(options, house, terms, say))
    }
    for (const actor of actorsOf(terms, house.inners)) yield* Effect.forkScoped(keepAlive(actor))
    return [] as ReadonlyArray<Kept>
  })

/** What a look at the run adds to what is known of it. */
class Sight {
  readonly tally = new Tally()
  peakRssMb: number | null = null
  onDemandBefore = 0
  private readonly startedAt: number

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  look(now: number, standing: Standing, isFull: boolean) {
    if (isFull) this.peakRssMb = Math.max(this.peakRssMb ?? 0, treeRssMb(process.pid) ?? 0)
    this.onDemandBefore = Math.max(this.onDemandBefore, onDemandIn(standing))
    return (now - this.startedAt) / 1_000
  }
}

const upsetOf = (options: Options, house: House, kept: ReadonlyArray<Kept>, say: Screen["say"]) => {
  const executors = kept.filter(({ name }) => name.startsWith("executor"))
  return Effect.forkScoped(options.chaos ? chaos(options.seed, house.nats, house.world, executors, say) : Effect.void)
}

/** Whose the first administrator's world is: that of the first account. */
const homeOf = ({ connects }: Plan): string => connects[0]?.tenant ?? "default"

export const follow = (
  options: Options,
  plan: Plan,
  house: House,
  { say, progress }: Screen,
  door?: Door
): Effect.Effect<ReturnType<typeof figuresOf>, unknown, Bus | Seal | Proof | Warehouse | Scope.Scope> =>
  Effect.gen(function* () {
    const sight = new Sight(yield* Clock.currentTimeMillis)
    const { tally } = sight
    const bus = yield* Bus
    const warehouse = yield* openWarehouse
    say(house.isResumed ? `going on from ${options.data}` : `starting in ${options.data}`)
    // before anybody acts on what an earlier start has asked for and nobody has heard yet
    yield* begin(plan, say)
    const kept = yield* startActors(options, house, say)
    if (door !== undefined) {
      // loaded where somebody will look: it costs a run without it 60 MB
      const { openDoor } = yield* Effect.promise(() => import("./door.ts"))
      yield* openDoor(options, house, door, homeOf(plan), say)
    }
    const book = yield* openBook(consulted, remarked)
    const upset = yield* upsetOf(options, house, kept, say)
    for (let beat = 0; ; beat++) {
      yield* Effect.sleep(lookMs)
      yield* tally.readOn(bus).pipe(Effect.catchTag("BusDown", () => Effect.void))
      const now = yield* Clock.currentTimeMillis
      const standing = standingOf(book, plan.connects.length)
      const seconds = sight.look(now, standing, beat % tellEvery === 0)
      if (beat % tellEvery === 0) progress(lineOf(seconds, standing, tally))
      if (!options.untilIdle) continue
      const isOver = seconds > options.limitSeconds
      const isCalm = upset.pollUnsafe() !== undefined
      const isQuiet = standing.isSettled && standing.inFlight === 0 && now - tally.lastDeedAt > quietMs && isCalm
      const idle = isQuiet && (yield* summary(warehouse)).events_in_ledger >= tally.events
      if (!idle && !isOver) continue
      const { events } = tally
      yield* tally.readOn(bus)
      const ledger = yield* caughtUp(warehouse, tally)
      yield* tally.readOn(bus)
      // something was said while we counted: it was not the end after all
      if (tally.events !== events && !isOver) continue
      const restarts = kept.reduce((sum, one) => sum + one.starts() - 1, 0)
      const { onDemandBefore, peakRssMb } = sight
      const { world } = house
      progress(lineOf(seconds, standing, tally))
      return figuresOf({ standing, tally, ledger, world, onDemandBefore, peakRssMb, seconds, idle, restarts })
    }
  })

/** The ledger is behind by what was said while we looked; it is given ten seconds to book that too. */
const caughtUp = (warehouse: Warehouse["Service"], tally: Tally) =>
  Effect.gen(function* () {
    for (let ask = 0; ; ask++) {
      const ledger = yield* summary(warehouse)
      if (ledger.events_in_ledger >= tally.events || ask >= 50) return ledger
      yield* Effect.sleep(200)
    }
  })
