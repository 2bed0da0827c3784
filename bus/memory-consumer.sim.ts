/** A durable consumer at a memory server: what it has handed out, to whom it was not settled, and who waits. */
import { matches } from "../schemas/message.ts"
import type { ConsumerSpec, Standing, Stored, Verdict } from "./bus.ts"
import type { Faults, Surroundings } from "./memory-faults.sim.ts"
import type { MemoryLog } from "./memory-log.sim.ts"

/** A delivery as it leaves the server. */
export interface Parcel {
  readonly stored: Stored
  /** 1 the first time. */
  readonly attempt: number
}

/** A take that waits for a delivery. */
export interface Waiter {
  readonly max: number
  /** False once its process has died or its take was given up: the server then passes it over. */
  readonly isWanted: () => boolean
  readonly give: (parcels: ReadonlyArray<Parcel>) => void
}

/** How a consumer stands, for those who look on. */
export interface Tally {
  /** Sequences handed out at least once, or held back, and not settled. */
  readonly unsettled: ReadonlyArray<number>
  /** How many messages it has not handed out yet. */
  readonly unread: number
  /** Deliveries altogether, and how many of them were not the first of their message. */
  readonly deliveries: number
  readonly redeliveries: number
}

export interface ConsumerHome extends Surroundings {
  readonly log: MemoryLog
  readonly faults: () => Faults
  /** False while there is no leader: nothing is delivered; the server pumps again when there is one. */
  readonly isServing: () => boolean
}

interface Pending {
  attempt: number
  isOut: boolean
  /** Stops what is to happen next: the end of the ack wait, or a redelivery put off. */
  cancel: () => void
}

/** A copy that came twice follows the first one within this time. */
const duplicateWithinMs = 1_000
const nothing = () => {}

export class MemoryConsumer {
  spec: ConsumerSpec
  private readTo = 0
  private deliveries = 0
  private redeliveries = 0
  private readonly pending = new Map<number, Pending>()
  /** Due for another delivery, in order of becoming so. */
  private readonly again = new Set<number>()
  private waiters: Array<Waiter> = []
  private readonly home: ConsumerHome

  constructor(spec: ConsumerSpec, home: ConsumerHome) {
    this.spec = spec
    this.home = home
  }

  get tally(): Tally {
    const { deliveries, redeliveries } = this
    const unread = this.home.log
      .after(this.readTo, Number.MAX_SAFE_INTEGER)
      .filter(({ subject }) => this.hears(subject))
    return { unsettled: [...this.pending.keys()], unread: unread.length, deliveries, redeliveries }
  }

  /** As each of its filters would stand if it had a consumer of its own. What is held back was not given yet. */
  standings(): ReadonlyArray<Standing> {
    const { log } = this.home
    const unread = log.after(this.readTo, Number.MAX_SAFE_INTEGER)
    return this.spec.filters.map((filter) => {
      const isOfIt = ({ subject }: Stored) => matches(filter, subject)
      const own = [...this.pending].filter(([seq]) => isOfIt(log.at(seq)!))
      const given = own.filter(([, { attempt }]) => attempt > 0)
      return {
        name: this.spec.name,
        filter,
        settled: Math.min(this.readTo, ...own.map(([seq]) => seq - 1)),
        pending: unread.filter(isOfIt).length + own.length - given.length,
        open: given.length,
        redelivered: given.filter(([, { attempt }]) => attempt > 1).length
      }
    })
  }

  /** Gives what is there; where nothing is, the waiter is given something later. */
  take(waiter: Waiter): ReadonlyArray<Parcel> {
    this.pump() // those who came before go first
    const parcels = this.draw(waiter.max)
    if (parcels.length === 0) this.waiters.push(waiter)
    return parcels
  }

  /** Serves those who wait, as far as there is something. */
  pump(): void {
    for (let first = this.waiters[0]; first !== undefined; first = this.waiters[0]) {
      if (first.isWanted()) {
        const parcels = this.draw(first.max)
        if (parcels.length === 0) return
        this.waiters.shift()
        first.give(parcels)
      } else this.waiters.shift()
    }
  }

  /** By the message alone, as JetStream has it: a stale holder's verdict counts for the redelivery too. */
  settle(seq: number, verdict: Verdict): void {
    const pending = this.pending.get(seq)
    if (pending === undefined) return
    pending.cancel()
    this.again.delete(seq)
    if (verdict._tag === "Ack") this.pending.delete(seq)
    else {
      pending.isOut = false
      pending.cancel = this.home.after(verdict.afterMs, () => this.redeliver(seq))
    }
    this.pump()
  }

  working(seq: number): void {
    const pending = this.pending.get(seq)
    if (pending?.isOut) this.watch(seq, pending)
  }

  private draw(max: number): ReadonlyArray<Parcel> {
    const parcels: Array<Parcel> = []
    while (parcels.length < max && this.home.isServing()) {
      const seq = this.due() ?? this.fresh()
      if (seq === undefined) break
      parcels.push(this.handOut(seq))
    }
    return parcels
  }

  private due(): number | undefined {
    if (this.again.size === 0) return undefined
    const skip = this.chance("reorder") ? Math.floor(this.home.random() * this.again.size) : 0
    const seq = this.again.values().drop(skip).next().value
    if (seq !== undefined) this.again.delete(seq)
    return seq
  }

  /** A message never delivered before, unless too many are unsettled. */
  private fresh(): number | undefined {
    for (let seq = this.readOn(); seq !== undefined; seq = this.readOn()) {
      const late = seq
      if (this.chance("delay")) {
        const afterMs = this.home.random() * this.home.faults().delayMaxMs
        this.pending.get(seq)!.cancel = this.home.after(afterMs, () => this.redeliver(late))
        continue
      }
      const other = this.chance("reorder") ? this.readOn() : undefined
      if (other === undefined) return seq
      this.again.add(seq)
      return other
    }
    return undefined
  }

  private hears(subject: string): boolean {
    return this.spec.filters.some((filter) => matches(filter, subject))
  }

  private readOn(): number | undefined {
    if (this.pending.size >= this.spec.inFlightMax) return undefined
    while (this.readTo < this.home.log.lastSeq) {
      const { subject } = this.home.log.at(++this.readTo)!
      if (!this.hears(subject)) continue
      this.pending.set(this.readTo, { attempt: 0, isOut: false, cancel: nothing })
      return this.readTo
    }
    return undefined
  }

  private handOut(seq: number): Parcel {
    const pending = this.pending.get(seq)!
    pending.attempt++
    pending.isOut = true
    this.watch(seq, pending)
    this.deliveries++
    if (pending.attempt > 1) this.redeliveries++
    if (this.chance("duplicate")) this.repeat(seq, pending.attempt)
    return { stored: this.home.log.at(seq)!, attempt: pending.attempt }
  }

  private repeat(seq: number, attempt: number) {
    this.home.after(this.home.random() * duplicateWithinMs, () => {
      if (!this.pending.has(seq)) this.pending.set(seq, { attempt, isOut: false, cancel: nothing })
      this.redeliver(seq)
    })
  }

  private watch(seq: number, pending: Pending) {
    pending.cancel()
    pending.cancel = this.home.after(this.spec.ackWaitMs, () => this.redeliver(seq))
  }

  private redeliver(seq: number) {
    const pending = this.pending.get(seq)
    if (pending === undefined) return
    pending.cancel()
    pending.isOut = false
    this.again.add(seq)
    this.pump()
  }

  private chance(what: "duplicate" | "reorder" | "delay"): boolean {
    const rate = this.home.faults()[what]
    return rate > 0 && this.home.random() < rate
  }
}
