/** Every call as it reaches the cloud, held against journal and audit: invariants 7, 10, 11, 15, 22, 25 and 26. */
import type { WriteRow } from "../../actors/_ports/world/state.ts"
import type { Stored } from "../../bus/bus.ts"
import { productTerms } from "../../bus/lease.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { matches } from "../../schemas/message.ts"
import { poolToken } from "../../schemas/pool.ts"
import type { Sending } from "./cloud-wire.ts"
import { type House, skewMaxMs } from "./house.ts"
import type { JournalWatch, Told } from "./journal-watch.ts"
import type { Judge } from "./judge.ts"
import type { RiskWatch } from "./risk-watch.ts"

interface Audited {
  readonly call: string
  readonly action: string
  readonly by: string
  readonly saga: string | null
  readonly step: string | null
}
const text = new TextDecoder()
const throttles = new Set(["RequestLimitExceeded", "Throttling", "ThrottlingException"])
/** The runner's first pause, less what a clock rounds. */
const pauseMs = 450
/** Between the last look at the lease and the sending there is no waiting, but scheduling there may be. */
const lateMs = 50
const launchAction = "ec2:RunInstances"
const endAction = "ec2:TerminateInstances"
/** So long after a quarantine became visible a launch may still leave: what asking for it may take. */
const quarantineWithinMs = 5_000
const sinks = new Set(["autoscaling:TerminateInstanceInAutoScalingGroup", endAction])

export class CloudWatch {
  /** Writes announced and not yet seen at the cloud, by who, for what and which; and those without an outcome. */
  private readonly announced = new Map<string, number>()
  readonly unended = new Map<string, Audited & { readonly at: number }>()
  private readonly throttled = new Map<string, number>()
  private seen = 0
  writes = 0
  throttlings = 0
  private readonly house: House
  private readonly judge: Judge
  private readonly journals: JournalWatch
  private readonly risks: RiskWatch

  constructor(house: House, judge: Judge, journals: JournalWatch, risks: RiskWatch) {
    this.house = house
    this.judge = judge
    this.journals = journals
    this.risks = risks
  }

  hear(stored: Stored): void {
    if (matches(callBegun.filter, stored.subject)) {
      const { body } = JSON.parse(text.decode(stored.data)) as { readonly body: Audited }
      if (this.unended.has(body.call)) return // said twice, as one whose answer was lost
      const key = keyOf(body)
      this.announced.set(key, (this.announced.get(key) ?? 0) + 1)
      this.unended.set(body.call, { ...body, at: stored.at })
    } else if (matches(callEnded.filter, stored.subject)) {
      const { body } = JSON.parse(text.decode(stored.data)) as { readonly body: Audited }
      this.unended.delete(body.call)
    }
  }

  /**
   * 9: no write is begun without lease for all of its time, by its own clock; just woken, a process cannot know
   * better. 15: nor a launch into a quarantine that was said more than five seconds ago.
   */
  sent({ proc, caller, label, isWrite }: Sending): void {
    if (!isWrite || this.house.wokenWithin(proc, lateMs)) return
    const short = proc.wallMs + productTerms.callTimeoutMs - (caller.until ?? 0)
    if (short > lateMs) this.judge.wrong(9, `${label} by ${caller.by} begun ${short} ms short of lease`, caller.saga)
    const late = label === launchAction ? this.quarantinedMs(caller.saga) : 0
    if (late > quarantineWithinMs) {
      const said = `quarantine was said ${Math.round(late)} ms ago`
      this.judge.wrong(15, `${label} by ${caller.by} in a pool whose ${said}`, caller.saga)
    }
  }

