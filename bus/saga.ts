/** A saga as data: what to look at, what to do, how to see that it is so, and how to take it back. */
import { type Effect, Schema } from "effect"
import { Advice } from "../schemas/advice.ts"
import type { LeaseLost } from "../schemas/saga.ts"

/** What a step may fail with: anything that says what can be done about it. */
export interface Refusal {
  readonly _tag: string
  readonly code: string
  readonly advice: Advice
  readonly message: string
}

type No = Refusal | LeaseLost

/** A step's own no: what it found forbids going on. Before the pivot the saga turns back, with this as its reason. */
export class TurnBack extends Schema.TaggedError<TurnBack>()("TurnBack", {
  code: Schema.String,
  advice: Advice,
  details: Schema.String
}) {
  override get message() {
    return this.details
  }
}
/** Turning back for good: asking again would find the same. */
export const turnBack = (code: string, details: string) => new TurnBack({ code, details, advice: "person" })
/** Not yet: the runner asks again while the step's time lasts. */
export const notYet = (code: string, details: string) => new TurnBack({ code, details, advice: "later" })

/** What a step knows: the saga's id, its order, and what the steps before it made. */
export interface Ctx<I, M> {
  readonly id: string
  readonly input: I
  readonly made: M
  /** When the step was first begun, by whoever held the saga then, in milliseconds since 1970. */
  readonly since: number
  /** How long the step has from then on, in milliseconds. */
  readonly withinMs: number
  /** Why it is turning back, as a code; null on the way forward. */
  readonly because: string | null
  /** It was stuck in this step, for however long, and was told to go on: the world may be another one by now. */
  readonly resumed: boolean
  /** What was noted by `note`, by whoever held the saga then. */
  readonly notes: Readonly<Record<string, unknown>>
  /** Writes something down in the journal before acting on it, for choices that a repeat must not make anew. */
  readonly note: (name: string, value: unknown) => Effect.Effect<void, LeaseLost>
}

type Within = `${number} ${"second" | "seconds" | "minute" | "minutes"}`

interface LookSpec<I, M, A, R> {
  readonly within: Within
  readonly makes: Schema.Codec<A, any>
  /** Reads only. What it gives is frozen in the journal: nobody plans again. */
  readonly do: (ctx: Ctx<I, M>) => Effect.Effect<A, No, R>
}
interface DoSpec<I, M, A, R1, R2> {
  readonly within: Within
  /** IAM writes that `do` and `undo` make; the customer's policy is the union of all of them. */
  readonly needs: ReadonlyArray<string>
  readonly makes: Schema.Codec<A, any>
  /** Safe to repeat: whoever takes over does it again. */
  readonly do: (ctx: Ctx<I, M>) => Effect.Effect<A, No, R1>
  /** True: it is so. False: not yet. Failing: it will not be. */
  readonly verify: (ctx: Ctx<I, M>, made: A) => Effect.Effect<boolean, No, R2>
}
interface StepSpec<I, M, A, R1, R2, R3> extends DoSpec<I, M, A, R1, R2> {
  /** Safe to repeat, and to be called when nobody knows whether `do` had an effect (`made` is then undefined). */
  readonly undo: (ctx: Ctx<I, M>, made: A | undefined) => Effect.Effect<void, No, R3>
}
interface PivotSpec<I, M, A, R1, R2> extends DoSpec<I, M, A, R1, R2> {
  readonly noWayBackBecause: string
}

/** A step as the runner walks it; what was typed by the builder is decoded from the journal here. */
export interface Step<R> {
  readonly name: string
  readonly kind: "step" | "pivot" | "finish"
  readonly withinMs: number
  readonly needs: ReadonlyArray<string>
  readonly makes: Schema.Codec<any, any>
  readonly do: (ctx: Ctx<any, any>) => Effect.Effect<any, any, R>
  readonly verify: (ctx: Ctx<any, any>, made: any) => Effect.Effect<boolean, any, R>
  readonly undo: ((ctx: Ctx<any, any>, made: any) => Effect.Effect<void, any, R>) | undefined
}
export interface Look<R> {
  readonly name: string
  readonly withinMs: number
  readonly makes: Schema.Codec<any, any>
  readonly do: (ctx: Ctx<any, any>) => Effect.Effect<any, any, R>
}
export interface Saga<I, R> {
  readonly name: string
  readonly input: Schema.Codec<I, any>
  readonly looks: ReadonlyArray<Look<R>>
  readonly steps: ReadonlyArray<Step<R>>
}

const toMs = (within: Within): number => {
  const [count, unit] = within.split(" ")
  return Number(count) * (unit?.startsWith("minute") ? 60_000 : 1_000)
}

/** After the pivot there is only forward: `finish` has no undo, and no further `step` may be added. */
class AfterPivot<I, M, R> implements Saga<I, R> {
  readonly name: string
  readonly input: Schema.Codec<I, any>
  readonly looks: ReadonlyArray<Look<any>>
  readonly steps: ReadonlyArray<Step<any>>
  constructor(saga: Saga<I, any>) {
    this.name = saga.name
    this.input = saga.input
    this.looks = saga.looks
    this.steps = saga.steps
  }
  finish<N extends string, A, R1, R2>(name: N, spec: DoSpec<I, M, A, R1, R2>) {
    const step: Step<any> = { ...spec, name, kind: "finish", withinMs: toMs(spec.within), undo: undefined }
    return new AfterPivot<I, M & Record<N, A>, R | R1 | R2>({ ...this.data, steps: [...this.steps, step] })
  }
  get data(): Saga<I, R> {
    return { name: this.name, input: this.input, looks: this.looks, steps: this.steps }
  }
}

class BeforePivot<I, M, R> {
  readonly data: Saga<I, any>
  constructor(data: Saga<I, any>) {
    this.data = data
  }
  look<N extends string, A, R1>(name: N, spec: LookSpec<I, M, A, R1>) {
    const look: Look<any> = { ...spec, name, withinMs: toMs(spec.within) }
    return new BeforePivot<I, M & Record<N, A>, R | R1>({ ...this.data, looks: [...this.data.looks, look] })
  }
  step<N extends string, A, R1, R2, R3>(name: N, spec: StepSpec<I, M, A, R1, R2, R3>) {
    const step: Step<any> = { ...spec, name, kind: "step", withinMs: toMs(spec.within) }
    return new BeforePivot<I, M & Record<N, A>, R | R1 | R2 | R3>({ ...this.data, steps: [...this.data.steps, step] })
  }
  /** The point of no return, with the reason why there is none. */
  pivot<N extends string, A, R1, R2>(name: N, spec: PivotSpec<I, M, A, R1, R2>) {
    const step: Step<any> = { ...spec, name, kind: "pivot", withinMs: toMs(spec.within), undo: undefined }
    return new AfterPivot<I, M & Record<N, A>, R | R1 | R2>({ ...this.data, steps: [...this.data.steps, step] })
  }
}

/** Begins a saga: its kind, as in `group-swap`, and its order. */
export const saga = <I>(name: string, input: Schema.Codec<I, any>) =>
  new BeforePivot<I, {}, never>({ name, input, looks: [], steps: [] })

/** Every IAM write that a saga may make. */
export const needsOf = (saga: Saga<any, any>): ReadonlyArray<string> =>
  [...new Set(saga.steps.flatMap((step) => step.needs))].sort()
