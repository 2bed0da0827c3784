/** A house of one kind of saga: processes with runners, one log, one cloud, and a watch over the protocol. */
import { Effect, Layer, Logger, Result, Schema } from "effect"
import { Bus, type Draft, type Stored } from "../../bus/bus.ts"
import { runHand } from "../../bus/hand.ts"
import { digestOfEntry, entryOf } from "../../bus/journal.ts"
import type { LeaseTerms } from "../../bus/lease.ts"
import { type BusShape, MemoryBus } from "../../bus/memory.sim.ts"
import { calm, type Faults } from "../../bus/memory-faults.sim.ts"
import { MemoryServer, type Replicas } from "../../bus/memory-server.sim.ts"
import type { Order, RunnerOptions, StepBy } from "../../bus/order.ts"
import { makeRunner } from "../../bus/saga-runner.ts"
import { seal, unseal } from "../../schemas/envelope.ts"
import { command, event, journalFilter, matches } from "../../schemas/message.ts"
import { endings, type Entry, Phase } from "../../schemas/saga.ts"
import { account } from "../builders.ts"
import { busWire, localWire } from "./bus-wire.ts"
import { Proc, Sim, type Wire } from "./engine.ts"
import { breaches } from "./journal-rules.ts"
import { Cloud, CloudNo, ToyInput, toySaga, ToyWorld } from "./toy-saga.ts"

export class RunToy extends Schema.TaggedClass<RunToy>()("RunToy", {
  id: Schema.String,
  input: ToyInput,
  /** It is a word to go on with what got stuck then. */
  resumes: Schema.optionalKey(Schema.Int)
}) {}
export class ToySettled extends Schema.TaggedClass<ToySettled>()("ToySettled", { id: Schema.String, phase: Phase }) {}
export const runToy = command("toyer", RunToy, { account: () => account, key: ({ id }) => [id] })
export const toySettled = event("toyer", ToySettled, { account: () => account, key: ({ id }) => [id] })

export const terms: LeaseTerms = { leaseMs: 3_000, callTimeoutMs: 1_000, skewMs: 500 }
const ackWaitMs = 1_500

/** How a call of the cloud goes wrong: refused for good; done and then refused; done and nobody answers. */
export type Break = { readonly call: string; readonly how: "before" | "after" | "silence"; times: number }

export interface HouseOptions {
  readonly seed?: number
  readonly mode?: Replicas
  readonly faults?: Partial<Faults>
  readonly cloudWire?: Wire
  readonly busLoss?: number
  /** The cloud refuses what comes at or after the end of its lease. Default true. */
  readonly isFenced?: boolean
  /** What the runners are told instead of the truth. */
  readonly terms?: Partial<LeaseTerms>
  /** What becomes of the bus of every process, for instance one that forgets conditions. */
  readonly tamper?: (bus: BusShape) => BusShape
  readonly halted?: (house: SagaHouse) => string | undefined
}

/** One effect, as the cloud saw it. */
interface Effected {
  readonly call: string
  readonly by: string
  readonly epoch: number
  readonly at: number
}

export class SagaHouse {
  readonly sim: Sim
  readonly server: MemoryServer
  readonly world = new ToyWorld()
  readonly procs = new Map<string, Proc>()
  readonly entries: Array<Entry> = []
  readonly effects: Array<Effected> = []
  /** What the protocol forbids and yet happened. */
  readonly wrongs: Array<string> = []
  /** Writes that reached the cloud too late and were refused there. */
  late = 0
  breaks: Array<Break> = []
  /** Runs in the moment when an entry is stored, before its writer hears of it. */
  onEntry: (entry: Entry, proc: Proc) => void = () => {}
  /** Runs in the moment of an effect, before its caller hears of it. */
  onEffect: (effect: Effected, proc: Proc) => void = () => {}
  /** Runs once a call's lease has been looked at, just before the call is sent. */
  onLeased: (proc: Proc) => void = () => {}
  private readonly options: HouseOptions
  private incarnations = 0

  constructor(options: HouseOptions = {}) {
    this.options = options
    const sim = new Sim(options.seed ?? 1, { altogether: 2_000_000 })
    this.sim = sim
    const { mode = "R1", faults = {} } = options
    const after = (ms: number, run: () => void) => sim.after(ms, run)
    this.server = new MemoryServer({
      now: () => sim.now,
      random: sim.random,
      after,
      mode,
      faults: { ...calm, ...faults }
    })
    this.server.onAppend((stored) => this.watch(stored))
  }

  /** The newest phase of the saga. */
  get phase(): Phase | undefined {
    return this.entries.at(-1)?.phase
  }
  get isEnded(): boolean {
    return this.phase !== undefined && endings.includes(this.phase)
  }
  /** Orders that are not settled. */
  get open(): number {
    return this.server.standing("toyer")?.unsettled.length ?? 0
  }
  get settled(): ReadonlyArray<ToySettled> {
    return this.server.log
      .after(0, 10_000)
      .filter(({ subject }) => matches(toySettled.filter, subject))
      .map(({ data }) => Result.getOrThrow(unseal(toySettled, data)))
  }

  order(id: string, isWelcome = true): void {
    this.tell(new RunToy({ id, input: { isWelcome } }))
  }
  /** A person's word that what got stuck then is to go on. */
  resume(id: string, stuckAt = this.entries.at(-1)?.at ?? 0): void {
    this.tell(new RunToy({ id, input: { isWelcome: true }, resumes: stuckAt }))
  }
  private tell(order: RunToy): void {
    const { faults } = this.server
    this.server.faults = calm // whoever gives the order insists
    this.server.append([{ subject: runToy.subject(order), data: seal(runToy, order) }])
    this.server.faults = faults
  }

