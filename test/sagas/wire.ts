/** The wire between an executor and the simulated cloud, which breaks one call in a given way at a given place. */
import { Effect } from "effect"
import { type CloudRefusal, refusal } from "../../actors/_ports/cloud-refusal.ts"
import type { Inners } from "../../actors/_ports/cloud.ts"
import { inner as ec2Of } from "../../actors/_ports/ec2.sim.ts"
import { inner as groupsOf } from "../../actors/_ports/group.sim.ts"
import { inner as healthOf } from "../../actors/_ports/health.sim.ts"
import type { Caller } from "../../actors/_ports/port.ts"
import { inner as pricesOf } from "../../actors/_ports/prices.sim.ts"
import { inner as stsOf } from "../../actors/_ports/sts.sim.ts"
import type { Wire } from "../../actors/_ports/world/inner.ts"
import type { World } from "../../actors/_ports/world/world.ts"
import type { Proc } from "../sim/engine.ts"

/**
 * What becomes of a call. `refused`: a no for good, before any effect. `throttled`: a no for now. `refused-after`,
 * `failed-after`: the effect, and then such a no. `lost`: it never arrives, nobody answers. `unanswered`: the effect,
 * and nobody answers. `late`: as `lost`, but it arrives twenty seconds after it was sent. `twice`: it arrives twice.
 * `crash-before`, `crash-after`: the process dies before or after its effect. `pause-before`, `pause-after`: it sleeps
 * past its lease, once the lease was looked at or once the cloud has answered.
 */
export type How = "well" | (typeof hows)[number]

/** All that can go wrong with a call, and what only a call that changes something makes different. */
const hows = [
  "refused",
  "throttled",
  "refused-after",
  "failed-after",
  "lost",
  "unanswered",
  "late",
  "twice",
  "crash-before",
  "crash-after",
  "pause-before",
  "pause-after"
] as const
const onWrites: ReadonlySet<How> = new Set(["refused-after", "failed-after", "twice", "late", "unanswered"])

/** What can go wrong with that call. */
export const howsOf = ({ isWrite }: { readonly isWrite: boolean }): ReadonlyArray<How> =>
  hows.filter((how) => isWrite || !onWrites.has(how))

/** After these a write is made a second time. */
export const retried = [
  "crash-before",
  "crash-after",
  "pause-before",
  "pause-after",
  "unanswered",
  "failed-after"
] as const satisfies ReadonlyArray<How>

/** A call on its way, as the place of a break is named. */
export interface Sent {
  readonly caller: Caller
  /** As `groups.attach`. */
  readonly call: string
}

/** A code that needs a person, and one that is worth asking again. */
export const forGood = "UnauthorizedOperation"
const forNow = "InternalError"

const lateMs = 20_000
/** Longer than lease, call and skew together: whoever wakes finds the saga taken. */
const asleepMs = 120_000

/** It sleeps past its lease, and wakes. */
export const sleeps = (proc: Proc) => {
  proc.pause()
  proc.sim.after(asleepMs, () => proc.resume())
}

/** What befalls a process, and how long after its entry is stored: before it hears of it, or during a call. */
export const fates: ReadonlyArray<readonly [what: string, act: (proc: Proc) => void, ms: ReadonlyArray<number>]> = [
  ["is killed", (proc) => proc.kill(), [0, 20, 150]],
  ["sleeps past its lease", sleeps, [0, 150]],
  ["is told to stop", (proc) => proc.terminate(), [0, 40]]
]

const wireOf = (proc: Proc, how: How): Wire => {
  const far = <A>(run: () => A) => proc.call(run, { min: 5, max: 60, timeout: 600_000 })
  const silence = Effect.never
  return {
    call: (run, label) => {
      const no = (code: string): Effect.Effect<never, CloudRefusal> => Effect.fail(refusal(label, code, "broken here"))
      const heard = (act: () => void = () => {}) =>
        Effect.catchTag(
          far(() => {
            const answer = run()
            act()
            return answer
          }),
          "Unanswered",
          () => no("CloudOptim.NoAnswer")
        )
      switch (how) {
        case "well":
          return heard()
        case "refused":
          return Effect.andThen(Effect.sleep(50), no(forGood))
        case "throttled":
          return Effect.andThen(Effect.sleep(50), no(forNow))
        case "refused-after":
          return Effect.andThen(heard(), no(forGood))
        case "failed-after":
          return Effect.andThen(heard(), no(forNow))
        case "lost":
          return silence
        case "unanswered":
          return Effect.andThen(heard(), silence)
        case "late":
          return Effect.andThen(
            Effect.sync(() => void proc.sim.after(lateMs, run)),
            silence
          )
        case "twice":
          return heard(() => void run())
        case "crash-before":
          return Effect.andThen(Effect.ignore(far(() => proc.kill())), silence)
        case "crash-after":
          return heard(() => proc.kill())
        case "pause-before":
          return Effect.sync(() => sleeps(proc)).pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(heard()))
        case "pause-after":
          return heard(() => sleeps(proc))
      }
    }
  }
}

/** All ports of one process, over a wire that asks `howOf` what becomes of each call. */
export const brokenInners = (world: World, proc: Proc, howOf: (sent: Sent) => How): Inners => {
  const byHow = new Map<How, Inners>()
  const whole = (how: How): Inners => {
    const known = byHow.get(how)
    if (known !== undefined) return known
    const wire = wireOf(proc, how)
    const made = {
      ec2: ec2Of(world, wire),
      groups: groupsOf(world, wire),
      health: healthOf(world, wire),
      sts: stsOf(world, wire),
      prices: pricesOf(world, wire)
    }
    byHow.set(how, made)
    return made
  }
  type Api = keyof Inners
  const port = <P extends Api>(api: P): Inners[P] => {
    const names = Object.keys(whole("well")[api])
    const calls = names.map((name) => [
      name,
      (input: unknown, caller: Caller) =>
        Effect.suspend(() => {
          const table = whole(howOf({ caller, call: `${api}.${name}` }))[api] as Record<string, Asking>
          return (table[name] as Asking)(input, caller)
        })
    ])
    return Object.fromEntries(calls) as Inners[P]
  }
  return { ec2: port("ec2"), groups: port("groups"), health: port("health"), sts: port("sts"), prices: port("prices") }
}
type Asking = (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>
