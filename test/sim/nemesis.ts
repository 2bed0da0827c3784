/** The nemesis: kills, stops and cuts off at random, and aims at a few chosen moments of a saga until each was met. */
import { instant } from "../../schemas/ids.ts"
import { SpotInterrupted, spotInterrupted } from "../../schemas/pool.ts"
import { type Cell, type Harm, lookStep, nameOf, steps, type Way, writes } from "./coverage.ts"
import { type Fate, type Sending, send } from "./cloud-wire.ts"
import { fleet } from "./fleet.ts"
import type { House } from "./house.ts"
import type { JournalWatch, Told } from "./journal-watch.ts"

/** Longer than lease, call and skew together: whoever sleeps so long has lost what it held. */
const pastLeaseMs = { min: 52_000, max: 90_000 }
/** Before the writer hears of its entry; as it hears; while the next call is on its way; while its answer is. */
const momentsMs = [0, 3, 15, 45, 130]
const patientCodes = ["InternalError", "RequestLimitExceeded", "ServiceUnavailable"]
const finalCode = "UnauthorizedOperation"

/** A quarantine outlasts every life: more of them, and there would be no pools left to launch in. */
const poisonsMax = 3

/** What is left behind is ended in its time, and the house is not at rest before. */
const leftBehindMax = 2

/** What befalls inserts of the ledger. */
const mishaps = ["lost", "unanswered", "late", "forgotten", null, "unanswered"] as const

const placeOf = (by: string): string => by.split("/")[0]!.split(":")[0]!

export class Nemesis {
  readonly hits = new Map<string, number>()
  private readonly house: House
  private readonly journals: JournalWatch
  private aims: ReadonlyArray<Cell>
  private poisoned = 0
  /** Sagas that were told a final no, so that they turn back. */
  private readonly turned = new Set<string>()
  /** Sagas whose next call is refused for good, as their launch was not heard of. */
  private readonly unheard = new Set<string>()
  /** Of these, sagas whose launch is not to be seen either for longer than it is waited for: it is left behind. */
  readonly unseen = new Set<string>()
  private leftBehind = 0

  constructor(house: House, journals: JournalWatch, aims: ReadonlyArray<Cell>) {
    this.house = house
    this.journals = journals
    this.aims = aims
  }

  private get sim() {
    return this.house.sim
  }

  begin(): void {
    this.later(() => this.harmSomebody())
  }

  private later(harm: () => void): void {
    const { sim, house } = this
    sim.after(-Math.log(1 - sim.random()) * house.draw.meanMs.harm, () => {
      if (house.isCalm) return
      harm()
      this.later(harm)
    })
  }

  private harmSomebody(): void {
    const { sim, house } = this
    if (sim.chance(0.1)) return house.server.loseLeader(sim.between(4_000, 9_000))
    if (sim.chance(0.2)) return void house.kept.faults.push(...mishaps.filter(() => sim.chance(0.5)))
    const names = [...house.procs.keys()]
    const name = names[Math.floor(sim.random() * names.length)]
    if (name === undefined) return
    if (sim.chance(0.6)) house.kill(name)
    else house.pause(name, sim.between(1_000, pastLeaseMs.max))
  }

  /** The holder of a saga is hurt right after it wrote down what it is about to do, or to undo. */
  onEntry(entry: Told<unknown>): void {
    const { sim, house } = this
    const swap = this.journals.traces.get(entry.id)?.last
    if (swap !== undefined && !house.isCalm && entry.mark === "move" && entry.phase === "Planned") this.poison(swap)
    if (house.isCalm || entry.mark !== "move" || !["Intent", "Commit", "Undo"].includes(entry.phase)) return
    const where = { step: entry.step, way: entry.way }
    for (const harm of ["kill", "pause"] as const) {
      if (!this.isAimedAt({ ...where, harm }) && !sim.chance(house.draw.atEntry)) continue
      const moment = momentsMs[Math.floor(sim.random() * momentsMs.length)] ?? 0
      return void sim.after(moment, () => this.strike(entry.id, entry.by, { ...where, harm }))
    }
  }

  /**
   * A neighbour's machine in the very pool is taken once a swap has looked at it, and the swap stands still meanwhile:
   * its launch comes long after the quarantine.
   */
  private poison({ id, by, input: { account, move } }: Told): void {
    const { sim, house } = this
    const neighbour = fleet.accounts.find((one) => one.account !== account)
    if (neighbour === undefined || this.poisoned >= poisonsMax || !sim.chance(0.06)) return
    this.poisoned++
    const { tenant, environment } = neighbour
    const at = instant(Math.floor(sim.now))
    const taken = { instance: `i-neighbour-of-${id}`, at, provenance: "reclaimed", warned: true } as const
    const whose = { tenant, account: neighbour.account, environment }
    house.say(spotInterrupted, new SpotInterrupted({ ...whose, pool: move.pool, ...taken }))
    if (sim.chance(0.7)) sim.after(sim.between(0, 5), () => house.pause(placeOf(by), sim.between(7_000, 30_000)))
  }

