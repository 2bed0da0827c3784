/**
 * One seed's life: the house is hurt for a while and watched at every step, then everything heals and it must come to
 * rest.
 */
import { type Cell, aimsOf } from "./coverage.ts"
import { CommitWatch } from "./commit-watch.ts"
import { CloudWatch } from "./cloud-watch.ts"
import { DeskWatch } from "./desk-watch.ts"
import { type Draw, drawOf } from "./draw.ts"
import { epoch as beginning } from "./engine.ts"
import { House } from "./house.ts"
import { JournalWatch, type Told, type Trace } from "./journal-watch.ts"
import { Judge, Violated } from "./judge.ts"
import { Nemesis } from "./nemesis.ts"
import { People } from "./people.ts"
import { endings } from "../../schemas/saga.ts"
import { OrphanWatch } from "./orphan-watch.ts"
import { groupKey, ledgerWrongs, restlessness, restWrongs, turnedKnobs, untouched } from "./rest.ts"
import { RiskWatch } from "./risk-watch.ts"

export interface Lived {
  readonly seed: number
  readonly hash: string
  readonly hours: number
  /** Processor time that the life took, in milliseconds: the one figure that differs between two runs of a seed. */
  readonly cpuMs: number
  readonly hits: Readonly<Record<string, number>>
  readonly figures: Readonly<Record<string, number>>
  readonly violation: string | null
  readonly invariant: number | null
  /** The last events of the saga concerned, where there was a violation. */
  readonly tail: ReadonlyArray<string>
}

/** The share of a life in which things go wrong, and how long the house then has to come to rest. */
const stormShare = 0.7
const restWithinMs = 30 * 60_000
const lookEveryMs = 15_000
/** What a group's plan may take at the cloud's own speed. */
const slowCloudMs = 3 * 3_600_000
/** Longer than a stream is without a leader, rows lag behind and a step is on its way. */
const haltWithinMs = 45_000

export class Life {
  readonly house: House
  readonly judge: Judge
  readonly journals: JournalWatch
  readonly risks: RiskWatch
  readonly desk: DeskWatch
  readonly cloud: CloudWatch
  readonly commits: CommitWatch
  readonly nemesis: Nemesis
  readonly people: People
  readonly orphans: OrphanWatch
  /** How often a stuck saga went on. */
  resumed = 0
  /** When everything began to work again. */
  healedAt = 0
  private readonly hours: number

  constructor(draw: Draw, hours: number, aims: ReadonlyArray<Cell>) {
    this.hours = hours
    const house = new House(draw)
    this.house = house
    this.judge = new Judge(house.sim)
    this.journals = new JournalWatch(this.judge)
    this.risks = new RiskWatch(this.judge)
    this.desk = new DeskWatch(this.judge)
    this.cloud = new CloudWatch(house, this.judge, this.journals, this.risks)
    this.commits = new CommitWatch(house, this.judge)
    this.people = new People(house)
    this.nemesis = new Nemesis(house, this.journals, aims)
    this.orphans = new OrphanWatch(house, this.judge, this.journals, this.nemesis)
    for (const hears of [this.risks, this.desk, this.cloud, this.journals, this.people]) {
      house.onStored.push((stored) => hears.hear(stored))
    }
    house.onStored.push((stored) => this.commits.settled(stored))
    house.onAnswered.push((sending, code) => this.cloud.answered(sending, code))
    house.onAnswered.push((sending) => this.commits.looked(sending))
    house.onAnswered.push((sending) => this.orphans.answered(sending))
    house.chooseFate = (sending) => {
      this.cloud.sent(sending)
      this.orphans.sent(sending)
      return this.nemesis.fate(sending)
    }
    this.journals.onEntry = (entry, before) => {
      if (before === undefined && !this.desk.released.has(entry.id)) {
        this.judge.wrong(20, `${entry.id} was begun and never released`, entry.id)
      }
      if (entry.mark === "resumed") this.resumed++
      if (entry.mark === "resumed" && !this.desk.retried.delete(entry.id)) {
        this.judge.wrong(20, `${entry.id} goes on, and nobody said so`, entry.id)
      }
      this.commits.hear(entry, before)
      if (entry.phase === "Intent" && entry.mark === "move" && before?.phase !== "Intent" && !entry.committed) {
        this.halted(entry)
      }
      if (entry.phase === "Done" || entry.phase === "RolledBack") this.ended(entry)
      this.people.onEntry(entry)
      this.orphans.onEntry(entry)
      this.nemesis.onEntry(entry)
    }
    this.journals.onSweep = (entry) => this.nemesis.onEntry(entry)
    const { violations } = house.world.ground.rows
    house.sim.check = () => {
      if (violations.rows.size === 0) return
      const first = violations.rows.values().next().value!
      this.judge.wrong(first.invariant, first.details, /\bby \S+ of (\S+)\/|^(\S+) /.exec(first.details)?.[1] ?? null)
    }
  }

  /** Throws `Violated`, `Livelock` and whatever else ends a run. */
  run(): void {
    const { house, people, nemesis } = this
    const stormMs = this.hours * 3_600_000 * stormShare
    people.connect(true)
    house.open()
    people.begin()
    nemesis.begin()
    if (house.draw.kind === "wiped") return this.forget(stormMs)
    house.sim.runFor(stormMs)
    this.rest()
  }