  /** A process with one runner in two lanes; where its bus fails it starts anew, under another holder's name. */
  process(name: string, skew = 0): Proc {
    const proc = new Proc(this.sim, name, { skew })
    this.procs.set(name, proc)
    const service = MemoryBus.service(this.server, busWire(proc, { ...localWire, lose: this.options.busLoss ?? 0 }))
    const bus = Layer.succeed(Bus, this.options.tamper?.(service) ?? service)
    const life = Effect.suspend(() => this.hand(proc, `${name}:${++this.incarnations}`))
    const restarted = Effect.forever(Effect.andThen(Effect.ignore(life), Effect.sleep("1 second")))
    proc.start(restarted.pipe(Effect.provide(Layer.merge(bus, Logger.layer([])))))
    return proc
  }

  /** Lets the world go on until the saga has ended and its order is settled, at most ten minutes; then a while more. */
  finish(): void {
    const deadline = this.sim.now + 600_000
    while (this.sim.now < deadline && !(this.isEnded && this.open === 0)) this.sim.runFor(500)
    this.sim.runFor(20_000)
  }

  private hand(proc: Proc, holder: string) {
    const { halted } = this.options
    const options: RunnerOptions<typeof ToyInput.Type, Cloud> = {
      holder,
      terms: { ...terms, ...this.options.terms },
      poll: { firstMs: 50, maxMs: 400 },
      around: (_, who, effect) => Effect.provideService(effect, Cloud, this.cloud(proc, who)),
      halted: () => halted?.(this),
      says: ({ id }, { phase }) => {
        const fact = new ToySettled({ id, phase })
        const draft: Draft = { subject: toySettled.subject(fact), data: seal(toySettled, fact) }
        return [draft]
      }
    }
    const run = makeRunner(toySaga, options)
    return Effect.scoped(
      runHand({
        name: "toyer",
        filters: [runToy.filter],
        lanes: 2,
        ackWaitMs,
        handle: ({ data }) => {
          const { id, input, resumes } = Result.getOrThrow(unseal(runToy, data))
          const order: Order<typeof ToyInput.Type> = { id, tenant: "acme", account, input }
          return run(resumes === undefined ? order : { ...order, resumes })
        }
      })
    )
  }

  private cloud(proc: Proc, who: StepBy): Cloud["Service"] {
    const { sim, world } = this
    const wire: Wire = { min: 1, max: 40, ...this.options.cloudWire, timeout: terms.callTimeoutMs }
    const ask = <A>(far: () => A | CloudNo | "silence") =>
      proc.call(far, wire).pipe(
        Effect.mapError(() => new CloudNo({ code: "NoAnswer", advice: "unknown" })),
        Effect.flatMap((answer) => {
          if (answer instanceof CloudNo) return Effect.fail(answer)
          const silence = new CloudNo({ code: "NoAnswer", advice: "unknown" })
          if (answer !== "silence") return Effect.succeed(answer as A)
          return Effect.andThen(Effect.sleep(terms.callTimeoutMs), Effect.fail(silence))
        })
      )
    return {
      read: (far) => ask(() => far(world, sim.now)),
      write: (call, far) =>
        Effect.gen({ self: this }, function* () {
          const until = yield* who.lease
          if (!who.needs.includes(call)) this.wrongs.push(`${call} is not declared`)
          if (proc.wallMs + terms.callTimeoutMs > until) this.wrongs.push(`${call} begun without lease for it`)
          this.onLeased(proc)
          yield* Effect.yieldNow
          yield* ask(() => this.arrive(call, who, until, proc, () => far(world, sim.now)))
        })
    }
  }

  /** At the cloud: the fence, then what was told to go wrong, then the effect. */
  private arrive(call: string, who: StepBy, until: number, proc: Proc, far: () => void): void | CloudNo | "silence" {
    const isLate = this.sim.now >= until
    if (isLate && this.options.isFenced !== false) {
      this.late++
      return new CloudNo({ code: "Late", advice: "person" })
    }
    if (isLate) this.wrongs.push(`${call} by ${who.by} after the end of its lease`)
    const broken = this.breaks.find((one) => one.call === call && one.times > 0)
    if (broken !== undefined) broken.times--
    if (broken?.how === "before") return new CloudNo({ code: "Broken", advice: "person" })
    const newest = Math.max(0, ...this.effects.map(({ epoch }) => epoch))
    if (who.epoch < newest) this.wrongs.push(`${call} of epoch ${who.epoch} after one of epoch ${newest}`)
    far()
    const effect: Effected = { call, by: who.by, epoch: who.epoch, at: this.sim.now }
    this.effects.push(effect)
    this.onEffect(effect, proc)
    if (broken?.how === "after") return new CloudNo({ code: "Broken", advice: "person" })
    return broken === undefined ? undefined : "silence"
  }

  /** What one journal must be, told of every entry in the moment of its being stored. */
  private watch(stored: Stored): void {
    if (!matches(journalFilter, stored.subject)) return
    const entry = entryOf(stored)
    const last = this.entries.at(-1)
    if (last !== undefined) {
      const about = { digest: digestOfEntry(last), storedAt: this.sim.now, terms }
      this.wrongs.push(...breaches(last, entry, about).map(([, details]) => details))
    }
    this.entries.push(entry)
    const [name] = entry.by.split(":")
    this.onEntry(entry, this.procs.get(name!)!)
  }
}
