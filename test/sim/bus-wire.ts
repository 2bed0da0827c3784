/** The wire between a simulated process and the memory server: latency both ways, losses, and never a foreign stack. */
import { Effect } from "effect"
import { BusDown } from "../../bus/bus.ts"
import type { Wire as BusWire } from "../../bus/memory.sim.ts"
import type { Proc, Wire } from "./process.ts"

/** A local network: 0.2 to 3 ms each way, nothing lost. */
export const localWire: Wire = { min: 0.2, max: 3 }

/** What the process hears over this wire it hears on its own turn; a dead one hears nothing and waits for nothing. */
export const busWire = (proc: Proc, wire: Wire = localWire): BusWire => {
  const { sim } = proc
  const isLost = () => wire.lose !== undefined && sim.chance(wire.lose)
  return {
    call: (op, far) =>
      proc.call(far, wire).pipe(Effect.mapError((unanswered) => new BusDown({ op, cause: unanswered.message }))),
    send: (far) => {
      if (!isLost()) sim.after(sim.between(wire.min, wire.max), far)
    },
    // a connection loses no words, it breaks: what is lost here is lost with the process
    post: (task) => {
      sim.after(sim.between(wire.min, wire.max), () => proc.post(task))
    },
    isUp: () => proc.state !== "dead"
  }
}
