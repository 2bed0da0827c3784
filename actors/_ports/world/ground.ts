/** What the nouns of the simulated cloud stand on: tables, sums, future, time and chance. It knows no rule of AWS. */
import { type InstanceId, instant, type Instant } from "../../../schemas/ids.ts"
import type { Group } from "../group.ts"
import type { Instance } from "../ec2.ts"
import { Agenda } from "./agenda.ts"
import { type Change, Counts } from "./counts.ts"
import { type Behaviours, calm, type Range } from "./faults.ts"
import { type Market, SpotHistory } from "./market.ts"
import { type GroupRow, type InstanceRow, type Tables, tables, type WriteRow } from "./state.ts"
import { Buckets } from "./throttle.ts"

export interface WorldOptions {
  /** Milliseconds since 1970; never asked for anything but the present. */
  readonly now: () => number
  /** 0 <= x < 1: the only chance in the world. */
  readonly random: () => number
  /** Divides the cloud's durations and multiplies the refill of its buckets. Instants and leases stay real. */
  readonly speed: number
  readonly market: Market
  readonly behaviours?: Partial<Behaviours>
  /** Takes one line for every entry that changed something, before its answer leaves; see the log. */
  readonly keep?: (line: string) => void
  /**
   * Told, at the end of an entry, when the next thing will happen by itself, if that changed. A host asks `nextDue` at
   * its start, then sets its alarm by this.
   */
  readonly wake?: (at: number) => void
}

export class Ground {
  readonly speed: number
  readonly market: Market
  /** May be changed at any time. */
  readonly behaviours: Behaviours
  readonly rows: Tables = tables()
  readonly agenda = new Agenda(this.rows.agenda)
  readonly counts = new Counts()
  readonly buckets: Buckets
  readonly history: SpotHistory
  /** The moment at which the world stands: the present, or that of the event that it just works off. */
  at = 0
  /** The write that is being carried out; null while the world moves by itself or its owners act. */
  current: WriteRow | null = null
  /** Answers as they were last given, until their row changes. */
  readonly seenInstances = new Map<InstanceId, Instance>()
  readonly seenGroups = new Map<string, Group>()
  /** Hears of every change of what serves. */
  onServing: (change: Change) => void = () => {}
  readonly present: () => number
  private readonly random: () => number
  private readonly keep: ((line: string) => void) | undefined
  private readonly wake: ((at: number) => void) | undefined
  private told: number | undefined = undefined

  constructor(options: WorldOptions) {
    this.speed = options.speed
    this.market = options.market
    this.behaviours = { ...calm, ...options.behaviours }
    this.buckets = new Buckets(options.speed)
    this.history = new SpotHistory(options.market)
    this.present = options.now
    this.random = options.random
    this.keep = options.keep
    this.wake = options.wake
    this.at = options.now()
  }

  get instant(): Instant {
    return instant(this.at)
  }
  /** Draws nothing where the rate is nought: a switch that is off changes no history. */
  chance(rate: number): boolean {
    return rate > 0 && this.random() < rate
  }
  draw(): number {
    return this.random()
  }
  /** A duration of the cloud, in real milliseconds. */
  span([from, to]: Range): number {
    return (from === to ? from : from + this.random() * (to - from)) / this.speed
  }

  count(name: string): number {
    const value = (this.rows.counters.get(name)?.value ?? 0) + 1
    this.rows.counters.put(name, { value })
    return value
  }

  plan(kind: string, about: string, at: number): void {
    this.agenda.plan({ at, n: this.count("due"), kind, about })
  }

  /** The row changed, or is new. */
  mark(row: InstanceRow): void {
    this.rows.instances.put(row.id, row)
    this.seenInstances.delete(row.id)
    if (row.member !== null) this.seenGroups.delete(row.member.group)
    for (const change of this.counts.place(row)) this.onServing(change)
  }
  markGroup(row: GroupRow): void {
    this.rows.groups.put(row.key, row)
    this.seenGroups.delete(row.key)
  }
  /** Takes an instance out of its group. */
  release(row: InstanceRow): void {
    if (row.member !== null) this.seenGroups.delete(row.member.group)
    row.member = null
    this.mark(row)
  }

  /** The members of a group, the oldest first. */
  members(group: string): ReadonlyArray<InstanceRow> {
    const rows: Array<InstanceRow> = []
    for (const id of this.counts.members.get(group) ?? []) {
      const row = this.rows.instances.get(id)
      if (row !== undefined) rows.push(row)
    }
    return rows.sort((a, b) => a.n - b.n)
  }

  /** Closes an entry: all that it changed becomes one line, so that a kill leaves either all of it or nothing. */
  commit(): void {
    let isDirty = false
    for (const name in this.rows) if (this.rows[name as keyof Tables].dirty.size > 0) isDirty = true
    if (!isDirty) return
    const line = this.keep === undefined ? undefined : this.line()
    for (const name in this.rows) this.rows[name as keyof Tables].dirty.clear()
    if (line !== undefined) this.keep?.(line)
    const next = this.agenda.next()
    if (next !== this.told && next !== undefined) this.wake?.(next)
    this.told = next
  }

  private line(): string {
    const put: Record<string, Array<readonly [string, unknown]>> = {}
    const drop: Record<string, Array<string>> = {}
    for (const name in this.rows) {
      const table = this.rows[name as keyof Tables]
      for (const key of table.dirty) {
        const row = table.get(key)
        if (row === undefined) (drop[name] ??= []).push(key)
        else (put[name] ??= []).push([key, row])
      }
    }
    return JSON.stringify({ at: this.at, put, drop })
  }
}
