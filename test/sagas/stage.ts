/** A stage for real sagas: executors on a bus in memory over a simulated cloud, watched entry by entry. */
import { Effect, Layer, References, Result } from "effect"
import { auditOnBus } from "../../actors/executor/audit.ts"
import { runExecutor } from "../../actors/executor/actor.ts"
import { portsOver } from "../../actors/_ports/cloud.ts"
import { keysOf, sealWith } from "../../actors/_ports/ed25519.ts"
import { proofOf } from "../../actors/_ports/seal.sim.ts"
import { type Behaviours, calm } from "../../actors/_ports/world/faults.ts"
import type { FleetGroup } from "../../actors/_ports/world/plant.ts"
import { aGroup, fleetOf, home, testMarket } from "../../actors/_ports/world/stage.ts"
import { type InstanceRow, keyIn } from "../../actors/_ports/world/state.ts"
import { World } from "../../actors/_ports/world/world.ts"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { entryOf } from "../../bus/journal.ts"
import { productTerms } from "../../bus/lease.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import { calm as quiet, type Faults } from "../../bus/memory-faults.sim.ts"
import { MemoryServer } from "../../bus/memory-server.sim.ts"
import {
  Account,
  AccountConnected,
  accountConnected,
  AccountDisconnected,
  accountDisconnected
} from "../../schemas/account.ts"
import { Desk, StopSet, stopSet } from "../../schemas/approval.ts"
import { unseal } from "../../schemas/envelope.ts"
import { Digest, GroupName, type InstanceId, instant, type Instant, type Mode } from "../../schemas/ids.ts"
import { journalFilter, matches, type Road } from "../../schemas/message.ts"
import { PoolRisk, PoolScored, poolScored, type RiskTerms } from "../../schemas/pool.ts"
import { productFloors } from "../../schemas/safe-plan.ts"
import { endings, type Entry } from "../../schemas/saga.ts"
import {
  orderDigest,
  resumeDigest,
  ResumeOrdered,
  resumeOrdered,
  SwapOrdered,
  swapOrdered
} from "../../schemas/swap.ts"
import { aMove, anAccount, aPolicy, aPool, aPoolRisk, aPriced, score, zone } from "../builders.ts"
import { busWire } from "../sim/bus-wire.ts"
import { epoch, Proc, Sim } from "../sim/engine.ts"
import { brokenInners, type How, type Sent } from "./wire.ts"

/** What a call was made for: the saga's part at that moment, read off its journal. */
export type Part = "look" | "do" | "verify" | "undo"
/** The k-th call of its name in a part of a step, counted from 1. */
export interface Place {
  readonly step: string
  readonly part: Part
  readonly call: string
  readonly k: number
}
/** What goes wrong, and how many calls in a row from there on; once unless told. */
export interface Break extends Place {
  readonly how: How
  readonly times?: number
}

export interface StageOptions {
  readonly seed?: number
  readonly group?: Partial<FleetGroup>
  readonly size?: number
  readonly behaviours?: Partial<Behaviours>
  readonly breaks?: ReadonlyArray<Break>
  /** Put on every write, whatever else is broken. */
  readonly everyWrite?: How
  /** As `everyWrite`, for the first time only that a part of a step makes the call. */
  readonly firstOfEveryWrite?: How
  readonly order?: Partial<SwapOrdered>
  readonly risk?: Partial<PoolRisk> | null
  readonly processes?: ReadonlyArray<string>
  readonly faults?: Partial<Faults>
}

/** The group of the tests: uneven zones and no room, so that both knobs turn; hooks, a target group and an alarm. */
export const webKey = keyIn(home, "web")
export const targetGroup = "tg-web"
export const alarm = "web-errors"
export const full: Partial<FleetGroup> = {
  minSize: 7,
  desired: 7,
  maxSize: 7,
  launchHooks: 1,
  terminateHooks: 1,
  targetGroups: [targetGroup],
  alarms: [alarm]
}

/** In service and healthy, for its group and behind every target group. */
export const isWell = ({ state, healthy, targets }: SwapStage["group"]["members"][number]): boolean =>
  state === "InService" && healthy === true && Object.values(targets).every((target) => target === "healthy")

