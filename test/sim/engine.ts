/** A deterministic world: processes, time and chance. What could happen in two orders happens in a drawn one. */
import { Data, type Effect, type Exit } from "effect"
import { prng } from "../../schemas/chance.ts"
import { Proc } from "./process.ts"
import { Timers } from "./timers.ts"

export { prng }
export { Crashed, Proc, type ProcOptions, Trespass, Unanswered, type Wire } from "./process.ts"

/** Where every simulation's time begins, in milliseconds: late enough that "35 days ago" is a valid instant. */
export const epoch = Date.UTC(2026, 0, 1)

/** The world span without getting anywhere: too many tasks in one instant, or too many altogether. */
export class Livelock extends Data.TaggedError("Livelock")<{
  /** The process that ran most of them. */
  readonly process: string
  /** How many tasks that process ran, within the instant or altogether. */
  readonly tasks: number
  readonly at: number
  readonly within: "one instant" | "the whole run"
}> {
  override get message() {
    const when = new Date(this.at).toISOString()
    return `livelock: process ${this.process} ran ${this.tasks} tasks in ${this.within}, now ${when}`
  }
}

export interface Limits {
  /** Tasks without time advancing. Effect yields each 64 operations, so 100,000 are some 6 million operations. */
  readonly perInstant?: number
  /** Tasks altogether: a conflict answered by a retry moves time a little each round and escapes the first limit. */
  readonly altogether?: number
}

export class Sim {
  readonly seed: number
  /** Virtual time in milliseconds since 1970, with fractions. The world's own: a process sees it with its skew. */
  now = epoch
  /** Tasks and timers run so far. */
  steps = 0
  /** Runs after every step; throw from it to end the run. */
  check: () => void = () => {}
  /** 0 <= x < 1, the only source of chance for the world and the schedule. */
  readonly random: () => number
  /** The process whose task runs now; none while the world itself moves. */
  current: Proc | undefined = undefined
  private readonly procs = new Set<Proc>()
  private readonly ready: Array<{ readonly proc: Proc; readonly task: () => void }> = []
  private readonly timers = new Timers()
  private readonly limits: Required<Limits>
  private started = 0
  private burst = 0
  private fault: Error | undefined = undefined
  private halted = false
  private high = 0x811c9dc5
  private low = 0x1b873593

  constructor(seed: number, limits: Limits = {}) {
    this.seed = seed
    this.random = prng(seed)
    this.limits = { perInstant: limits.perInstant ?? 100_000, altogether: limits.altogether ?? 50_000_000 }
  }

  /** Milliseconds of virtual time since the beginning. */
  get elapsed(): number {
    return this.now - epoch
  }

  /** A number from `a` (inclusive) to `b` (exclusive). */
  between(a: number, b: number): number {
    return a + this.random() * (b - a)
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.random() < p
  }

