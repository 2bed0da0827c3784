/**
 * The way from a simulated process to the simulated cloud: who calls is known, so that fate can choose whom it hits.
 */
import { Effect } from "effect"
import type { Inners } from "../../actors/_ports/cloud.ts"
import { type CloudRefusal, refusal } from "../../actors/_ports/cloud-refusal.ts"
import { inner as ec2 } from "../../actors/_ports/ec2.sim.ts"
import { inner as groups } from "../../actors/_ports/group.sim.ts"
import { inner as health } from "../../actors/_ports/health.sim.ts"
import type { Caller } from "../../actors/_ports/port.ts"
import { inner as prices } from "../../actors/_ports/prices.sim.ts"
import { inner as sts } from "../../actors/_ports/sts.sim.ts"
import type { Wire } from "../../actors/_ports/world/inner.ts"
import type { World } from "../../actors/_ports/world/world.ts"
import type { Proc } from "./engine.ts"

/** A call in the moment of its being sent. */
export interface Sending {
  readonly proc: Proc
  readonly caller: Caller
  /** The IAM action of a write, or `ec2:instances` and the like. */
  readonly label: string
  readonly isWrite: boolean
}

/**
 * What becomes of it. `refuse`: the cloud says no, nothing happened. `lose-request`: it never arrives. `lose-reply`: it
 * is done, and nobody hears of it. `stall`: the process stands still between its last look at the lease and the call.
 */
export type Fate =
  | { readonly _tag: "send" }
  | { readonly _tag: "refuse"; readonly code: string }
  | { readonly _tag: "lose-request" }
  | { readonly _tag: "lose-reply" }
  | { readonly _tag: "stall"; readonly ms: number }
export const send: Fate = { _tag: "send" }

export interface Observer {
  readonly fate: (sending: Sending) => Fate
  /** Stops the process for so many milliseconds. */
  readonly stop: (proc: Proc, ms: number) => void
  /** The cloud answered, in that very moment; `code` is its refusal. */
  readonly answered: (sending: Sending, code: string | null) => void
}

/** Longer than any guard waits: whoever gives up first is the guard. */
const timeoutMs = 20_000
const wayMs = { min: 5, max: 120 }

/** Who asks is read off the call just before the world's port puts it on the wire, in the same turn. */
class Way implements Wire {
  asking: { readonly caller: Caller; readonly isWrite: boolean } | undefined = undefined
  private readonly proc: Proc
  private readonly observer: Observer
  private readonly lose: () => number
  constructor(proc: Proc, observer: Observer, lose: () => number) {
    this.proc = proc
    this.observer = observer
    this.lose = lose
  }

  call<A>(far: () => A, label: string): Effect.Effect<A, CloudRefusal> {
    const { asking, proc, observer } = this
    if (asking === undefined) throw new Error(`nobody asked for ${label}`)
    this.asking = undefined
    return Effect.suspend(() => {
      const sending: Sending = { proc, label, ...asking }
      const fate = observer.fate(sending)
      if (fate._tag === "refuse") {
        const refused = proc.call(() => observer.answered(sending, fate.code), { ...wayMs, timeout: timeoutMs })
        return Effect.andThen(unheard(label, refused), Effect.fail(refusal(label, fate.code, "by the nemesis")))
      }
      const arrive = () => {
        const answer = far()
        observer.answered(sending, codeOf(answer))
        return answer
      }
      if (fate._tag === "stall") observer.stop(proc, fate.ms)
      const lose = fate._tag === "send" ? this.lose() : 0
      const silent = fate._tag === "lose-request" || fate._tag === "lose-reply"
      if (silent && fate._tag === "lose-reply") proc.sim.after(proc.sim.between(wayMs.min, wayMs.max), arrive)
      if (silent) return Effect.andThen(Effect.sleep(timeoutMs), Effect.fail(noAnswer(label)))
      // a stalled process sends when it goes on, not before
      return Effect.andThen(Effect.yieldNow, unheard(label, proc.call(arrive, { ...wayMs, lose, timeout: timeoutMs })))
    })
  }
}

const codeOf = (answer: unknown): string | null => {
  if (typeof answer !== "object" || answer === null || !("no" in answer)) return null
  const { no } = answer
  return typeof no === "object" && no !== null && "code" in no ? String(no.code) : "unknown"
}

const noAnswer = (label: string) => refusal(label, "CloudOptim.NoAnswer", "nobody answered")
const unheard = <A, E>(label: string, effect: Effect.Effect<A, E>) => Effect.mapError(effect, () => noAnswer(label))

type AnyInner = Readonly<Record<string, (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>>>

/** Tells the way who asks; everything else stays as the world's port has it. */
const asked = <I extends object>(inner: I, way: Way): I => {
  const told: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(inner as unknown as AnyInner)) {
    told[name] = (input: unknown, caller: Caller) => {
      way.asking = { caller, isWrite: caller.until !== null }
      return call(input, caller)
    }
  }
  return told as I
}

/** The ports of one process to the world. */
export const innersOf = (world: World, proc: Proc, observer: Observer, lose: () => number): Inners => {
  const way = new Way(proc, observer, lose)
  return {
    ec2: asked(ec2(world, way), way),
    groups: asked(groups(world, way), way),
    health: asked(health(world, way), way),
    sts: asked(sts(world, way), way),
    prices: asked(prices(world, way), way)
  }
}
