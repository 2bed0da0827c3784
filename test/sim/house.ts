/**
 * A whole simulated house: every actor as a process of its own over one bus and one cloud, started again when it
 * ends.
 */
import { createHash } from "node:crypto"
import { Effect, Layer, Logger, References } from "effect"
import { proofOf, sealOf } from "../../actors/_ports/seal.sim.ts"
import { layer as warehouseLayer, type Memory, memory } from "../../actors/_ports/warehouse.sim.ts"
import { World } from "../../actors/_ports/world/world.ts"
import { openBook } from "../../bus/book.ts"
import type { Stored } from "../../bus/bus.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { calm } from "../../bus/memory-faults.sim.ts"
import { MemoryServer } from "../../bus/memory-server.sim.ts"
import { actorsOf } from "../../deploy/house.ts"
import { consulted, remarked } from "../../deploy/standing.ts"
import type { Book } from "../../schemas/decision.ts"
import type { AccountId, Region } from "../../schemas/ids.ts"
import { seal } from "../../schemas/envelope.ts"
import type { Road } from "../../schemas/message.ts"
import { busWire, localWire } from "./bus-wire.ts"
import { innersOf, type Observer, type Sending, send } from "./cloud-wire.ts"
import { type Draw, healed, termsOf } from "./draw.ts"
import { Proc, Sim } from "./engine.ts"
import { fleet, market } from "./fleet.ts"

/** Processes by name, with the actor that each of them runs: two hands, and two of the minds that decide most. */
const places: ReadonlyArray<readonly [name: string, actor: string]> = [
  ["onboarder", "onboarder"],
  ["discovery", "discovery"],
  ["price-watcher", "price-watcher"],
  ["risk-manager", "risk-manager"],
  ["spot-optimizer-a", "spot-optimizer"],
  ["spot-optimizer-b", "spot-optimizer"],
  ["safety-enforcer", "safety-enforcer"],
  ["approval-desk-a", "approval-desk"],
  ["approval-desk-b", "approval-desk"],
  ["executor-a", "executor"],
  ["executor-b", "executor"],
  ["ledger", "ledger"]
]

export const skewMaxMs = 2_000
export const sealSeed = "the desk"

export class House implements Observer {
  readonly draw: Draw
  readonly sim: Sim
  readonly world: World
  server: MemoryServer
  kept: Memory = memory()
  /** Processes that live now, by name; a new incarnation takes the place of the old one. */
  readonly procs = new Map<string, Proc>()
  /** Ends of processes by themselves, by name and cause. */
  readonly crashes = new Map<string, number>()
  /** What stands in the rows, as an onlooker sees them. */
  book: Book | undefined = undefined
  isCalm = false
  /** Its log was lost once. */
  isForgotten = false
  private isOpen = true
  private incarnations = 0
  private alarm: (() => void) | undefined
  private readonly skews = new Map<string, number>()
  private readonly pasts: Array<string> = []
  private readonly rings = new Map<string, number>()
  private readonly woken = new Map<string, number>()
  /** Those who watch and those who harm, told in this order. */
  readonly onStored: Array<(stored: Stored) => void> = []
  readonly onAnswered: Array<(sending: Sending, code: string | null) => void> = []
  chooseFate: (sending: Sending) => ReturnType<Observer["fate"]> = () => send

  constructor(draw: Draw) {
    this.draw = draw
    const sim = new Sim(draw.seed, { altogether: 20_000_000 })
    this.sim = sim
    this.world = new World({
      now: () => sim.now,
      random: sim.random,
      speed: draw.speed,
      market,
      behaviours: draw.behaviours,
      wake: (at) => this.wakeWorld(at)
    })
    this.world.plant(fleet)
    this.server = this.openServer()
    for (const [name] of places) this.skews.set(name, sim.between(-skewMaxMs, skewMaxMs))
    const next = this.world.nextDue()
    if (next !== undefined) this.wakeWorld(next)
  }

  fate(sending: Sending) {
    return this.chooseFate(sending)
  }
  answered(sending: Sending, code: string | null) {
    for (const hear of this.onAnswered) hear(sending, code)
  }

  /** Everybody begins to live, and an onlooker who only reads. */
  open(): void {
    this.isOpen = true
    for (const [name, actor] of places) this.boot(name, actor)
    const eye = new Proc(this.sim, `eye-${this.pasts.length}`)
    const bus = MemoryBus.layer(this.server, busWire(eye))
    const look = openBook(consulted, remarked).pipe(Effect.retry({ times: 1_000 }))
    const life = Effect.flatMap(look, (book) => {
      this.book = book
      return Effect.never
    })
    eye.start(Effect.scoped(life).pipe(Effect.provide(bus), quiet))
  }

  /** Kills whatever lives now, and nobody starts it again. */
  close(): void {
    this.isOpen = false
    for (const proc of this.procs.values()) proc.kill()
    this.procs.clear()
  }

  /** Another, empty bus and warehouse take the place of those there are; the cloud stays as it is. */
  forget(): void {
    this.pasts.push(this.server.hash())
    this.isForgotten = true
    this.server.faults = calm
    this.book = undefined
    this.server = this.openServer()
    this.kept = memory()
  }

