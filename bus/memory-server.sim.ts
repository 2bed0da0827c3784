/** A JetStream in memory: plain synchronous code that knows no process, answers what it is asked, and loses. */
import type { Bucket } from "../schemas/catalogue.ts"
import { instant } from "../schemas/ids.ts"
import { burial, readBuried } from "./buried.ts"
import type { ConsumerSpec, Dead, Draft, Row, Standing, Stored, Verdict } from "./bus.ts"
import { MemoryConsumer, type Parcel, type Tally, type Waiter } from "./memory-consumer.sim.ts"
import { calm, type Faults, Leader, type Surroundings } from "./memory-faults.sim.ts"
import { conditionOf, MemoryLog, mustBeBatch } from "./memory-log.sim.ts"
import { MemoryTables, type Watcher } from "./memory-rows.sim.ts"
import { deadPageMax, deadSubject, logName } from "./streams.ts"

const bytes = new TextEncoder()

/** One server, or three that agree: they differ in what they answer to writers who meet. */
export type Replicas = "R1" | "R3"

export interface ServerOptions extends Surroundings {
  /** Default R1. */
  readonly mode?: Replicas
  /** Default none. */
  readonly faults?: Faults
}

/** What the server says, or that it says nothing. `afterMs`: how long the caller waits for that, beside the wire. */
export type Answer<A> =
  | { readonly _tag: "Told"; readonly value: A; readonly afterMs: number }
  | { readonly _tag: "Silence"; readonly afterMs: number; readonly why: string }

/** How an append ended where the server answered. */
export type Appended =
  | { readonly _tag: "Appended"; readonly seq: number }
  | { readonly _tag: "Refused"; readonly reason: "conflict" | "in-flight"; readonly details: string }

/** Longest that a caller waits for a server that does not answer. */
const requestTimeoutMs = 5_000
/** A write on three servers is under way for 1 to 4 ms, measured on a cluster that syncs always. */
const settleMs = { min: 1, max: 4 }

const told = <A>(value: A, afterMs = 0): Answer<A> => ({ _tag: "Told", value, afterMs })
const silence = (why: string): Answer<never> => ({ _tag: "Silence", afterMs: requestTimeoutMs, why })
const refused = (reason: "conflict" | "in-flight", details: string): Appended => ({ _tag: "Refused", reason, details })

export class MemoryServer {
  readonly mode: Replicas
  /** May be changed at any time, for instance to `calm` so that the house can come to rest. */
  faults: Faults
  readonly log = new MemoryLog()
  /** Everything buried so far, as DEAD holds it. */
  readonly dead: Array<Stored> = []
  private readonly surroundings: Surroundings
  private readonly madeAt: number
  private readonly leader: Leader
  private readonly consumers = new Map<string, MemoryConsumer>()
  private readonly tables: MemoryTables
  /** R3: subjects and conditions of writes under way, and until when they are. */
  private readonly underWay = new Map<string, number>()
  private readonly graves = new Set<string>()
  private hooks: Array<(stored: Stored) => void> = []
  private isPumpSet = false

  constructor({ mode = "R1", faults = calm, ...surroundings }: ServerOptions) {
    this.mode = mode
    this.faults = faults
    this.surroundings = surroundings
    this.madeAt = surroundings.now()
    this.leader = new Leader(surroundings)
    this.tables = new MemoryTables(this.log, (run) => this.lagging(run))
  }

  /** Hexadecimal SHA-256 of every message stored so far, with its sequence and time: equal histories, equal hashes. */
  hash(): string {
    return this.log.hash()
  }

  /** Hears every message of LOG in the moment of its being stored, before its writer does. Answers how to stop. */
  onAppend(hook: (stored: Stored) => void): () => void {
    this.hooks = [...this.hooks, hook]
    return () => {
      this.hooks = this.hooks.filter((other) => other !== hook)
    }
  }

  /** Loses the leader for so many milliseconds from now. */
  loseLeader(ms: number): void {
    this.leader.lose(ms)
  }

  /** The consumers that were ever made. */
  get consumerNames(): ReadonlyArray<string> {
    return [...this.consumers.keys()]
  }

  /** How a consumer stands; undefined where nobody has made it. */
  standing(consumer: string): Tally | undefined {
    return this.consumers.get(consumer)?.tally
  }

  /** Stores all drafts or none. A batch that no server could take is the caller's mistake and throws. */
  append(drafts: ReadonlyArray<Draft>): Answer<Appended> {
    mustBeBatch(drafts)
    if (this.isLeaderless()) return silence("no leader")
    if (this.chance("lostRequest")) return silence("the request was lost")
    const no = this.refusal(drafts)
    if (no !== undefined) return told(no)
    const afterMs = this.settling(drafts)
    const stored = this.log.store(drafts, this.surroundings.now())
    for (const message of stored) for (const hook of this.hooks) hook(message)
    this.tables.follow()
    for (const consumer of this.consumers.values()) consumer.pump()
    if (this.chance("lostReply")) return silence("the answer was lost")
    return told({ _tag: "Appended", seq: stored.at(-1)!.seq }, afterMs)
  }

  recall(filter: string): Answer<Stored | undefined> {
    return this.answer(() => this.log.at(this.log.lastOf(filter)))
  }

  scan(after: number, max: number): Answer<ReadonlyArray<Stored>> {
    return this.answer(() => this.log.after(after, max))
  }

  /** Two servers of one simulation may share a moment of birth: no test asks one of them for the other's log. */
  epoch(): Answer<string> {
    return this.answer(() => `${logName}-${this.madeAt.toString(36)}`)
  }

