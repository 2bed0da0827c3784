/** One simulated process beside a memory server of its own: for tests of what a single process does with its bus. */
import { Cause, Effect, Exit, Layer, Logger, type Scope } from "effect"
import type { Bus } from "../../bus/bus.ts"
import { Memory, MemoryBus } from "../../bus/memory.sim.ts"
import { MemoryServer } from "../../bus/memory-server.sim.ts"
import { busWire } from "./bus-wire.ts"
import { Sim } from "./engine.ts"

/** Runs the program to its end, in an hour of virtual time at most, and throws what it failed with. */
export const alone = <A, E>(program: Effect.Effect<A, E, Bus | Memory | Scope.Scope>, seed = 1): A => {
  const sim = new Sim(seed)
  const after = (ms: number, run: () => void) => sim.after(ms, run)
  const server = new MemoryServer({ now: () => sim.now, random: sim.random, after })
  const exit = sim.complete((proc) =>
    Effect.scoped(program).pipe(
      Effect.provide(
        Layer.mergeAll(MemoryBus.layer(server, busWire(proc)), Layer.succeed(Memory, server), Logger.layer([]))
      )
    )
  )
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}
