/** One handling of one order: from what the journal says to an ending, or until somebody else holds the saga. */
import { Clock, Effect, Result } from "effect"
import { decodeAs, encodeAs } from "../schemas/envelope.ts"
import { type Instant, instant } from "../schemas/ids.ts"
import { endings, Entry, LeaseLost } from "../schemas/saga.ts"
import { Ack, BusDown, type Draft, later, type Verdict } from "./bus.ts"
import { firstEntry, type Held, type Journal, nextEntry, unreadable } from "./journal.ts"
import { othersClaimMs, outlastsCall, wantsBeat } from "./lease.ts"
import { haltedBy, isFatal, isWorthAsking, type No, outOfTime, stillNot, why } from "./patience.ts"
import type { Ctx, Look, Refusal, Saga, Step } from "./saga.ts"
import type { Order, RunnerOptions, StepBy } from "./order.ts"
import { begunAgain, goesOn, stillStuck, takenOver } from "./resume.ts"

/** A bus too slow for so many beats in a row is too slow to act on. */
const beatsMax = 3
/** Notes travel among what was made; no step's name begins so. */
const noteMark = "~"

export class Walk<I, R> {
  private held: Held | undefined
  private readonly made: Record<string, unknown> = {}
  private readonly notes: Record<string, unknown> = {}
  /** When a call last ended without an answer. */
  private unansweredAt = Number.NEGATIVE_INFINITY
  private readonly saga: Saga<I, R>
  private readonly options: RunnerOptions<I, R>
  private readonly order: Order<I>
  private readonly journal: Journal
  private readonly by: string

  constructor(saga: Saga<I, R>, options: RunnerOptions<I, R>, order: Order<I>, journal: Journal, by: string) {
    this.saga = saga
    this.options = options
    this.order = order
    this.journal = journal
    this.by = by
  }

  readonly run: Effect.Effect<Verdict, BusDown | LeaseLost> = Effect.gen({ self: this }, function* () {
    const tail = yield* this.journal.last
    if (tail === undefined) {
      if (this.order.resumes !== undefined) throw unreadable(this.order.id, "there is nothing to go on with")
      const refused = yield* this.lookAndPlan()
      if (refused) return Ack
    } else {
      const isResumed = goesOn(tail.entry, this.order)
      if (endings.includes(tail.entry.phase) && !isResumed) return Ack
      const now = yield* Clock.currentTimeMillis
      const claim = othersClaimMs(tail.entry, now, this.options.terms)
      if (claim > 0) return later(Math.min(claim, this.options.terms.leaseMs))
      if (this.options.inherits !== undefined) yield* this.options.inherits(this.order, tail.entry.by)
      this.held = tail
      const halt = isResumed ? this.options.halted(this.order) : undefined
      // to go on is a beginning: where nothing may begin it stays stuck, and says so anew
      if (halt !== undefined) return yield* this.append(stillStuck(halt), this.farewell).pipe(Effect.as(Ack))
      yield* this.append(isResumed ? begunAgain(this.saga, tail.entry, now) : takenOver(tail.entry, now))
      this.recallMade(tail.entry)
    }
    yield* this.walk()
    return Ack
  }).pipe(Effect.onInterrupt(() => Effect.ignore(this.letGo)))

