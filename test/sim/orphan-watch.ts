/**
 * Instances that end up outside of every group: some are left behind on purpose and must be ended in time (4), some are
 * their owners' by now and must stay (7), and facts are forged about many more.
 */
import type { InstanceRow } from "../../actors/_ports/world/state.ts"
import { instant, InstanceId } from "../../schemas/ids.ts"
import { orphanAfterMs, OrphanSeen, orphanSeen } from "../../schemas/orphan.ts"
import { endings } from "../../schemas/saga.ts"
import type { Sending } from "./cloud-wire.ts"
import { fleet } from "./fleet.ts"
import { type House, skewMaxMs } from "./house.ts"
import type { JournalWatch, Told } from "./journal-watch.ts"
import type { Judge } from "./judge.ts"
import type { Nemesis } from "./nemesis.ts"

/** Longer than an undo waits for what it cannot see. */
const unseenMs = { min: 90_000, max: 240_000 }
/** Sweeps find it, say it every five minutes, and one try may fail in the storm: then the next is a quarter later. */
const patienceMs = 10 * 60_000
const launchAction = "ec2:RunInstances"

export class OrphanWatch {
  /** Launched, and hidden from its own undo. */
  private readonly left = new Set<InstanceId>()
  /** Replacements that their owners took out of their groups once the swap was done. */
  readonly taken = new Set<string>()
  private readonly house: House
  private readonly judge: Judge
  private readonly journals: JournalWatch
  private readonly nemesis: Nemesis

  constructor(house: House, judge: Judge, journals: JournalWatch, nemesis: Nemesis) {
    this.house = house
    this.judge = judge
    this.journals = journals
    this.nemesis = nemesis
  }

  private get sim() {
    return this.house.sim
  }
  private get instances(): ReadonlyMap<string, InstanceRow> {
    return this.house.world.ground.rows.instances.rows
  }

  /** How many were left, how many of them were ended by a sweep, and how many were taken. */
  get figures() {
    const swept = [...this.journals.sweeps.values()].filter(({ last }) => last.phase === "Done").length
    return { left: this.left.size, swept, taken: this.taken.size }
  }

  /** Left behind, alive, and nobody's: of a saga that is stuck a person has been told. */
  get waiting(): ReadonlyArray<InstanceId> {
    return [...this.left].filter((id) => {
      const row = this.instances.get(id)
      const phase = this.journals.traces.get(row?.saga ?? "")?.last.phase
      return row !== undefined && isAlive(row) && row.member === null && phase !== "Stuck"
    })
  }

  /** 4: what was left behind is not there a quarter of an hour, and some patience, after it could have been ended. */
  overdue(healedAt: number): string | undefined {
    const late = this.waiting.find((id) => {
      const { launchedAt = 0, saga = "" } = this.instances.get(id) ?? {}
      const since = Math.max(healedAt, launchedAt, this.journals.traces.get(saga ?? "")?.at ?? 0)
      return this.house.sim.now - since > orphanAfterMs + patienceMs
    })
    return late === undefined ? undefined : `${late} was left behind, and nobody has ended it`
  }

  /** A launch that nobody heard of is not to be seen for a while either. */
  answered({ caller, label }: Sending): void {
    const { world, sim } = this.house
    if (label !== launchAction || caller.saga === null || !this.nemesis.unseen.delete(caller.saga)) return
    for (const { id, saga, member } of this.instances.values()) {
      if (saga !== caller.saga || member !== null) continue
      world.hide(id, sim.now + sim.between(unseenMs.min, unseenMs.max))
      this.left.add(id)
    }
  }