const isServing = ({ member, state }: InstanceRow) =>
  member !== null && !member.state.startsWith("Terminating") && state === "running"

const sealer = sealWith(keysOf("desk").privateKey)
const second = 1_000
const calmTerms = { advisor: 0, volatility: 0, structure: 0, own: 0, herd: 0 }

export class SwapStage {
  readonly sim: Sim
  readonly server: MemoryServer
  readonly world: World
  readonly procs = new Map<string, Proc>()
  readonly entries: Array<Entry> = []
  readonly sent: Array<Place & { readonly by: string; readonly isWrite: boolean; readonly at: number }> = []
  /** Each break as it happened. */
  readonly broken: Array<Break> = []
  /** Least that served the group's users since the start. */
  servingMin: number
  readonly old: InstanceId
  /** The group as it was before anything. */
  readonly before
  /** Replacements that ran as members when the saga ended. */
  servesAtEnd: ReadonlyArray<InstanceId> = []
  /** For tests: whether the saga had ended when they struck. */
  wasEnded = false
  /** Runs in the moment when an entry is stored, before its writer hears of it. */
  onEntry: (entry: Entry, proc: Proc) => void = () => {}
  /** Runs as a call is sent. */
  onSent: (place: Place, proc: Proc) => void = () => {}
  private readonly options: StageOptions
  private incarnations = 0

  constructor(options: StageOptions = {}) {
    this.options = options
    const sim = new Sim(options.seed ?? 1, { altogether: 3_000_000 })
    this.sim = sim
    const after = (ms: number, run: () => void) => sim.after(ms, run)
    this.server = new MemoryServer({
      now: () => sim.now,
      random: sim.random,
      after,
      faults: { ...quiet, ...options.faults }
    })
    this.server.onAppend((stored) => {
      if (!matches(journalFilter, stored.subject)) return
      const entry = entryOf(stored)
      this.entries.push(entry)
      if (endings.includes(entry.phase)) this.servesAtEnd = this.replacements.filter(isServing).map(({ id }) => id)
      const proc = this.procs.get(entry.by.split(":")[0] ?? "")
      if (proc !== undefined) this.onEntry(entry, proc)
    })
    const random = sim.random
    this.world = new World({
      now: () => sim.now,
      random,
      speed: 1,
      market: testMarket,
      behaviours: { throttling: false, ...options.behaviours },
      wake: (at) => void sim.at(at, () => this.world.advance())
    })
    this.world.plant(fleetOf([aGroup(options.size ?? 7, { ...full, ...options.group })]))
    this.before = this.group
    this.old = this.before.members.find((member) => member.zone === zone(1))?.id ?? this.fail("no member in zone 1")
    this.servingMin = this.serving
    const judge = this.world.ground.onServing
    this.world.ground.onServing = (change) => {
      judge(change)
      this.servingMin = Math.min(this.servingMin, this.serving)
    }
    this.prepare()
    for (const name of options.processes ?? ["a", "b", "c"]) this.process(name)
  }

  /** The world's own rows of the group and its members, as a copy. */
  get group() {
    const row = this.world.ground.rows.groups.get(webKey)
    const members = this.world.ground.members(webKey).map(({ id, zone, lifecycle, member, state }) => ({
      id,
      zone,
      lifecycle,
      running: state,
      state: member?.state,
      healthy: member?.healthy,
      targets: { ...member?.targets }
    }))
    const { minSize, desired, maxSize, suspended = [] } = row ?? {}
    return { minSize, desired, maxSize, suspended: [...suspended], members }
  }
  get serving(): number {
    return this.world.ground.counts.serving.get(webKey) ?? 0
  }
  get phase() {
    return this.entries.at(-1)?.phase
  }
  get isEnded(): boolean {
    return this.phase !== undefined && endings.includes(this.phase)
  }
  /** Orders that are not settled. */
  get open(): number {
    return this.server.standing("executor")?.unsettled.length ?? 0
  }
  /** Spot instances that were launched for the swap, whatever became of them. */
  get replacements() {
    return [...this.world.ground.rows.instances.rows.values()].filter(({ saga }) => saga !== null)
  }
  /** Every write that reached the cloud, done or refused. */
  get writes() {
    return [...this.world.ground.rows.writes.rows.values()]
  }
  /** Those that launched something. */
  get launches() {
    return this.writes.filter(({ effect }) => effect?.startsWith("launch"))
  }
  said<A>(road: Road<A>): ReadonlyArray<A> {
    const found: Array<A> = []
    for (const { subject, data } of this.server.log.after(0, 100_000)) {
      if (matches(road.filter, subject)) found.push(Result.getOrThrow(unseal(road, data)))
    }
    return found
  }