  kill(name: string): void {
    const proc = this.procs.get(name)
    if (proc === undefined) return
    proc.kill()
    this.procs.delete(name)
    this.again(name, this.sim.between(1_000, 20_000))
  }

  pause(name: string, ms: number): void {
    const proc = this.procs.get(name)
    if (proc !== undefined) this.stop(proc, ms)
  }
  /** SIGSTOP, and SIGCONT after so long. */
  stop(proc: Proc, ms: number): void {
    proc.pause()
    this.sim.after(ms, () => {
      proc.resume()
      this.woken.set(proc.name, this.sim.now)
    })
  }
  /** Whether the process stood still at any time of the last so many milliseconds. */
  wokenWithin(proc: Proc, ms: number): boolean {
    return proc.state === "paused" || this.sim.now - (this.woken.get(proc.name) ?? Number.NEGATIVE_INFINITY) < ms
  }

  /** An alarm of a group changes its state. */
  ring(account: AccountId, region: Region, name: string, isOn: boolean): void {
    this.world.setAlarm(account, region, name, isOn ? "ALARM" : "OK")
    if (isOn) this.rings.set(name, this.rings.get(name) ?? this.sim.now)
    else this.rings.delete(name)
  }
  /** Whether the alarm has rung without a pause since before that instant, by anybody's clock. */
  isRingingSince(name: string, at: number): boolean {
    const since = this.rings.get(name)
    return since !== undefined && since < at - skewMaxMs
  }

  /** From now on everything works, and those who were stopped go on. */
  heal(): void {
    this.isCalm = true
    this.server.faults = healed.faults
    this.world.behave(healed.behaviours)
    for (const proc of this.procs.values()) proc.resume()
  }

  /** A word from outside, given by somebody who insists. */
  say<A>(road: Road<A>, message: A): void {
    const { faults } = this.server
    this.server.faults = calm
    const answer = this.server.append([{ subject: road.subject(message), data: seal(road, message) }])
    this.server.faults = faults
    if (answer._tag === "Silence") this.sim.after(2_000, () => this.say(road, message))
  }

  /** Hexadecimal SHA-256 over all that was ever stored, every write that reached the cloud, and who ran when. */
  hash(): string {
    const sum = createHash("sha256")
    for (const past of [...this.pasts, this.server.hash()]) sum.update(past)
    for (const write of this.world.ground.rows.writes.rows.values()) sum.update(JSON.stringify(write))
    return sum.update(this.sim.trace).digest("hex")
  }

  private openServer(): MemoryServer {
    const { sim, draw } = this
    const after = (ms: number, run: () => void) => sim.after(ms, run)
    const server = new MemoryServer({
      now: () => sim.now,
      random: sim.random,
      after,
      mode: draw.replicas,
      faults: this.isCalm ? calm : draw.faults
    })
    server.onAppend((stored) => {
      for (const hear of this.onStored) hear(stored)
    })
    return server
  }

  private boot(name: string, actor: string): void {
    const { sim, draw } = this
    const holder = `${name}:${++this.incarnations}`
    const proc = new Proc(sim, holder, { skew: this.skews.get(name) ?? 0, yieldAfter: draw.yieldAfter })
    this.procs.set(name, proc)
    const lose = () => (this.isCalm ? 0 : draw.cloudLoss)
    const inners = innersOf(this.world, proc, this, lose)
    const one = actorsOf(termsOf(draw), inners).find((each) => each.name === actor)
    if (one === undefined) throw new Error(`there is no actor ${actor}`)
    const bus = MemoryBus.layer(this.server, busWire(proc, { ...localWire, lose: this.isCalm ? 0 : draw.busLoss }))
    const keys = Layer.merge(sealOf(sealSeed), proofOf(sealSeed))
    const given = Layer.mergeAll(bus, keys, warehouseLayer(this.kept))
    proc.start(Effect.scoped(one.run(holder)).pipe(Effect.provide(given), quiet), (exit) => {
      if (this.procs.get(name) !== proc) return
      const why = `${name} ${exit._tag === "Failure" ? String(exit.cause).slice(0, 400) : "ended"}`
      this.crashes.set(why, (this.crashes.get(why) ?? 0) + 1)
      this.procs.delete(name)
      this.again(name, sim.between(1_000, 5_000))
    })
  }

  private again(name: string, ms: number): void {
    const actor = places.find(([each]) => each === name)?.[1] ?? name
    const { server } = this
    this.sim.after(ms, () => {
      if (this.isOpen && server === this.server && !this.procs.has(name)) this.boot(name, actor)
    })
  }

  private wakeWorld(at: number): void {
    this.alarm?.()
    this.alarm = this.sim.at(at, () => {
      this.alarm = undefined
      this.world.advance()
      const next = this.world.nextDue()
      if (next !== undefined && this.alarm === undefined) this.wakeWorld(next)
    })
  }
}

const quiet = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.provide(Logger.layer([])), Effect.provide(Layer.succeed(References.MinimumLogLevel, "None")))
