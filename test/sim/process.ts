/** A simulated operating-system process: its own run queue, clock and chance. Killing it runs no finalizer. */
import { Cause, Clock, ConfigProvider, Data, Duration, Effect, Exit, type Fiber, Random, type Scheduler } from "effect"
import type { Sim } from "./engine.ts"

/** No answer came in time. Whether the far end did what it was asked is unknown. */
export class Unanswered extends Data.TaggedError("Unanswered")<{ readonly afterMs: number }> {}

/** How a request travels: each way takes `min` to `max` milliseconds. */
export interface Wire {
  readonly min: number
  readonly max: number
  /** The probability that something is lost: half of it the request (never happened), half the answer (happened). */
  readonly lose?: number
  /** Milliseconds until the caller gives up; 5,000 unless told. */
  readonly timeout?: number
}

export interface ProcOptions {
  /** Milliseconds that its wall clock is ahead of the world's. It may be changed at any time, as NTP does. */
  readonly skew?: number
  /** Its environment variables. The real ones never reach it. */
  readonly env?: Readonly<Record<string, string>>
  /** Operations after which a fiber lets others run; small numbers explore more interleavings. */
  readonly yieldAfter?: number
}

type Observer = (exit: Exit.Exit<unknown, unknown>) => void

export class Proc implements Scheduler.Scheduler {
  readonly executionMode = "async"
  readonly sim: Sim
  readonly name: string
  /** Its number in the world, in order of coming to life. */
  readonly id: number
  readonly clock: Clock.Clock
  state: "up" | "paused" | "dead" = "up"
  skew: number
  /** Tasks it has run. */
  tasks = 0
  private readonly yieldAfter: number
  private readonly env: Readonly<Record<string, string>>
  private readonly born: number
  private held: Array<() => void> = []
  private observers: Array<Observer> = []
  private mains: Array<Fiber.Fiber<unknown, unknown>> = []
  private burstAt = 0
  private burstOf = 0

  constructor(sim: Sim, name: string, options: ProcOptions = {}) {
    this.sim = sim
    this.name = name
    this.skew = options.skew ?? 0
    this.env = options.env ?? {}
    this.yieldAfter = options.yieldAfter ?? 64
    this.born = sim.now
    this.id = sim.enrol(this)
    this.clock = clockOf(this)
  }

  /** Milliseconds since 1970 on its own wall clock: whole ones, as `Date.now` gives. */
  get wallMs(): number {
    return Math.floor(this.sim.now + this.skew)
  }

  /** Milliseconds since it came to life; no skew touches it. */
  get uptimeMs(): number {
    return this.sim.now - this.born
  }

