/** Follows a run: starts the actors, asks for the accounts, tells a person how it goes, and knows when nothing is left to do. */
import { Clock, Effect, type Scope } from "effect"
import { summary } from "../actors/ledger/summary.ts"
import type { Seal, Proof } from "../actors/_ports/seal.ts"
import { Warehouse } from "../actors/_ports/warehouse.ts"
import { openBook } from "../bus/book.ts"
import { Bus } from "../bus/bus.ts"
import { connectAccount } from "../schemas/account.ts"
import { seal } from "../schemas/envelope.ts"
import type { Road } from "../schemas/message.ts"
import { setPolicy } from "../schemas/policy.ts"
import type { Plan } from "./accounts.ts"
import { chaos } from "./chaos.ts"
import type { House } from "./embedded.ts"
import { actorsOf } from "./house.ts"
import type { Options } from "./options.ts"
import { figuresOf, type Ran } from "./report.ts"
import { treeRssMb } from "./rss.ts"
import { isSettled, type Standing, standingOf, consulted, remarked } from "./standing.ts"
import { keepAlive, keepProcesses, type Kept } from "./supervise.ts"
import { processesOf } from "./processes.ts"
import { Tally } from "./tally.ts"
import { termsFor } from "./terms.ts"

type Say = (line: string) => void

/** Nothing has been decided or done for so long before a run counts as idle, in milliseconds. */
const quietMs = 3_000
const lookMs = 250

const send = <A>(road: Road<A>, message: A) =>
  Bus.use((bus) => bus.append([{ subject: road.subject(message), data: seal(road, message) }])).pipe(Effect.orDie)

/** Orders of the start: accounts to connect, and the policies they begin with. A repeat changes nothing. */
export const begin = (plan: Plan) =>
  Effect.gen(function* () {
    for (const policy of plan.policies) yield* send(setPolicy, policy)
    for (const connect of plan.connects) yield* send(connectAccount, connect)
  })

const lineOf = (seconds: number, { accounts, groups, instances, inFlight, openPlans }: Standing, tally: Tally) => {
  const spot = groups.reduce((sum, group) => sum + group.spot, 0)
  const done = groups.filter(isSettled).length
  const saved = tally.monthlySavingsUsd.toFixed(0)
  return (
    `${seconds.toFixed(0).padStart(4)} s  ${accounts} accounts  ${groups.length} groups (${done} settled)  ${spot} of ${instances} on Spot  ` +
    `${openPlans} plans open, ${inFlight} swaps under way, ${tally.ends.done} done, ${tally.ends.undone} turned back  saves $${saved} a month (gross)`
  )
}

/** Starts every actor: as fibers of this process, or as processes. */
export const startActors = (options: Options, house: House, say: Say) =>
  Effect.gen(function* () {
    const isReal = options.cloud === "aws"
    const terms = termsFor(options.speed, !isReal, process.env["AWS_ENDPOINT_URL"] !== undefined)
    if (options.actors === "processes") {
      return yield* keepProcesses(() => processesOf(options, house, terms, say))
    }
    for (const actor of actorsOf(terms, house.inners)) yield* Effect.forkScoped(keepAlive(actor))
    return [] as ReadonlyArray<Kept>
  })

export const follow = (
  options: Options,
  plan: Plan,
  house: House,
  say: Say
): Effect.Effect<ReturnType<typeof figuresOf>, unknown, Bus | Seal | Proof | Warehouse | Scope.Scope> =>
  Effect.gen(function* () {
    const startedAt = yield* Clock.currentTimeMillis
    const bus = yield* Bus
    const warehouse = yield* Warehouse
    say(house.isResumed ? `going on from ${options.data}` : `starting in ${options.data}`)
    const kept = yield* startActors(options, house, say)
    yield* begin(plan)
    const book = yield* openBook(consulted, remarked)
    const tally = new Tally()
    let peakRssMb: number | null = null
    let onDemandBefore = 0
    const upset = options.chaos
      ? yield* Effect.forkScoped(
          chaos(
            options.seed,
            house.nats,
            house.world,
            kept.filter(({ name }) => name.startsWith("executor")),
            say
          )
        )
      : undefined
    let idle = false
    let ledger = yield* summaryOf(warehouse)
    for (let beat = 0; ; beat++) {
      yield* Effect.sleep(lookMs)
      yield* tally.readOn(bus).pipe(Effect.catchTag("BusDown", () => Effect.void))
      const now = yield* Clock.currentTimeMillis
      const seconds = (now - startedAt) / 1_000
      const standing = standingOf(book, plan.connects.length)
      peakRssMb = Math.max(peakRssMb ?? 0, treeRssMb(process.pid) ?? 0)
      onDemandBefore = Math.max(
        onDemandBefore,
        standing.groups.reduce((sum, { onDemand }) => sum + onDemand, 0)
      )
      if (beat % 8 === 0) say(lineOf(seconds, standing, tally))
      const isOver = seconds > options.limitSeconds
      if (!options.untilIdle) continue
      const isCalm = upset === undefined || upset.pollUnsafe() !== undefined
      const isQuiet = standing.isSettled && standing.inFlight === 0 && now - tally.lastDeedAt > quietMs && isCalm
      if (!isQuiet && !isOver) continue
      ledger = yield* summaryOf(warehouse)
      idle = isQuiet && ledger.events_in_ledger >= tally.events
      if (!idle && !isOver) continue
      yield* tally.readOn(bus)
      ledger = yield* caughtUp(warehouse, tally)
      const restarts = kept.reduce((sum, one) => sum + one.starts() - 1, 0)
      const ran: Ran = {
        standing,
        tally,
        ledger,
        world: house.world,
        onDemandBefore,
        peakRssMb,
        seconds,
        idle,
        restarts
      }
      return figuresOf(ran)
    }
  })

const summaryOf = (warehouse: Warehouse["Service"]) => Effect.andThen(warehouse.migrate, summary(warehouse))

/** The ledger is behind by what was said while we looked; it is given ten seconds to book that too. */
const caughtUp = (warehouse: Warehouse["Service"], tally: Tally) =>
  Effect.gen(function* () {
    for (let ask = 0; ; ask++) {
      const ledger = yield* summary(warehouse)
      if (ledger.events_in_ledger >= tally.events || ask >= 50) return ledger
      yield* Effect.sleep(200)
    }
  })