  /** A swap of the chosen member, ordered by the desk under its seal; `forge` changes it once it is sealed. */
  order(change: Partial<SwapOrdered> = {}, forge: Partial<SwapOrdered> = {}): SwapOrdered {
    const { tenant, account, region } = home
    const bare = new SwapOrdered({
      tenant,
      account,
      region,
      group: GroupName.make("web"),
      move: aMove({ old: this.old }),
      plan: Digest.make("a".repeat(64)),
      preset: "strict",
      floors: productFloors,
      canary: true,
      bakeMs: 60 * second,
      alarms: [alarm],
      alone: true,
      approvedBy: "ann",
      notAfter: instant(epoch + 3_600 * second),
      signature: "",
      ...this.options.order,
      ...change
    })
    const signed = new SwapOrdered({ ...bare, signature: sealer.sign(orderDigest(bare)), ...forge })
    this.say(swapOrdered, signed)
    return signed
  }

  /** The desk's word, under its seal, that what is stuck now is to go on; `forge` changes it once it is sealed. */
  resume(change: Partial<ResumeOrdered> = {}, forge: Partial<ResumeOrdered> = {}): this {
    const { tenant, account, region, group, move, plan } = this.said(swapOrdered)[0] ?? this.fail("nothing was ordered")
    const stuckAt = this.entries.at(-1)?.at ?? this.at
    const about = { tenant, account, region, group, swap: move.swap, plan, stuckAt, by: "ann", signature: "" }
    const bare = new ResumeOrdered({ ...about, ...change })
    const signed = new ResumeOrdered({ ...bare, signature: sealer.sign(resumeDigest(bare)), ...forge })
    this.say(resumeOrdered, signed)
    this.sim.runFor(second)
    return this.finish()
  }

  /** The desk throws the stop switch. */
  stop(to: "run" | "pause" | "halt"): void {
    const { tenant, account } = home
    const at = this.at
    const fact = new StopSet({ tenant, account, stop: to, by: "ann", because: "she said so", at })
    const { policy = aPolicy(), stopAt = at } = {}
    const desk = new Desk({ tenant, account, policy, stop: to, stopAt, plans: [], releasedAt: [], closedAt: {} })
    this.say(stopSet, fact, { schema: Desk, value: desk })
  }

  /** The tenant leaves: the onboarder's row of the account says so from now on. */
  disconnect(): void {
    const { tenant, account, roleArn, externalId } = home
    const at = this.at
    const fact = new AccountDisconnected({ tenant, account, because: "the team has moved", by: "ann", at })
    const known = anAccount({ roleArn, externalId, since: at, status: "disconnected", reason: fact.because })
    this.say(accountDisconnected, fact, { schema: Account, value: known })
  }

  /** A person sets the account's mode. */
  mode(to: Mode): void {
    const { tenant, account, roleArn, externalId } = home
    const at = this.at
    const known = anAccount({ roleArn, externalId, since: at, mode: to })
    const { name, regions, environment, mode } = known
    const wish = { tenant, account, name, regions, environment, mode, roleArn, externalId }
    this.say(accountConnected, new AccountConnected({ ...wish, at }), { schema: Account, value: known })
  }

