/** The judge: what is found wrong ends the run with the invariant's number, the instant and the saga concerned. */
import { Data } from "effect"
import type { Sim } from "./engine.ts"

/** Something happened that must never happen. */
export class Violated extends Data.TaggedError("Violated")<{
  /** Its number in the list of promises; 0 = the machinery itself gave up. */
  readonly invariant: number
  readonly details: string
  readonly saga: string | null
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number
}> {
  override get message() {
    return `invariant ${this.invariant} after ${(this.atMs / 1000).toFixed(1)} s: ${this.details}`
  }
}

export class Judge {
  private readonly sim: Sim
  constructor(sim: Sim) {
    this.sim = sim
  }
  wrong(invariant: number, details: string, saga: string | null = null): void {
    this.sim.fail(new Violated({ invariant, details, saga, atMs: this.sim.elapsed }))
  }
  /** For what is found while nothing runs. */
  end(invariant: number, details: string): never {
    throw new Violated({ invariant, details, saga: null, atMs: this.sim.elapsed })
  }
}
