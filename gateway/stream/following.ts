/** The clockwork of the stream: the one tail of the log, a batch every 100 ms, a beat every 15 s, and the good-byes. */
import { Clock, Deferred, Effect, Fiber, type Scope } from "effect"
import type { Bus, BusDown } from "../../bus/bus.ts"
import type { Member, Voices, Wanted } from "./channel.ts"
import { Fanout } from "./fanout.ts"
import { revokedBy } from "./revoked.ts"
import type { Reason } from "./wire-format.ts"

/** What is heard within it goes together: 100 events a second cost no more than ten. */
const batchMs = 100
const sweepMs = 1_000
/** Proxies cut connections on which nothing comes for a minute, some for half of that. */
const beatMs = 15_000
/** Before the log's head, at the start: those who come back after a restart find it in the ring, all at once. */
const backMax = 10_000
/** Good-byes are spread: all readers come back, and not in one moment. */
const farewell = { steps: 10, stepMs: 100 }

export interface Open {
  readonly fanout: Fanout
  /** Everybody whose stream is open, whether he has caught up or not. */
  readonly open: Map<Member, Wanted>
}

export interface Following extends Open {
  readonly ended: Effect.Effect<never, BusDown>
  /** Says good-bye to everybody, and at once where nobody is left. */
  readonly farewell: Effect.Effect<void>
  readonly isClosing: () => boolean
}

/** Everything up to the log's head is in the ring before anybody is answered. */
const tailing = (bus: Bus["Service"], all: Open, head: number) =>
  Effect.gen(function* () {
    const { fanout } = all
    const caughtUp = yield* Deferred.make<void>()
    const isThere = () => fanout.ring.lastSeq >= head
    if (isThere()) Deferred.doneUnsafe(caughtUp, Effect.void)
    const tail = bus.tail(fanout.ring.lastSeq, (stored) => {
      fanout.hear(stored)
      const isMeant = revokedBy(stored)
      if (isMeant !== undefined) end(all, "revoked", isMeant)
      if (isThere()) Deferred.doneUnsafe(caughtUp, Effect.void)
    })
    const fiber = yield* Effect.forkScoped(tail)
    yield* Effect.raceFirst(Deferred.await(caughtUp), Fiber.join(fiber))
    return fiber
  })

/** Ends streams for a reason, at most so many: once each, whether they have caught up or not. */
const end = (
  { fanout, open }: Open,
  reason: Reason,
  isMeant: (member: Member, wanted: Wanted) => boolean,
  most = Infinity
) => {
  let count = 0
  for (const [member, wanted] of open) {
    if (count >= most) return
    if (!isMeant(member, wanted)) continue
    count++
    open.delete(member)
    fanout.end(member, wanted, reason)
  }
}

const sayGoodBye = (all: Open) =>
  Effect.gen(function* () {
    const each = Math.ceil(all.open.size / farewell.steps)
    while (all.open.size > 0) {
      end(all, "closing", () => true, each)
      if (all.open.size > 0) yield* Effect.sleep(farewell.stepMs)
    }
  })

/** Follows the log until the scope closes; then everybody is told so, and has what was heard until then. */
export const follow = (bus: Bus["Service"], voices: Voices): Effect.Effect<Following, BusDown, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const head = (yield* bus.recall(">"))?.seq ?? 0
    const fanout = new Fanout({ epoch: yield* bus.epoch, from: Math.max(0, head - backMax), ...voices })
    const all: Open = { fanout, open: new Map() }
    let isClosing = false
    const farewell = Effect.suspend(() => {
      isClosing = true
      fanout.flush(now())
      return sayGoodBye(all)
    })
    yield* Effect.addFinalizer(() => farewell)
    const tail = yield* tailing(bus, all, head)
    fanout.flush(now())
    let beatAt = now()
    const every = (ms: number, task: () => void) => Effect.forever(Effect.andThen(Effect.sleep(ms), Effect.sync(task)))
    yield* Effect.forkScoped(every(batchMs, () => fanout.flush(now())))
    yield* Effect.forkScoped(
      every(sweepMs, () => {
        end(all, "expired", ({ until }) => until <= now())
        if (now() - beatAt < beatMs) return
        beatAt = now()
        fanout.beat()
      })
    )
    return { ...all, farewell, isClosing: () => isClosing, ended: Fiber.join(tail) }
  })