  /** A process with one executor; where its bus fails it starts anew, under another holder's name. */
  process(name: string): Proc {
    const proc = new Proc(this.sim, name)
    this.procs.set(name, proc)
    const bus = Layer.succeed(Bus, MemoryBus.service(this.server, busWire(proc)))
    const inners = brokenInners(this.world, proc, (sent) => this.howOf(sent, proc))
    const ports = portsOver(inners).pipe(Layer.provide(auditOnBus))
    const life = Effect.suspend(() =>
      Effect.scoped(
        runExecutor({
          holder: `${name}:${++this.incarnations}`,
          lease: productTerms,
          speed: 1,
          poll: { firstMs: 200, maxMs: 15 * second },
          lanes: 4,
          ackWaitMs: 30 * second
        })
      )
    )
    const restarted = Effect.forever(Effect.andThen(Effect.ignore(life), Effect.sleep("1 second")))
    const quietly = Layer.succeed(References.MinimumLogLevel, "None")
    proc.start(restarted.pipe(Effect.provide(Layer.mergeAll(ports, proofOf("desk"), quietly)), Effect.provide(bus)))
    return proc
  }

  /**
   * Lets the world go on until the saga has ended and its order is settled, four hours at most; then the weather clears
   * and the group looks after itself, for an hour at most.
   */
  finish(): this {
    const deadline = this.sim.now + 14_400 * second
    while (this.sim.now < deadline && !(this.isEnded && this.open === 0)) this.sim.runFor(5 * second)
    this.world.behave({ ...calm, throttling: false })
    this.sim.runFor(300 * second)
    const rest = this.sim.now + 3_600 * second
    while (this.sim.now < rest && !this.isAtRest) this.sim.runFor(30 * second)
    return this
  }

  private get isAtRest(): boolean {
    const { members, desired } = this.group
    return members.length === (desired ?? 0) && members.every(isWell)
  }

  get at(): Instant {
    return instant(Math.floor(this.sim.now))
  }

  private fail(what: string): never {
    throw new Error(what)
  }

  /** The rest of the house insists: its words are never lost. */
  say<A, S = never>(road: Road<A>, fact: A, state?: Parameters<typeof draftOf<A, S>>[2]): void {
    const { faults } = this.server
    this.server.faults = quiet
    this.server.append([draftOf(road, fact, state)])
    this.server.faults = faults
  }

  /** What the rest of the house has said by the time of the order. */
  private prepare(): void {
    this.mode("act")
    this.stop("run")
    if (this.options.risk !== null) this.score(this.options.risk)
  }

  /** The risk manager scores the pool anew. */
  score(change: Partial<PoolRisk> = {}): void {
    const { at } = this
    const pool = aPool()
    const priced = aPriced({ pool, readAt: at })
    const terms: typeof RiskTerms.Type = { ...calmTerms, weights: [40, 20, 10, 30] }
    const risk = aPoolRisk({ pool, priced, terms, scoredAt: at, ...change })
    const fact = new PoolScored({ pool, score: risk.score ?? score(0), terms, priced, at })
    this.say(poolScored, fact, { schema: PoolRisk, value: risk })
  }

  private readonly counted = new Map<string, number>()

  private howOf({ caller, call }: Sent, proc: Proc): How {
    const step = caller.step ?? ""
    const part = this.partNow()
    const name = `${step} ${part} ${call}`
    const k = (this.counted.get(name) ?? 0) + 1
    this.counted.set(name, k)
    const place: Place = { step, part, call, k }
    this.sent.push({ ...place, by: caller.by, isWrite: caller.until !== null, at: this.sim.now })
    this.onSent(place, proc)
    const found = this.options.breaks?.find(
      (one) => one.step === step && one.part === part && one.call === call && k >= one.k && k < one.k + (one.times ?? 1)
    )
    const { everyWrite = "well", firstOfEveryWrite = everyWrite } = this.options
    if (found === undefined) return caller.until === null ? "well" : k === 1 ? firstOfEveryWrite : everyWrite
    this.broken.push(found)
    return found.how
  }

  private partNow(): Part {
    const phase = this.phase
    if (phase === undefined) return "look"
    return phase === "Undo" ? "undo" : phase === "Outcome" ? "verify" : "do"
  }
}