  private strike(saga: string, by: string, cell: Cell): void {
    const last = this.journals.lastOf(saga)
    const isStill = cell.step === lookStep ? last === undefined : last?.step === cell.step && last.way === cell.way
    const proc = this.house.procs.get(placeOf(by))
    if (!isStill || this.house.isCalm || proc === undefined || !by.startsWith(`${proc.name}/`)) return
    this.count(cell)
    if (cell.harm === "kill") this.house.kill(placeOf(by))
    else this.house.pause(placeOf(by), this.sim.between(pastLeaseMs.min, pastLeaseMs.max))
  }

  fate(sending: Sending): Fate {
    const { house, sim } = this
    const { saga, step } = sending.caller
    if (house.isCalm || saga === null || step === null) return send
    const way: Way = this.journals.lastOf(saga)?.way ?? "forward"
    if (step === lookStep) this.strikeLook(saga, sending.caller.by)
    if (this.unheard.delete(saga)) return { _tag: "refuse", code: finalCode }
    if (sending.isWrite && step === "launch" && way === "forward" && this.leaveBehind(saga))
      return { _tag: "lose-reply" }
    const no = this.turnBack(saga, step, way)
    if (no !== undefined) return no
    const counts = sending.isWrite || !writes(way, step)
    for (const harm of ["lost-reply", "failure", "timeout"] as const) {
      const cell: Cell = { step, way, harm }
      if (!(counts && this.isAimedAt(cell)) && !sim.chance(house.draw.atCall / 3)) continue
      if (counts) this.count(cell)
      return this.fateOf(cell, harm, saga)
    }
    // stopped between the last look at the lease and the call: what the fence is for
    if (sending.isWrite && sim.chance(house.draw.atCall)) {
      return { _tag: "stall", ms: sim.between(5_000, pastLeaseMs.max) }
    }
    return send
  }

  /** What it launches is neither heard of nor to be seen when it is taken back. */
  private leaveBehind(saga: string): boolean {
    if (this.leftBehind >= leftBehindMax || !this.sim.chance(0.08)) return false
    this.leftBehind++
    this.unheard.add(saga)
    this.unseen.add(saga)
    return true
  }

  private fateOf({ step, way }: Cell, harm: Exclude<Harm, "kill" | "pause">, saga: string): Fate {
    const { sim } = this
    if (harm === "lost-reply") {
      // what was launched and not heard of is soon given up: nobody may forget it
      if (step === "launch" && way === "forward" && sim.chance(0.5)) this.unheard.add(saga)
      return { _tag: "lose-reply" }
    }
    if (harm === "timeout") return { _tag: "lose-request" }
    // past the pivot and on the way back a final no needs a person: rarely, so that most sagas come to an end
    const isFirm = this.journals.traces.get(saga)?.last.committed === true || way === "back"
    const code = patientCodes[Math.floor(sim.random() * patientCodes.length)] ?? finalCode
    return { _tag: "refuse", code: sim.chance(isFirm ? 0.15 : 0.5) ? finalCode : code }
  }

  /** Before its first entry a saga has no holder on record: who looks is hurt at the look's own calls. */
  private strikeLook(saga: string, by: string): void {
    for (const harm of ["kill", "pause"] as const) {
      const cell: Cell = { step: lookStep, way: "forward", harm }
      if (!this.isAimedAt(cell) || !this.sim.chance(0.3)) continue
      return void this.sim.after(this.sim.between(0, 100), () => this.strike(saga, by, cell))
    }
  }

  /** Where an undo is aimed at, a later step of such a saga is told a final no. */
  private turnBack(saga: string, step: string, way: Way): Fate | undefined {
    const last = this.journals.traces.get(saga)?.last
    if (last === undefined || way === "back" || last.committed || this.turned.has(saga)) return undefined
    const at = steps.indexOf(step)
    const wanted = this.aims.filter((aim) => aim.way === "back" && steps.indexOf(aim.step) <= at)
    const useful = wanted.some((aim) => {
      if (aim.harm === "kill" || aim.harm === "pause") return true
      if (aim.step === "max") return (last.made.look?.maxSize ?? null) !== null && at > steps.indexOf("max")
      if (aim.step === "hold") return last.made.look?.holdRebalance === true && at > steps.indexOf("hold")
      return aim.step === "launch" ? at > steps.indexOf("launch") : last.phase === "Outcome" || aim.step !== step
    })
    if (!useful || !this.sim.chance(0.4)) return undefined
    this.turned.add(saga)
    return { _tag: "refuse", code: finalCode }
  }

  private isAimedAt(cell: Cell): boolean {
    return this.aims.some((aim) => aim.step === cell.step && aim.way === cell.way && aim.harm === cell.harm)
  }

  private count(cell: Cell): void {
    const name = nameOf(cell)
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1)
    // met often enough: the others get their turn
    if ((this.hits.get(name) ?? 0) >= 2) this.aims = this.aims.filter((aim) => nameOf(aim) !== name)
  }
}
