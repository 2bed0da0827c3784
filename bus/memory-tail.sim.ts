/** The tail of a memory server's log: a word from the server only says that there is more, reading says what. */
import { Effect, Latch } from "effect"
import type { BusDown, Stored } from "./bus.ts"
import type { Wire } from "./memory.sim.ts"
import type { MemoryServer } from "./memory-server.sim.ts"

const pageMax = 500
const retryMs = 250

type Read = (after: number, max: number) => Effect.Effect<ReadonlyArray<Stored>, BusDown>

/** Follows the log until interrupted. A server that does not answer is asked again. */
export const tailing =
  (server: MemoryServer, wire: Wire, read: Read) =>
  (after: number, hear: (stored: Stored) => void): Effect.Effect<never, BusDown> =>
    Effect.suspend(() => {
      const more = Latch.makeUnsafe(true)
      let last = after
      const stop = server.onAppend(() => {
        if (wire.isUp()) wire.post(() => more.openUnsafe())
      })
      const page = Effect.gen(function* () {
        yield* more.await
        // closed before reading: what is stored meanwhile opens it again
        more.closeUnsafe()
        const found = yield* read(last, pageMax)
        for (const stored of found) {
          last = stored.seq
          hear(stored)
        }
        if (found.length === pageMax) more.openUnsafe()
      })
      const again = Effect.suspend(() => {
        more.openUnsafe()
        return Effect.sleep(retryMs)
      })
      return page.pipe(
        Effect.catch(() => again),
        Effect.forever,
        Effect.ensuring(Effect.sync(stop))
      )
    })