  /** Makes the consumer, from the log's beginning, or gives it the new terms. */
  hear(spec: ConsumerSpec): Answer<void> {
    return this.answer(() => {
      const consumer = this.consumers.get(spec.name)
      if (consumer === undefined) this.consumers.set(spec.name, new MemoryConsumer(spec, this.home()))
      else consumer.spec = spec
    })
  }

  /** Deliveries that are there; empty: the waiter is given some when there are. */
  take(consumer: string, waiter: Waiter): Answer<ReadonlyArray<Parcel>> {
    return this.answer(() => this.consumerCalled(consumer).take(waiter))
  }

  settle(consumer: string, seq: number, verdict: Verdict): Answer<void> {
    return this.answer(() => {
      if (!this.chance("lostAck")) this.consumerCalled(consumer).settle(seq, verdict)
    })
  }

  working(consumer: string, seq: number): void {
    if (!this.isLeaderless()) this.consumerCalled(consumer).working(seq)
  }

  /** A consumer buries a message once; a repeat is answered and not stored. */
  bury(message: Stored, consumer: string, reason: string): Answer<void> {
    return this.answer(() => {
      const grave = `${consumer} ${message.seq}`
      if (this.graves.has(grave)) return
      this.graves.add(grave)
      const data = bytes.encode(burial(message, consumer, reason))
      const at = instant(this.surroundings.now())
      const letter: Stored = { seq: this.dead.length + 1, subject: deadSubject(consumer), data, at }
      this.dead.push(letter)
      this.log.count("DEAD", letter)
    })
  }

  /** How every consumer stands, one by one of its filters. */
  standings(): Answer<ReadonlyArray<Standing>> {
    return this.answer(() => [...this.consumers.values()].flatMap((consumer) => consumer.standings()))
  }

  /** What was buried below `before`, newest first. */
  exhume(before: number | undefined, max: number): Answer<ReadonlyArray<Dead>> {
    return this.answer(() =>
      this.dead
        .filter(({ seq }) => before === undefined || seq < before)
        .toReversed()
        .slice(0, Math.max(0, Math.min(max, deadPageMax)))
        .map(({ seq, at, data }) => ({ seq, at, buried: readBuried(data) }))
    )
  }

  /** All rows of a bucket as far as they have been made; the watcher is told of later ones. */
  watchBucket(bucket: Bucket, watcher: Watcher): Answer<ReadonlyArray<Row>> {
    return this.answer(() => this.tables.ofBucket(bucket).watch(watcher))
  }

  /** The newest remark per thing under a filter; the watcher is told of later ones. */
  watchRemarks(filter: string, watcher: Watcher): Answer<ReadonlyArray<Row>> {
    return this.answer(() => this.tables.ofRemarks(filter).watch(watcher))
  }

  /** Keeps a remark as the newest on its subject. */
  remark(subject: string, data: Uint8Array): void {
    if (!this.isLeaderless()) this.tables.remark(subject, data, instant(this.surroundings.now()))
  }

  private answer<A>(value: () => A): Answer<A> {
    return this.isLeaderless() ? silence("no leader") : told(value())
  }

  private consumerCalled(name: string): MemoryConsumer {
    const consumer = this.consumers.get(name)
    if (consumer === undefined) throw new Error(`no consumer ${name}: hear makes it`)
    return consumer
  }

  private home() {
    const { log, surroundings } = this
    return { ...surroundings, log, faults: () => this.faults, isServing: () => !this.isLeaderless() }
  }

  private refusal(drafts: ReadonlyArray<Draft>): Appended | undefined {
    for (const draft of drafts) {
      const on = conditionOf(draft)
      if (on === undefined || draft.expect === undefined) continue
      if (this.mode === "R3") {
        if ((this.underWay.get(on) ?? 0) > this.surroundings.now()) return refused("in-flight", on)
        if (this.chance("inFlight")) return refused("in-flight", on)
        if (this.chance("conflict")) return refused("conflict", on)
      }
      const last = this.log.lastOf(on)
      if (last !== draft.expect.seq) return refused("conflict", `last on ${on} is ${last}, not ${draft.expect.seq}`)
    }
    return undefined
  }

  /** R3: notes what is being written. Gives how long it is, which is how long its writer waits. */
  private settling(drafts: ReadonlyArray<Draft>): number {
    if (this.mode === "R1") return 0
    const now = this.surroundings.now()
    const lasts = settleMs.min + this.surroundings.random() * (settleMs.max - settleMs.min)
    if (this.underWay.size > 1_000) for (const [on, until] of this.underWay) if (until <= now) this.underWay.delete(on)
    for (const draft of drafts) {
      this.underWay.set(draft.subject, now + lasts)
      this.underWay.set(conditionOf(draft) ?? draft.subject, now + lasts)
    }
    return lasts + 1 // a whole millisecond more: clocks round
  }

  private lagging(run: () => void) {
    const max = this.faults.rowLagMaxMs
    if (max > 0) this.surroundings.after(this.surroundings.random() * max, run)
    else run()
  }

  /** While it is, whoever waits for deliveries is served as soon as there is a leader again. */
  private isLeaderless(): boolean {
    const missingMs = this.leader.missingMs(this.faults.leaderLossPerHour)
    if (missingMs > 0 && !this.isPumpSet) {
      this.isPumpSet = true
      this.surroundings.after(missingMs, () => {
        this.isPumpSet = false
        for (const consumer of this.consumers.values()) consumer.pump()
      })
    }
    return missingMs > 0
  }

  private chance(what: "lostRequest" | "lostReply" | "lostAck" | "inFlight" | "conflict"): boolean {
    const rate = this.faults[what]
    return rate > 0 && this.surroundings.random() < rate
  }
}
