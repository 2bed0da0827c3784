/** How a sense speaks: whole facts, only when something changed, on condition that no other replica was first. */
import { Clock, Effect, Result } from "effect"
import { decodeAs, open } from "../schemas/envelope.ts"
import { entityFilter, type Road } from "../schemas/message.ts"
import { type AppendRefused, Bus, type BusDown, type Draft } from "./bus.ts"
import { draftOf } from "./draft.ts"

interface Last {
  readonly seq: number
  readonly tag: string
  readonly fact: unknown
  /** When it was last known to stand in the log, in milliseconds since 1970. */
  readonly knownAt: number
}

export interface Teller {
  /**
   * Says the fact unless `changed` finds the last one of the entity still true. Gives whether it was said, false too
   * where the answer was lost and it was found said). A last fact of another road counts as changed.
   */
  readonly tell: <A>(
    road: Road<A>,
    fact: A,
    changed: (last: A, now: A) => boolean
  ) => Effect.Effect<boolean, BusDown | AppendRefused>
  /**
   * Says facts about different entities, many in one atomic batch: for the first reading of much that nobody spoke of
   * yet. Where somebody did, each of the batch is told by itself.
   */
  readonly tellAll: <A>(
    road: Road<A>,
    facts: ReadonlyArray<A>,
    changed: (last: A, now: A) => boolean
  ) => Effect.Effect<void, BusDown | AppendRefused>
  /** What was last said about the entity on this road, if that was the last word about it. */
  readonly last: <A>(road: Road<A>, about: string) => Effect.Effect<A | undefined, BusDown>
}

const triesMax = 4
/**
 * How long what we remember is taken for the last word, in milliseconds: another replica may have said something since
 * that has ceased to be true, and died.
 */
export const trustMs = 300_000
/** Facts in one batch: far below the server's thousand, so that a batch stays a moment's work. */
const batchMax = 100

/** What the owner last said about each entity, as the log has it or as it was remembered a short while ago. */
const memoryOf = (bus: Bus["Service"], owner: string) => {
  const known = new Map<string, Last>()
  const recall = (about: string, knownAt: number) =>
    Effect.map(bus.recall(entityFilter(owner, about)), (stored): Last => {
      const nothing = { seq: stored?.seq ?? 0, tag: "", fact: undefined, knownAt }
      if (stored === undefined) return nothing
      const envelope = open(stored.data)
      if (Result.isFailure(envelope)) return nothing
      return { ...nothing, tag: envelope.success.tag, fact: envelope.success.body }
    })
  const lastOf = (about: string) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const had = known.get(about)
      if (had !== undefined && now - had.knownAt <= trustMs) return had
      const one = yield* recall(about, now)
      known.set(about, one)
      return one
    })
  return {
    lastOf,
    forget: (about: string) => known.delete(about),
    /** A draft on condition that nobody has said anything since `seq`; by default, since what is remembered. */
    draftOf: <A>(road: Road<A>, fact: A, seq?: number): Draft => {
      const about = road.about(fact)
      const expect = { seq: seq ?? known.get(about)?.seq ?? 0, on: entityFilter(owner, about) }
      return { ...draftOf(road, fact), expect }
    },
    stored: <A>(road: Road<A>, about: string, { data }: Draft, seq: number) =>
      Effect.map(Clock.currentTimeMillis, (knownAt) => {
        const { body } = Result.getOrThrow(open(data))
        known.set(about, { seq, tag: road.tag, fact: body, knownAt })
      })
  }
}

const read = <A>(road: Road<A>, last: Last): A | undefined => {
  if (last.tag !== road.tag) return undefined
  const fact = decodeAs(road.schema, last.fact)
  return Result.isSuccess(fact) ? fact.success : undefined
}

/** A teller for one owner; it remembers what it said, so an unchanged world costs few reads. */
export const makeTeller = (owner: string): Effect.Effect<Teller, never, Bus> =>
  Effect.map(Bus, (bus) => {
    const memory = memoryOf(bus, owner)
    const last: Teller["last"] = (road, about) => Effect.map(memory.lastOf(about), (one) => read(road, one))
    const tell: Teller["tell"] = (road, fact, changed) =>
      Effect.gen(function* () {
        const about = road.about(fact)
        for (let attempt = 1; ; attempt++) {
          const before = yield* memory.lastOf(about)
          const was = read(road, before)
          if (was !== undefined && !changed(was, fact)) return false
          const draft = memory.draftOf(road, fact, before.seq)
          const stored = yield* Effect.result(bus.append([draft]))
          if (Result.isSuccess(stored)) {
            yield* memory.stored(road, about, draft, stored.success.seq)
            return true
          }
          memory.forget(about)
          if (stored.failure.reason === "too-large" || attempt >= triesMax) return yield* stored.failure
          yield* Effect.sleep(20 * 2 ** attempt)
        }
      })
    const tellAll: Teller["tellAll"] = (road, facts, changed) =>
      Effect.gen(function* () {
        for (let from = 0; from < facts.length; from += batchMax) {
          const batch = facts.slice(from, from + batchMax)
          const drafts = batch.map((fact) => memory.draftOf(road, fact))
          const stored = yield* Effect.result(bus.append(drafts))
          if (Result.isFailure(stored)) {
            for (const fact of batch) memory.forget(road.about(fact))
            yield* Effect.forEach(batch, (fact) => tell(road, fact, changed), { concurrency: 8, discard: true })
            continue
          }
          const first = stored.success.seq - drafts.length + 1
          for (const [i, draft] of drafts.entries()) {
            yield* memory.stored(road, road.about(batch[i]!), draft, first + i)
          }
        }
      })
    return { tell, tellAll, last }
  })
