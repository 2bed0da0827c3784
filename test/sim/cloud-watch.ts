/** Every call as it reaches the cloud, held against journal and audit: invariants 7, 10, 11, 15, 22, 25 and 26. */
import type { WriteRow } from "../../actors/_ports/world/state.ts"
import type { Stored } from "../../bus/bus.ts"
import { productTerms } from "../../bus/lease.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { matches } from "../../schemas/message.ts"
import { poolToken } from "../../schemas/pool.ts"
import type { Sending } from "./cloud-wire.ts"
import type { House } from "./house.ts"
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
const sinks = new Set(["autoscaling:TerminateInstanceInAutoScalingGroup", "ec2:TerminateInstances"])

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

  answered({ caller, label, isWrite }: Sending, code: string | null): void {
    const { sim, world } = this.house
    const whose = `${caller.by} ${caller.step}`
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
      this.judge.wrong(invariant, `${write.action} of ${write.saga}/${write.step} by ${write.by}: ${details}`, write.saga)
    const key = keyOf(write)
    const left = (this.announced.get(key) ?? 0) - 1
    this.announced.set(key, left)
    if (left < 0) wrong(25, "no record of it was stored before it was made")
    if (write.outcome !== "executed") return
    const last = write.saga === null ? undefined : this.journals.traces.get(write.saga)?.last
    if (last === undefined) return wrong(11, "no journal speaks of it")
    if (last.by !== write.by) wrong(10, `the saga is ${last.by}'s`)
    const intent = last.way === "back" ? "Undo" : last.step === "retire" ? "Commit" : "Intent"
    if (last.step !== write.step || last.phase !== intent) {
      wrong(11, `the journal stands at ${last.phase} ${last.step}, not at ${intent} ${write.step}`)
    }
    this.destroyed(write, last, wrong)
    if (write.action === "ec2:RunInstances") this.launched(last, wrong)
  }

  private destroyed(write: WriteRow, last: Told, wrong: (invariant: number, details: string) => void): void {
    if (!sinks.has(write.action)) return
    const { instance } = write.request as { readonly instance: string }
    const isOld = instance === last.input.move.old
    if (isOld && !last.committed) wrong(7, `ends the customer's ${instance} before the commit`)
    if (!isOld && last.committed) wrong(7, `takes ${instance} back after the commit`)
    if (!isOld && last.way === "forward") wrong(7, `ends ${instance}, which is not what it replaces`)
  }

  /**
   * 15: no launch on a decision older than a quarantine. The hand looks at the gate in its step's own time; from then
   * on only the lease bounds how late the call arrives.
   */
  private launched(last: Told, wrong: (invariant: number, details: string) => void): void {
    const poison = this.risks.poisoned.get(poolToken(last.input.move.pool))
    if (poison === undefined || (last.made.look?.revision ?? 0) >= poison.seq) return
    const late = this.house.sim.now - poison.at
    if (poison.until > this.house.sim.now && late > productTerms.leaseMs + 5_000) {
      wrong(15, `in a pool whose quarantine was said ${(late / 1000).toFixed(0)} s ago`)
    }
  }
}

const keyOf = ({ by, saga, step, action }: Omit<Audited, "call">): string => `${by} ${saga} ${step} ${action}`