  /**
   * Gives the saga back at once, so that the next holder need not wait for the lease: but not while a call that nobody
   * answered may still be on the wire.
   */
  private readonly letGo = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    this.held?.entry.by !== this.by ||
    endings.includes(this.entry.phase) ||
    now < this.unansweredAt + this.options.terms.callTimeoutMs
      ? Effect.void
      : this.append({ mark: "let-go" })
  )

  private get entry(): Entry {
    if (this.held === undefined) throw new Error(`saga ${this.order.id} has no journal yet`)
    return this.held.entry
  }

  /** Heard out once begun: who has to let go must know what the last entry is. */
  private append(change: Partial<Entry>, also: (ending: Entry) => ReadonlyArray<Draft> = () => []) {
    return Effect.uninterruptible(this.appendNow(change, also))
  }

  private appendNow(change: Partial<Entry>, also: (ending: Entry) => ReadonlyArray<Draft>) {
    return Effect.gen({ self: this }, function* () {
      const was = this.held
      const make = (now: number) =>
        was === undefined
          ? firstEntry(this.saga, this.order, { by: this.by, now, terms: this.options.terms }, change)
          : nextEntry(was.entry, this.by, now, this.options.terms, change)
      this.held = yield* this.journal.write(was, make, also)
    })
  }

  private recallMade(entry: Entry) {
    for (const { name, makes } of [...this.saga.looks, ...this.saga.steps]) {
      if (!(name in entry.made)) continue
      const made = decodeAs(makes, entry.made[name])
      if (Result.isFailure(made)) throw unreadable(this.order.id, `what ${name} made: ${made.failure.details}`)
      this.made[name] = made.success
    }
    for (const [name, value] of Object.entries(entry.made)) {
      if (name.startsWith(noteMark)) this.notes[name.slice(noteMark.length)] = value
    }
  }

  private readonly note = (name: string, value: unknown): Effect.Effect<void, LeaseLost> =>
    Effect.suspend(() => {
      this.notes[name] = value
      // a look is frozen by the first entry, with everything that was seen, and not before
      return this.held === undefined ? Effect.void : this.append({ made: this.encodedMade() })
    }).pipe(Effect.catchTag("BusDown", () => Effect.fail(new LeaseLost({ saga: this.order.id, by: this.by }))))

  private ctx(since: number, withinMs: number): Ctx<I, any> {
    const { order, made, notes, note } = this
    const { way, code, step, resumedIn } = this.held?.entry ?? {}
    const because = way === "back" ? (code ?? null) : null
    const resumed = resumedIn !== undefined && resumedIn === step
    return { id: order.id, input: order.input, made, since, withinMs, because, resumed, notes, note }
  }

  private who(step: string, needs: ReadonlyArray<string>): StepBy {
    const epoch = this.held?.entry.epoch ?? 1
    return { saga: this.order.id, step, by: this.by, epoch, needs, lease: this.lease }
  }

  /** The lease for one more call. The bus being down here means that the call must not be made. */
  private readonly lease: Effect.Effect<Instant, LeaseLost> = Effect.gen({ self: this }, function* () {
    if (this.held === undefined) return yield* new LeaseLost({ saga: this.order.id, by: this.by })
    // a beat may be answered so late that it is used up again
    for (let beat = 0; beat <= beatsMax; beat++) {
      if (outlastsCall(this.entry.until, yield* Clock.currentTimeMillis, this.options.terms)) return this.entry.until
      if (beat < beatsMax) yield* this.append({ mark: "beat" })
    }
    return yield* new BusDown({ op: "lease", cause: `${beatsMax} beats came too late to act on` })
  }).pipe(Effect.catchTag("BusDown", () => Effect.fail(new LeaseLost({ saga: this.order.id, by: this.by }))))

  /** Reads the world and freezes the plan. True: it was refused, and said so; nothing was begun. */
  private lookAndPlan() {
    return Effect.gen({ self: this }, function* () {
      const began = yield* Clock.currentTimeMillis
      for (const look of this.saga.looks) {
        const seen = yield* Effect.result(this.patiently(look, began, (ctx) => look.do(ctx)))
        if (Result.isFailure(seen)) {
          if (isFatal(seen.failure)) return yield* seen.failure
          yield* this.append({ phase: "Refused", step: look.name, ...why(seen.failure) }, this.farewell)
          return true
        }
        this.made[look.name] = seen.success
      }
      yield* this.append({ made: this.encodedMade() })
      return false
    })
  }

  private readonly farewell = (ending: Entry) => this.options.says(this.order, ending)

  private encodedMade(): Record<string, unknown> {
    const parts = [...this.saga.looks, ...this.saga.steps]
    const notes = Object.entries(this.notes).map(([name, value]) => [`${noteMark}${name}`, value])
    const made = parts
      .filter(({ name }) => name in this.made)
      .map(({ name, makes }) => [name, encodeAs(makes, this.made[name])])
    return Object.fromEntries([...notes, ...made])
  }

  /** From where the journal stands to an ending. */
  private walk(): Effect.Effect<void, BusDown | LeaseLost> {
    return Effect.gen({ self: this }, function* () {
      while (!endings.includes(this.entry.phase)) {
        if (this.entry.way === "back") yield* this.stepBack()
        else yield* this.stepForward()
      }
    })
  }

  private indexOf(step: string): number {
    return this.saga.steps.findIndex(({ name }) => name === step)
  }

  private stepForward() {
    return Effect.gen({ self: this }, function* () {
      const { phase, step: name } = this.entry
      const at = this.indexOf(name)
      const begun = phase === "Intent" || phase === "Commit"
      const step = this.saga.steps[begun || phase === "Outcome" ? at : 0]
      if (step === undefined) throw unreadable(this.order.id, `${this.saga.name} has no step ${name}`)
      if (phase !== "Outcome") return yield* this.doStep(step, begun)
      const so = yield* Effect.result(this.untilSo(step))
      if (Result.isFailure(so)) return yield* this.afterNo(step, so.failure)
      const next = this.saga.steps[at + 1]
      if (next !== undefined) return yield* this.doStep(next, false)
      yield* this.append({ phase: "Done", step: step.name }, this.farewell)
    })
  }

  /** The stop switch, as long as there is a way back. */
  private halt(): Refusal | undefined {
    const word = this.entry.committed || this.entry.way === "back" ? undefined : this.options.halted(this.order)
    return word === undefined ? undefined : haltedBy(word)
  }

  private doStep(step: Step<R>, begun: boolean) {
    return Effect.gen({ self: this }, function* () {
      const halt = this.halt()
      if (halt !== undefined) return yield* this.turnBack(step, halt, begun ? "Undo" : "Undone")
      if (!begun) {
        const now = instant(yield* Clock.currentTimeMillis)
        const phase = step.kind === "pivot" ? "Commit" : "Intent"
        const committed = this.entry.committed || step.kind === "pivot"
        yield* this.append({ phase, step: step.name, attempt: 1, stepAt: now, committed })
      }
      const made = yield* Effect.result(this.patiently(step, this.entry.stepAt, (ctx) => step.do(ctx)))
      if (Result.isFailure(made)) return yield* this.afterNo(step, made.failure)
      this.made[step.name] = made.success
      yield* this.append({ phase: "Outcome", step: step.name, made: this.encodedMade() })
    })
  }

  private afterNo(step: Step<R>, no: No): Effect.Effect<void, BusDown | LeaseLost> {
    if (isFatal(no)) return Effect.fail(no)
    if (!this.entry.committed) return this.turnBack(step, no)
    // past the pivot there is no back, and forward did not work in all the step's time: a person must look
    return this.append({ phase: "Stuck", step: step.name, ...why(no) }, this.farewell)
  }

  /** `Undone`: the step was never begun, so there is nothing of it to take back; a pivot could not be. */
  private turnBack(step: Step<R>, no: No, phase: "Undo" | "Undone" = "Undo") {
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      this.append({ way: "back", phase, step: step.name, attempt: 1, stepAt: instant(now), ...why(no) })
    )
  }

  private stepBack() {
    return Effect.gen({ self: this }, function* () {
      const { phase, step: name } = this.entry
      const at = this.indexOf(name)
      if (phase === "Undo") {
        const step = this.saga.steps[at]
        const undo = step?.undo
        if (step === undefined || undefined === undo) throw unreadable(this.order.id, `step ${name} has no undo`)
        const undone = yield* Effect.result(
          this.patiently(step, this.entry.stepAt, (ctx) => undo(ctx, this.made[name]))
        )
        if (Result.isSuccess(undone)) return yield* this.append({ phase: "Undone", step: name })
        if (isFatal(undone.failure)) return yield* undone.failure
        const { code, reason } = why(undone.failure)
        const both = `${reason}; it was turning back because: ${this.entry.reason}`
        const stuck = { phase: "Stuck", step: name, code, reason: both, backFor: this.entry.code } as const
        return yield* this.append(stuck, this.farewell)
      }
      const before = this.saga.steps[at - 1]
      if (before === undefined) return yield* this.append({ phase: "RolledBack", step: name }, this.farewell)
      const now = instant(yield* Clock.currentTimeMillis)
      yield* this.append({ phase: "Undo", step: before.name, attempt: 1, stepAt: now })
    })
  }

  /** Polls until the step's effect is so. Its time counts from the step's beginning, whoever held the saga then. */
  private untilSo(step: Step<R>) {
    const made = this.made[step.name]
    return this.patiently(step, this.entry.stepAt, (ctx) =>
      Effect.flatMap(step.verify(ctx, made), (so) => (so ? Effect.void : Effect.fail(stillNot(step.name))))
    )
  }

  /** Asks again while the advice is to, growing the pause, renewing the lease, until the step's time is over. */
  private patiently<A>(
    step: Look<R> | Step<R>,
    since: number,
    ask: (ctx: Ctx<I, any>) => Effect.Effect<A, No, R>
  ): Effect.Effect<A, No> {
    return Effect.gen({ self: this }, function* () {
      let pauseMs = this.options.poll.firstMs
      for (;;) {
        const who = this.who(step.name, "needs" in step ? step.needs : [])
        // a call under way is heard out, or nobody could say that nothing is on the wire when the saga is let go
        const withinMs = this.options.within?.(step.withinMs) ?? step.withinMs
        const asking = Effect.uninterruptible(this.options.around(this.order, who, ask(this.ctx(since, withinMs))))
        const answer = yield* Effect.result(asking)
        if (Result.isSuccess(answer)) return answer.success
        if (!isWorthAsking(answer.failure)) return yield* Effect.fail(answer.failure)
        const now = yield* Clock.currentTimeMillis
        if (!isFatal(answer.failure) && answer.failure.advice === "unknown") this.unansweredAt = now
        if (now >= since + withinMs) return yield* Effect.fail(outOfTime(step.name, answer.failure))
        yield* Effect.sleep(pauseMs)
        const halt = this.held === undefined ? undefined : this.halt()
        if (halt !== undefined) return yield* Effect.fail<No>(halt)
        pauseMs = Math.min(this.options.poll.maxMs, pauseMs * 1.6)
        if (
          this.held !== undefined &&
          wantsBeat(this.entry.until, yield* Clock.currentTimeMillis, this.options.terms)
        ) {
          yield* this.append({ mark: "beat" })
        }
      }
    })
  }
}
