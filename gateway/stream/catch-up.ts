/** How who comes back is told what he missed: out of the ring, a little further back out of the log, or not at all. */
import { Effect, type Semaphore } from "effect"
import type { BusDown, Stored } from "../../bus/bus.ts"
import type { Member, Wanted } from "./channel.ts"
import type { Fanout } from "./fanout.ts"
import type { Batch } from "./batch.ts"
import { Heard } from "./heard.ts"

/** Messages before the ring that are read for one reader; more, and he reads everything anew. */
export const readMax = 10_000
/** An id of a log that is further along than ours: another gateway's, or nobody's. */
export const aheadMax = 10_000

/** Where a reader stands: after this sequence, at the end, or where nothing can be told him. */
export type Since =
  | { readonly _tag: "After"; readonly seq: number }
  | { readonly _tag: "Now" }
  | { readonly _tag: "Lost" }

export interface CatchUp {
  readonly fanout: Fanout
  readonly wanted: Wanted
  readonly member: Member
  readonly since: Since
  readonly scan: (after: number, max: number) => Effect.Effect<ReadonlyArray<Stored>, BusDown>
  /** How many readers the log is read for at a time: a thousand may come back at once. */
  readonly turns: Semaphore.Semaphore
  /** Waits until he has taken most of what he was sent; false: he does not. */
  readonly drained: Effect.Effect<boolean>
  readonly isGone: () => boolean
}

const isTold = (fanout: Fanout, seq: number) => seq >= fanout.ring.floor - readMax && seq <= fanout.toldSeq + aheadMax

/** Of what a reader missed the next part: what he is sent of it, if anything, and the sequence that it reaches to. */
interface Part {
  readonly batch: Batch | null
  readonly last: number
}

/** Up to the ring, from the log. Undefined where the log has forgotten some of it. */
const older = ({ scan, turns, fanout, wanted }: CatchUp, seen: number): Effect.Effect<Part | undefined, BusDown> =>
  turns
    .withPermits(1)(scan(seen, Math.min(fanout.pageLength, fanout.ring.floor - seen)))
    .pipe(
      Effect.map((found) => {
        const last = found.at(-1)
        if (last === undefined || found[0]?.seq !== seen + 1) return undefined
        const channel = fanout.channelOf(wanted)
        return { batch: channel.batchOf(channel.pick(found.map((stored) => new Heard(stored)))), last: last.seq }
      })
    )

/** The next part for him out of the ring: up to the end of a page, so that his pages are those of others. */
const newer = ({ fanout, wanted }: CatchUp, seen: number): Part => {
  const { pageLength, toldSeq } = fanout
  const last = Math.min(toldSeq, (Math.floor(seen / pageLength) + 1) * pageLength)
  return { batch: fanout.replay(wanted, seen, last), last }
}

/**
 * Tells a reader everything that has been told to others since he was here, and lets him join them. Nothing that waits
 * to be told goes with it: it comes to him with the rest.
 */
export const catchUp = (way: CatchUp): Effect.Effect<void, BusDown> =>
  Effect.gen(function* () {
    const { fanout, wanted, member, since, isGone } = way
    member.seen = since._tag === "After" ? since.seq : fanout.toldSeq
    if (since._tag === "Lost" || !isTold(fanout, member.seen)) fanout.reset(wanted, member)
    while (!isGone()) {
      const { ring, toldSeq } = fanout
      const { seen } = member
      // in the turn in which nothing is left for him he joins: nothing is told in between
      if (seen >= ring.floor && seen >= toldSeq) return fanout.join(wanted, member)
      const part = seen < ring.floor ? yield* older(way, seen) : newer(way, seen)
      if (isGone()) return
      if (part === undefined) {
        fanout.reset(wanted, member)
        continue
      }
      member.seen = part.last
      if (part.batch !== null && !fanout.sendTo(member, part.batch)) return
      if (!(yield* way.drained)) return isGone() ? undefined : fanout.evict(member)
      yield* Effect.yieldNow
    }
  })
