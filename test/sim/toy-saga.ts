/** A saga small enough to break at every place, and the cloud that it moves: plain state of the simulated world. */
import { Context, Effect, Schema } from "effect"
import { Advice } from "../../schemas/advice.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import { saga, turnBack } from "../../bus/saga.ts"

/** The cloud's no. */
export class CloudNo extends Schema.TaggedError<CloudNo>()("CloudNo", { code: Schema.String, advice: Advice }) {
  override get message() {
    return `the cloud says ${this.code}`
  }
}

/** One group of one old machine: what a swap finds, changes and has to leave behind. */
export class ToyWorld {
  readonly maxBefore = 4
  /** An absolute knob: whoever sets it late undoes somebody else's work. */
  max = this.maxBefore
  /** Machines by token: a repeated launch with the same token has no new effect. */
  readonly machines = new Map<string, { running: boolean; readonly healthyAt: number }>()
  /** Not idempotent: each attach counts, whoever is attached already. */
  readonly attached: Array<string> = []
  isOldServing = true
  /** How often the old machine was told to go. */
  retired = 0

  get running(): ReadonlyArray<string> {
    return [...this.machines].flatMap(([token, { running }]) => (running ? [token] : []))
  }
  /** What is not as it was before. Empty = nothing is left of the swap. */
  get traces(): ReadonlyArray<string> {
    return [
      ...(this.max === this.maxBefore ? [] : [`max is ${this.max}`]),
      ...this.running.map((token) => `${token} runs`),
      ...this.attached.map((token) => `${token} is attached`),
      ...(this.isOldServing ? [] : ["the old machine is gone"])
    ]
  }
}

/** The cloud as a step sees it: reads, and writes that carry a lease. */
export class Cloud extends Context.Service<
  Cloud,
  {
    readonly read: <A>(far: (world: ToyWorld, now: number) => A) => Effect.Effect<A, CloudNo>
    readonly write: (
      call: string,
      far: (world: ToyWorld, now: number) => void
    ) => Effect.Effect<void, CloudNo | LeaseLost>
  }
>()("test/Cloud") {}

const reading = <A>(far: (world: ToyWorld, now: number) => A) => Cloud.use((cloud) => cloud.read(far))
const writing = (call: string, far: (world: ToyWorld, now: number) => void) =>
  Cloud.use((cloud) => cloud.write(call, far))

/** How long a machine takes to become healthy: longer than a lease, so that waiting needs beats. */
export const bootMs = 4_000

export const ToyInput = Schema.Struct({ isWelcome: Schema.Boolean })

/** Raise the maximum, launch, attach, retire the old one (no way back), restore the maximum. */
export const toySaga = saga("toy-swap", ToyInput)
  .look("group", {
    within: "10 seconds",
    makes: Schema.Struct({ max: Schema.Int }),
    do: ({ input, note }) =>
      Effect.gen(function* () {
        yield* note("looked", true)
        const max = yield* reading((world) => world.max)
        return input.isWelcome ? { max } : yield* turnBack("NotWelcome", "nobody asked for it")
      })
  })
  .step("raise", {
    within: "30 seconds",
    needs: ["toy:SetMax"],
    makes: Schema.Int,
    do: ({ notes, note }) =>
      Effect.gen(function* () {
        // chosen once, whoever comes after: the knob may have been raised already by somebody who then died
        if (notes["max"] === undefined) yield* note("max", yield* reading((world) => world.max))
        const max = Number(notes["max"]) + 1
        yield* writing("toy:SetMax", (world) => {
          world.max = max
        })
        return max
      }),
    verify: (_, max) => reading((world) => world.max === max),
    undo: ({ notes }) =>
      notes["max"] === undefined
        ? Effect.void
        : writing("toy:SetMax", (world) => {
            world.max = Number(notes["max"])
          })
  })
  .step("launch", {
    within: "60 seconds",
    needs: ["toy:Launch", "toy:Terminate"],
    makes: Schema.String,
    do: ({ id }) =>
      Effect.as(
        writing("toy:Launch", (world, now) => {
          if (!world.machines.has(id)) world.machines.set(id, { running: true, healthyAt: now + bootMs })
        }),
        id
      ),
    verify: (_, token) => reading((world, now) => now >= world.machines.get(token)!.healthyAt),
    undo: ({ id }) =>
      writing("toy:Terminate", (world) => {
        const machine = world.machines.get(id)
        // a token that was never used is used up: a launch that comes later finds it dead
        world.machines.set(id, { running: false, healthyAt: machine?.healthyAt ?? 0 })
      })
  })
  .step("attach", {
    within: "30 seconds",
    needs: ["toy:Attach", "toy:Detach"],
    makes: Schema.Null,
    do: ({ made }) =>
      Effect.gen(function* () {
        const isThere = yield* reading((world) => world.attached.includes(made.launch))
        if (!isThere) yield* writing("toy:Attach", (world) => void world.attached.push(made.launch))
        return null
      }),
    verify: ({ made }) => reading((world) => world.attached.includes(made.launch)),
    undo: ({ made }) =>
      writing("toy:Detach", (world) => {
        const at = world.attached.indexOf(made.launch)
        if (at >= 0) world.attached.splice(at, 1)
      })
  })
  .pivot("retire", {
    noWayBackBecause: "the old machine has dropped its connections",
    within: "30 seconds",
    needs: ["toy:Retire"],
    makes: Schema.Null,
    do: () =>
      Effect.as(
        writing("toy:Retire", (world) => {
          world.isOldServing = false
          world.retired++
        }),
        null
      ),
    verify: () => reading((world) => !world.isOldServing)
  })
  .finish("restore", {
    within: "30 seconds",
    needs: ["toy:SetMax"],
    makes: Schema.Null,
    do: ({ made }) =>
      Effect.as(
        writing("toy:SetMax", (world) => {
          world.max = made.group.max
        }),
        null
      ),
    verify: ({ made }) => reading((world) => world.max === made.group.max)
  }).data
