/** What lies in DEAD, read from its newest end, one by one, from the stream's leader. */
import { Effect } from "effect"
import { readBuried } from "./buried.ts"
import type { BusDown, Dead } from "./bus.ts"
import type { Link } from "./nats-link.live.ts"
import { messageAt } from "./nats-read.live.ts"
import { deadName, deadPageMax } from "./streams.ts"

/** Messages asked for together: a burial has up to 90 KB, and a third more on the wire. */
const togetherMax = 16

/** Undefined where nothing lies, or no longer. */
const deadAt = (link: Link, seq: number): Effect.Effect<Dead | undefined, BusDown> =>
  Effect.map(messageAt(link, deadName, seq), (found) => found && { seq, at: found.at, buried: readBuried(found.data) })

/**
 * A whole page of any replica would cost less, but of a replica that is behind what it has not yet cannot be told from
 * what has aged out, and the newest would be passed over.
 */
export const dead =
  (link: Link) =>
  (before: number | undefined, max: number): Effect.Effect<ReadonlyArray<Dead>, BusDown> =>
    Effect.gen(function* () {
      const { state } = yield* link.ask("dead", () => link.jsm.streams.info(deadName))
      const wanted = Math.min(max, deadPageMax)
      const oldest = Math.max(1, state.first_seq)
      const found: Array<Dead> = []
      let next = Math.min(state.last_seq, before === undefined ? state.last_seq : before - 1)
      while (found.length < wanted && next >= oldest) {
        const count = Math.min(togetherMax, wanted - found.length, next - oldest + 1)
        const seqs = Array.from({ length: count }, (_, i) => next - i)
        const some = yield* Effect.forEach(seqs, (seq) => deadAt(link, seq), { concurrency: "unbounded" })
        found.push(...some.filter((one) => one !== undefined))
        next -= count
      }
      return found
    })
