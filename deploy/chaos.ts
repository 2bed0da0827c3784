/** What `--chaos` does to our own house: the NATS server dies once and comes back, executors die twice each. */
import { Effect, Random } from "effect"
import { calm } from "../actors/_ports/world/faults.ts"
import type { World } from "../actors/_ports/world/world.ts"
import type { NatsServer } from "./nats-server.ts"
import type { Kept } from "./supervise.ts"

/** How long the cloud misbehaves; then it must all come to rest. */
const faultsMs = 45_000

/** Draws its moments from the run's seed; real processes do not repeat to the millisecond all the same. */
export const chaos = (
  seed: number,
  server: NatsServer | undefined,
  world: World | undefined,
  executors: ReadonlyArray<Kept>,
  say: (line: string) => void
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const after = (from: number, to: number) =>
      Effect.flatMap(Random.nextIntBetween(from, to), (ms) => Effect.sleep(ms))
    const killServer = Effect.gen(function* () {
      if (server === undefined) return
      yield* after(8_000, 16_000)
      say("chaos: the NATS server is killed")
      yield* Effect.promise(() => server.kill9())
      yield* after(200, 1_500)
      yield* Effect.promise(() => server.restart())
      say("chaos: the NATS server is back")
    })
    const killTwice = (executor: Kept) =>
      Effect.gen(function* () {
        for (let time = 1; time <= 2; time++) {
          yield* after(6_000, 14_000)
          say(`chaos: ${executor.name} is killed (${time} of 2)`)
          executor.kill9()
        }
      })
    const soothe = Effect.gen(function* () {
      yield* Effect.sleep(faultsMs)
      world?.behave(calm)
      say("chaos: the cloud behaves again")
    })
    yield* Effect.all([killServer, soothe, ...executors.map(killTwice)], { concurrency: "unbounded", discard: true })
  }).pipe(Random.withSeed(seed))
