/** The scenario in which all of ours is killed for ever, wherever it was: the groups must heal by themselves. */
import { Effect, Random, type Scope } from "effect"
import type { Proof, Seal } from "../actors/_ports/seal.ts"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import { summary } from "../actors/ledger/summary.ts"
import { openBook } from "../bus/book.ts"
import { Bus } from "../bus/bus.ts"
import type { Plan } from "./accounts.ts"
import { type House, openWarehouse } from "./embedded.ts"
import { begin } from "./begin.ts"
import { lineOf, startActors } from "./follow.ts"
import type { Options } from "./options.ts"
import { type Figures, figuresOf } from "./report.ts"
import type { Screen } from "./screen.ts"
import { consulted, onDemandIn, remarked, standingOf } from "./standing.ts"
import { Tally } from "./tally.ts"

/** Longest that a group may need to be whole again, in milliseconds of the cloud. */
const healMs = 20 * 60_000

/** Groups that serve fewer than they ask for. */
const belowDesired = ({ world }: House): ReadonlyArray<string> => {
  if (world === undefined) return []
  world.advance()
  const serving = new Map<string, number>()
  for (const { member } of world.ground.rows.instances.rows.values()) {
    if (member?.state === "InService" && member.healthy) serving.set(member.group, (serving.get(member.group) ?? 0) + 1)
  }
  return [...world.ground.rows.groups.rows.values()]
    .filter(({ key, desired }) => (serving.get(key) ?? 0) < desired)
    .map(({ key }) => key)
}

export const deadOperator = (
  options: Options,
  plan: Plan,
  house: House,
  { say, progress }: Screen
): Effect.Effect<Figures, unknown, Bus | Seal | Proof | Warehouse | Scope.Scope> =>
  Effect.gen(function* () {
    const started = Date.now()
    const bus = yield* Bus
    const warehouse = yield* openWarehouse
    yield* begin(plan, say)
    const kept = yield* startActors(options, house, say)
    const book = yield* openBook(consulted, remarked)
    const tally = new Tally()
    let onDemandBefore = 0
    while (tally.ends.done < 5) {
      yield* Effect.sleep(250)
      yield* tally.readOn(bus)
      const standing = standingOf(book, plan.connects.length)
      onDemandBefore = Math.max(onDemandBefore, onDemandIn(standing))
      progress(lineOf((Date.now() - started) / 1_000, standing, tally))
    }
    yield* Effect.sleep(yield* Random.nextIntBetween(0, 15_000).pipe(Random.withSeed(options.seed)))
    const before = standingOf(book, plan.connects.length)
    say(`killing everything of ours for ever, ${before.inFlight} swaps under way, ${tally.ends.done} done`)
    yield* Effect.promise(() => Promise.all(kept.map((one) => one.end("SIGKILL"))))
    for (let waited = 0; waited < healMs / options.speed && belowDesired(house).length > 0; waited += 200) {
      yield* Effect.sleep(200)
    }
    const below = belowDesired(house)
    say(below.length === 0 ? "every group serves what it asks for" : `below desired: ${below.join(", ")}`)
    yield* tally.readOn(bus)
    const ledger = yield* summary(warehouse)
    const standing = standingOf(book, plan.connects.length)
    const seconds = (Date.now() - started) / 1_000
    const { world } = house
    const ran = { standing, tally, ledger, world, onDemandBefore, peakRssMb: null, seconds, idle: true, restarts: 0 }
    return { ...figuresOf(ran), below_desired: below.length }
  })