  /** Runs `run` at the instant `time` (ms); a past one means now. Answers how to cancel it. */
  at(time: number, run: () => void): () => void {
    return this.timers.add(Math.max(time, this.now), run)
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.now + Math.max(0, ms), run)
  }

  /** Nothing can happen any more: no task is ready and no timer is set. */
  get isIdle(): boolean {
    return this.ready.length === 0 && this.timers.live === 0
  }

  /** Adds a line to the trace that `trace` digests: put in what has to be equal when a seed is run again. */
  note(line: string): void {
    for (let i = 0; i < line.length; i++) this.mix(line.charCodeAt(i))
    this.mix(this.now * 1024)
  }

  /** 16 hex digits over who ran when and every note. Equal seeds of an equal program give equal traces. */
  get trace(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }

  /** Ends the present `run` after this step, for instance because a test has seen what it waited for. */
  halt(): void {
    this.halted = true
  }

  /** Ends the present `run`, or the next one, by throwing `error`. The first one wins. */
  fail(error: Error): void {
    this.fault ??= error
  }

  /** For `Proc` alone: a process of this world comes to life and gets its number. */
  enrol(proc: Proc): number {
    this.procs.add(proc)
    return this.started++
  }

  /** For `Proc` alone: the process will never run again. */
  bury(proc: Proc): void {
    this.procs.delete(proc)
  }

  /** For `Proc` alone: a task of that process may run from now on. */
  enqueue(proc: Proc, task: () => void): void {
    this.ready.push({ proc, task })
  }

  /**
   * Lets the world go on until the instant `until` (ms): ready tasks in an order drawn from the seed; when none is
   * left, time jumps to the next timers, all timers of one instant in a drawn order.
   * Throws what a check, the world's code or `fail` threw, and `Livelock`.
   */
  run(until: number): "idle" | "time is up" | "halted" {
    this.halted = false
    try {
      this.raise()
      for (;;) {
        while (this.ready.length > 0) if (this.runOne()) return "halted"
        const next = this.timers.next()
        if (next === undefined || next > until) {
          this.now = Math.max(this.now, until)
          return next === undefined ? "idle" : "time is up"
        }
        if (this.runTimers(next)) return "halted"
      }
    } finally {
      this.current = undefined
    }
  }

  /** As `run`, for so many milliseconds from now. */
  runFor(ms: number): "idle" | "time is up" | "halted" {
    return this.run(this.now + ms)
  }

  /**
   * Runs one program, made for a process of its own, to its end, then kills what it left running there. Throws when
   * `withinMs` of virtual time were not enough.
   */
  complete<A, E>(
    program: (proc: Proc) => Effect.Effect<A, E>,
    withinMs = 3_600_000,
    name = "program"
  ): Exit.Exit<A, E> {
    const proc = new Proc(this, name)
    let ended: Exit.Exit<A, E> | undefined
    proc.start(program(proc), (exit) => {
      ended = exit
      this.halt()
    })
    this.run(this.now + withinMs)
    proc.kill()
    if (ended === undefined) throw new Error(`process ${name} has not ended within ${withinMs} virtual milliseconds`)
    return ended
  }

  private runOne(): boolean {
    const k = this.ready.length
    const i = k === 1 ? 0 : Math.floor(this.random() * k)
    const { proc, task } = this.ready[i]!
    const last = this.ready.pop()!
    if (i < k - 1) this.ready[i] = last
    if (!proc.admits(task)) return false
    this.mix(proc.id)
    this.current = proc
    task()
    this.current = undefined
    return this.stepped()
  }

  private runTimers(instant: number): boolean {
    if (instant > this.now) this.burst = 0
    this.now = instant
    this.mix(instant * 1024)
    const due = this.timers.take()
    while (due.length > 0) {
      const i = due.length === 1 ? 0 : Math.floor(this.random() * due.length)
      due.splice(i, 1)[0]!()
      if (this.stepped()) {
        for (const rest of due) this.timers.add(instant, rest)
        return true
      }
    }
    return false
  }

  private stepped(): boolean {
    if (++this.burst > this.limits.perInstant || ++this.steps > this.limits.altogether) throw this.livelock()
    this.raise()
    this.check()
    return this.halted
  }

  private raise() {
    const fault = this.fault
    if (fault === undefined) return
    this.fault = undefined
    throw fault
  }

  private livelock(): Livelock {
    const within = this.burst > this.limits.perInstant ? "one instant" : "the whole run"
    const count = (proc: Proc) => (within === "one instant" ? proc.burst(this.now) : proc.tasks)
    const worst = [...this.procs].toSorted((a, b) => count(b) - count(a)).find((proc) => count(proc) > 0)
    const steps = within === "one instant" ? this.burst : this.steps
    const [process, tasks] = worst ? [worst.name, count(worst)] : ["the world itself", steps]
    return new Livelock({ process, tasks, at: this.now, within })
  }

  /** FNV-1a twice, with different bases: 64 bits without a big integer. */
  private mix(value: number) {
    this.high = Math.imul(this.high ^ value, 0x01000193)
    this.low = Math.imul(this.low ^ (value + 0x9e37), 0x85ebca6b) ^ (this.low >>> 13)
  }
}