  answered({ caller, label, isWrite }: Sending, code: string | null): void {
    const { sim, world } = this.house
    // a step and its undo are two askings
    const whose = `${caller.by} ${caller.step} ${this.journals.lastOf(caller.saga)?.phase}`
    if (caller.saga !== null) {
      const since = sim.now - (this.throttled.get(whose) ?? Number.NEGATIVE_INFINITY)
      if (since < pauseMs) this.judge.wrong(26, `${label} of ${whose} ${since} ms after it was throttled`, caller.saga)
      if (code !== null && throttles.has(code)) {
        this.throttlings++
        this.throttled.set(whose, sim.now)
      } else this.throttled.delete(whose)
    }
    const row = world.ground.rows.counters.get("write")?.value ?? 0
    if (row === this.seen) return
    this.seen = row
    const write = world.ground.rows.writes.get(String(row))
    if (write !== undefined && isWrite) this.wrote(write)
  }

  private wrote(write: WriteRow): void {
    this.writes++
    const wrong = (invariant: number, details: string) =>
      this.judge.wrong(
        invariant,
        `${write.action} of ${write.saga}/${write.step} by ${write.by}: ${details}`,
        write.saga
      )
    const key = keyOf(write)
    const left = (this.announced.get(key) ?? 0) - 1
    this.announced.set(key, left)
    if (left < 0) wrong(25, "no record of it was stored before it was made")
    if (write.outcome !== "executed") return
    const last = this.journals.lastOf(write.saga)
    if (last === undefined) return wrong(11, "no journal speaks of it")
    if (last.by !== write.by) wrong(10, `the saga is ${last.by}'s`)
    const intent = last.way === "back" ? "Undo" : last.step === "retire" ? "Commit" : "Intent"
    if (last.step !== write.step || last.phase !== intent) {
      wrong(11, `the journal stands at ${last.phase} ${last.step}, not at ${intent} ${write.step}`)
    }
    const swap = this.journals.traces.get(write.saga ?? "")?.last
    if (swap === undefined) return // a sweep's one call is judged as it leaves
    this.destroyed(write, swap, wrong)
    if (write.action === launchAction) this.launched(swap, wrong)
  }

  private destroyed(write: WriteRow, last: Told, wrong: (invariant: number, details: string) => void): void {
    if (!sinks.has(write.action)) return
    const { instance } = write.request as { readonly instance: string }
    const { old } = last.input.move
    const { instances } = this.house.world.ground.rows
    if (instance === old) {
      if (!last.committed) wrong(7, `ends the customer's ${instance} before the commit`)
      return
    }
    const whose = instances.get(instance)?.saga ?? null
    // a group's member may have to go in place of a lost one: outside of groups only what we launched may
    if (whose === null && write.action === endAction) wrong(7, `ends ${instance}, which we did not launch`)
    if (whose !== null && whose !== write.saga) wrong(7, `ends ${instance}, the replacement of ${whose}`)
    // where somebody else has taken the old one, the group is one too large, and whoever came last goes
    const isOldThere = instances.get(old)?.member?.state.startsWith("Terminating") === false
    if (last.way === "forward" && isOldThere) wrong(7, `ends ${instance}, which is not what it replaces`)
  }

  /**
   * 15: what was sent in time and held up on its way, as by a process that stood still, is bounded by the lease alone.
   */
  private launched({ id }: Told, wrong: (invariant: number, details: string) => void): void {
    const late = this.quarantinedMs(id)
    if (late > productTerms.leaseMs + quarantineWithinMs) {
      wrong(15, `in a pool whose quarantine was said ${(late / 1000).toFixed(0)} s ago`)
    }
  }

  /** How long the log's leader has known of the quarantine of the saga's pool; 0: there is none, by anybody's clock. */
  private quarantinedMs(saga: string | null): number {
    const pool = this.journals.traces.get(saga ?? "")?.last.input.move.pool
    const poison = pool && this.risks.poisoned.get(poolToken(pool))
    const { now } = this.house.sim
    return poison === undefined || poison.until <= now + skewMaxMs ? 0 : now - poison.since
  }
}

const keyOf = ({ by, saga, step, action }: Omit<Audited, "call">): string => `${by} ${saga} ${step} ${action}`