  onEntry(entry: Told): void {
    const { phase, step, mark, made } = entry
    const { sim, house } = this
    if (phase === "RolledBack") this.turnedBack(entry)
    if (house.isCalm || mark !== "move" || made.launch === undefined) return
    const launch = InstanceId.make(made.launch)
    // somebody lies about an instance that its saga is at work on, and about members
    if (phase === "Outcome" && step === "launch" && sim.chance(0.1)) this.forge(entry, launch)
    if (phase !== "Done") return
    if (sim.chance(0.1)) this.forge(entry, launch)
    if (sim.chance(0.1)) this.forgeOfGroup(entry)
    if (made["kept"] === true && sim.chance(0.1)) this.take(launch)
  }

  /** 4: whoever says that all is as before has ended what he launched, unless nobody could see it. */
  private turnedBack({ id }: Told): void {
    for (const row of this.instances.values()) {
      if (row.saga !== id || !isAlive(row) || row.member !== null || this.left.has(row.id)) continue
      this.judge.wrong(4, `${id} is turned back, and ${row.id} runs`, id)
    }
  }

  private take(instance: InstanceId): void {
    const { sim, house } = this
    sim.after(sim.between(5_000, 120_000), () => {
      if (house.isCalm) return
      if (house.world.user({ edit: "detach", instance, decrement: sim.chance(0.5) })) this.taken.add(instance)
    })
  }

  /** As a sweep would say it, were it so; now and then in the name of another tenant. */
  private forge({ id, input }: Pick<Told, "id" | "input">, instance: InstanceId): void {
    const { sim, house } = this
    const row = this.instances.get(instance)
    if (row === undefined) return
    const stranger = fleet.accounts.find(({ account }) => account !== input.account)
    const tenant = stranger !== undefined && sim.chance(0.2) ? stranger.tenant : input.tenant
    const { instanceType, zone } = row
    const { account, region } = input
    const at = { launchedAt: instant(row.launchedAt - 3_600_000), readAt: instant(Math.floor(sim.now)) }
    const fact = new OrphanSeen({ tenant, account, region, instance, instanceType, zone, saga: id, ...at })
    sim.after(sim.between(10, 60_000), () => house.say(orphanSeen, fact))
  }

  /** About a member that is none of ours. */
  private forgeOfGroup(entry: Told): void {
    const { account, region, group } = entry.input
    const members = this.house.world.ground.members(`${account}/${region}/${group}`)
    const customers = members.filter(({ saga }) => saga === null)
    const one = customers[Math.floor(this.house.sim.random() * customers.length)]
    if (one !== undefined) this.forge(entry, one.id)
  }

  /** The one call of a sweep, in the moment when it leaves: 7, what it ends is ours alone; 4, and nobody is at it. */
  sent({ caller, isWrite, label }: Sending): void {
    const sweep = this.journals.sweeps.get(caller.saga ?? "")?.last
    if (!isWrite || sweep === undefined) return
    const { instance } = sweep.input
    const row = this.instances.get(instance)
    if (row === undefined) return
    const wrong = (invariant: number, why: string) =>
      this.judge.wrong(invariant, `${label} of ${caller.saga} by ${caller.by}: ${instance} ${why}`, caller.saga)
    if (row.saga === null) return wrong(7, "is none that we launched")
    if (row.member !== null) return wrong(7, `is a member of ${row.member.group}`)
    if (this.taken.has(instance)) return wrong(7, "was taken out of its group by its owner, whose it is now")
    const trace = this.journals.traces.get(row.saga)
    if (trace === undefined) return wrong(30, "is of a saga that nobody remembers")
    if (trace.last.phase === "Stuck") return wrong(7, "was left to a person")
    if (trace.last.phase === "Done" && trace.last.made.launch === instance) return wrong(7, "was handed over")
    if (!endings.includes(trace.last.phase)) return wrong(4, `is of a saga at ${trace.last.phase} ${trace.last.step}`)
    const ms = this.house.sim.now - Math.max(row.launchedAt, trace.at)
    if (ms < orphanAfterMs - 2 * skewMaxMs) wrong(4, `was let go of ${Math.round(ms / 1_000)} s ago`)
  }
}

const isAlive = ({ state }: InstanceRow): boolean => state === "pending" || state === "running"