  private rest(): void {
    const { house, people } = this
    house.heal()
    people.heal()
    this.healedAt = house.sim.now
    // whoever swaps a whole group one by one needs longer for it where a machine takes minutes to come
    const slowMs = house.draw.speed < 6 ? slowCloudMs / house.draw.speed : 0
    const least = this.hours * 3_600_000 * (1 - stormShare)
    for (;;) {
      house.sim.runFor(lookEveryMs)
      const restless = restlessness(this)
      const passed = house.sim.now - this.healedAt
      if (restless.length === 0 && passed >= least) break
      const left = this.orphans.overdue(this.healedAt)
      if (left !== undefined) return this.judge.end(4, left)
      const old = this.journals.open.filter(({ last }) => last.startedAt < this.healedAt)
      if (passed > restWithinMs && old.length > 0) return this.judge.end(28, `${old.length} sagas are still open`)
      if (passed > restWithinMs + slowMs) return this.judge.end(28, restless.join("; "))
    }
    const wrong = [...restWrongs(this), ...ledgerWrongs(this)]
    const first = wrong[0]
    if (first !== undefined) this.judge.end(first[0], wrong.map(([n, what]) => `(${n}) ${what}`).join("; "))
  }

  /** The bus loses everything in mid-storm. Who starts anew has no orders, no approvals, and touches nothing. */
  private forget(stormMs: number): void {
    const { house, people } = this
    house.sim.runFor(stormMs / 2)
    house.close()
    house.heal()
    // what was on its way still arrives
    house.sim.runFor(60_000)
    const before = this.cloud.writes
    house.forget()
    this.journals.forget()
    this.risks.forget()
    people.connect(false)
    house.open()
    house.sim.runFor(Math.max(restWithinMs, this.hours * 3_600_000 - house.sim.elapsed))
    const wrong = untouched(this, before)
    if (wrong !== undefined) this.judge.end(30, wrong)
  }

  /** 2: where a swap ended and no other is under way, the group's knobs are as their owner or AWS set them. */
  private ended({ id, input }: Told): void {
    const isOther = ({ last }: Trace) =>
      last.id !== id && last.input.group === input.group && (last.phase === "Stuck" || !endings.includes(last.phase))
    if ([...this.journals.traces.values()].some(isOther)) return
    const group = this.house.world.ground.rows.groups.get(groupKey(input))
    // whoever scaled out into the room that the swap had made has made it his own, also when he scales in again
    if (group !== undefined && group.base.desired > group.base.maxSize) {
      group.base = { ...group.base, maxSize: group.maxSize }
    }
    const turned = group === undefined ? [] : turnedKnobs([group])
    if (turned.length > 0) this.judge.wrong(2, `${id} leaves ${turned.join()}`, id)
  }

  /**
   * 22: soon after a halt, a lowered mode, or a word to turn back, nobody begins a step forward; who has just
   * woken up hears of it in the next moment.
   */
  private halted({ account, id, by }: Told): void {
    const { house } = this
    const { stop, since } = this.desk.stopOf(account)
    const never = Number.POSITIVE_INFINITY
    const { abortedAt, loweredAt } = this.desk
    const words = [abortedAt.get(id) ?? never, loweredAt.get(account) ?? never, stop === "halt" ? since : never]
    const ms = house.sim.now - Math.min(...words)
    const proc = house.procs.get(by.split(":")[0] ?? "")
    if (ms < haltWithinMs || proc === undefined || house.wokenWithin(proc, 10_000)) return
    this.judge.wrong(22, `${id} goes on ${(ms / 1000).toFixed(0)} s after it was to turn back`, id)
  }
}

/** The last messages about a saga, newest last, or of the whole log where there is none. */
const tailOf = ({ house }: Life, saga: string | null): ReadonlyArray<string> => {
  const text = new TextDecoder()
  const all = house.server.log.after(0, Number.MAX_SAFE_INTEGER)
  const about = all.filter(({ data }) => saga === null || text.decode(data).includes(saga)).slice(-30)
  return about.map(({ seq, at, subject, data }) => {
    const { tag, body } = JSON.parse(text.decode(data)) as { tag: string; body: Record<string, unknown> }
    const { n, mark, phase, step, by, epoch, way, code, reason, action, outcome, end } = body
    const what = Object.entries({ n, mark, phase, step, by, epoch, way, code, reason, action, outcome, end })
    const said = what
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name}=${value}`)
    const seconds = ((at - beginning) / 1_000).toFixed(2).padStart(9)
    return `${seconds} #${seq} ${tag} ${subject.slice(0, 60)} ${said.join(" ")}`
  })
}

const cpuMsSince = (began: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}

export const live = (seed: number, hours: number): Lived => {
  const began = process.cpuUsage()
  const life = new Life(drawOf(seed), hours, aimsOf(seed))
  let error: unknown
  try {
    life.run()
  } catch (cause) {
    error = cause
  }
  const { house, cloud, desk, nemesis, journals, orphans } = life
  const isViolated = error instanceof Violated
  const ends = { Done: 0, RolledBack: 0, Refused: 0, Stuck: 0 }
  for (const { last } of journals.traces.values()) if (last.phase in ends) ends[last.phase as keyof typeof ends]++
  return {
    seed,
    hash: house.hash(),
    hours: house.sim.elapsed / 3_600_000,
    cpuMs: cpuMsSince(began),
    hits: Object.fromEntries(nemesis.hits),
    figures: {
      steps: house.sim.steps,
      messages: house.server.log.lastSeq,
      writes: cloud.writes,
      orders: desk.orders,
      throttlings: cloud.throttlings,
      late: house.world.report({}).refusedLate,
      ...orphans.figures,
      resumed: life.resumed,
      ...ends
    },
    violation: error === undefined ? null : error instanceof Error ? error.message : String(error),
    invariant: error === undefined ? null : isViolated ? (error as Violated).invariant : 0,
    tail: error === undefined ? [] : tailOf(life, isViolated ? (error as Violated).saga : null)
  }
}