  /**
   * Runs a main program, which provides its own layers, on this process's scheduler, clock, environment and a `Random`
   * seeded by the world's seed and the name. As in Node, a main that fails ends the process and one that succeeds
   * leaves the others running. A failure that nobody listens to ends the whole run.
   */
  start<A, E>(program: Effect.Effect<A, E>, onExit?: (exit: Exit.Exit<A, E>) => void): void {
    const contained = program.pipe(
      Effect.provideService(Clock.Clock, this.clock),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ...this.env } })),
      Random.withSeed(`${this.sim.seed}/${this.name}`)
    )
    this.post(() => {
      const main = Effect.runFork(contained, { scheduler: this })
      this.mains.push(main)
      main.addObserver((exit) => {
        this.mains = this.mains.filter((other) => other !== main)
        onExit?.(exit)
        this.ended(exit, onExit !== undefined)
      })
    })
  }

  /** Hears how each main program ended. Killing is not an end: nobody is told, as with `kill -9`. */
  onExit(observer: Observer): void {
    this.observers.push(observer)
  }

  /** SIGKILL: no finalizer runs, nothing held is kept. What is already on a wire still arrives at its far end. */
  kill(): void {
    this.state = "dead"
    this.held = []
    this.mains = []
    this.sim.bury(this)
  }

  /** SIGSTOP: time and the world go on without it. */
  pause(): void {
    if (this.state === "up") this.state = "paused"
  }

  /** SIGCONT: whatever would have run meanwhile is now due at once. */
  resume(): void {
    if (this.state !== "paused") return
    this.state = "up"
    const held = this.held
    this.held = []
    for (const task of held) this.post(task)
  }

  /** SIGTERM: its main programs are interrupted, their finalizers run. */
  terminate(): void {
    this.post(() => {
      for (const main of this.mains) main.interruptUnsafe()
    })
  }

  /** The only way into this process: the task runs on its own turn, later if it is paused, never if it is dead. */
  post(task: () => void): void {
    if (this.state === "dead") return
    if (this.state === "paused") this.held.push(task)
    else this.sim.enqueue(this, task)
  }

  /**
   * One request over a wire. `far` runs at the other end, as plain code of the world, whatever has become of the
   * caller; its throwing is the world's bug and ends the run. Fails with `Unanswered` after the timeout.
   */
  call<A>(far: () => A, wire: Wire): Effect.Effect<A, Unanswered> {
    return Effect.callback<A, Unanswered>((resume) => {
      const sim = this.sim
      const lose = wire.lose ?? 0
      const afterMs = wire.timeout ?? 5_000
      const fate = lose > 0 ? sim.random() : 1
      const stopWaiting = sim.after(afterMs, () => {
        this.post(() => resume(Effect.fail(new Unanswered({ afterMs }))))
      })
      if (fate < lose / 2) return Effect.sync(stopWaiting)
      sim.after(sim.between(wire.min, wire.max), () => {
        const answer = far()
        if (fate < lose) return
        sim.after(sim.between(wire.min, wire.max), () => {
          stopWaiting()
          this.post(() => resume(Effect.succeed(answer)))
        })
      })
      return Effect.sync(stopWaiting)
    })
  }

  /** For `Sim` alone: whether the task may run now; a paused process keeps it for later. */
  admits(task: () => void): boolean {
    if (this.state === "paused") this.held.push(task)
    if (this.state !== "up") return false
    if (this.burstAt !== this.sim.now) {
      this.burstAt = this.sim.now
      this.burstOf = 0
    }
    this.burstOf++
    this.tasks++
    return true
  }

  /** For `Sim` alone: how many tasks it has run at that instant. */
  burst(instant: number): number {
    return this.burstAt === instant ? this.burstOf : 0
  }

  /**
   * Effect asks this before each operation, which makes it the place to see a fiber that runs where it must not: in
   * another process's turn (they share a Deferred or a Queue) or outside of the run (a promise or a timer woke it).
   * A process killed or stopped by its own code yields here, at most 32 operations later (Effect chains that many
   * without asking), and is not let in again.
   */
  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    if (this.sim.current !== this) this.sim.fail(new Trespass({ process: this.name, during: this.sim.current?.name }))
    return this.state !== "up" || fiber.currentOpCount >= this.yieldAfter
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return { scheduleTask: (task) => this.post(task), flush: () => {} }
  }

  private ended(exit: Exit.Exit<unknown, unknown>, isHeard: boolean) {
    for (const observer of this.observers) observer(exit)
    if (Exit.isSuccess(exit)) return
    this.kill()
    if (isHeard || this.observers.length > 0 || Cause.hasInterruptsOnly(exit.cause)) return
    this.sim.fail(new Crashed({ process: this.name, cause: exit.cause }))
  }
}

/** A main program failed and nobody had asked to hear of it. */
export class Crashed extends Data.TaggedError("Crashed")<{
  readonly process: string
  readonly cause: Cause.Cause<unknown>
}> {
  override get message() {
    return `process ${this.process} crashed: ${Cause.pretty(this.cause)}`
  }
}

/** A fiber ran outside of its own process's turn. */
export class Trespass extends Data.TaggedError("Trespass")<{
  readonly process: string
  readonly during: string | undefined
}> {
  override get message() {
    const where = this.during === undefined ? "outside of any process's turn" : `in the turn of ${this.during}`
    return `a fiber of process ${this.process} ran ${where}; wake it through post or call`
  }
}

const clockOf = (proc: Proc): Clock.Clock => {
  const wallMillis = () => proc.wallMs
  const wallNanos = () => nanos(proc.sim.now + proc.skew)
  const upNanos = () => nanos(proc.uptimeMs)
  return {
    currentTimeMillisUnsafe: wallMillis,
    currentTimeMillis: Effect.sync(wallMillis),
    currentTimeNanosUnsafe: wallNanos,
    currentTimeNanos: Effect.sync(wallNanos),
    monotonicTimeNanosUnsafe: upNanos,
    monotonicTimeNanos: Effect.sync(upNanos),
    sleep: (duration) => {
      const ms = Duration.toMillis(duration)
      if (ms <= 0) return Effect.yieldNow
      if (!Number.isFinite(ms)) return Effect.never
      return Effect.callback<void>((resume) => {
        const cancel = proc.sim.after(ms, () => proc.post(() => resume(Effect.void)))
        return Effect.sync(cancel)
      })
    }
  }
}

/** Whole milliseconds apart from the fraction: a double cannot hold today in nanoseconds. */
const nanos = (ms: number): bigint => {
  const whole = Math.floor(ms)
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6))
}
