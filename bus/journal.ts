/** The journal of one saga: entries on one subject, each on condition of the one before. It is the lease as well. */
import { Clock, Effect, Result } from "effect"
import { digestOf } from "../schemas/digest.ts"
import { encodeAs } from "../schemas/envelope.ts"
import { AccountId, instant, TenantId } from "../schemas/ids.ts"
import { journalSubject, tokensOf, wireVersion } from "../schemas/message.ts"
import { Entry, entryIn, JournalUnreadable, LeaseLost } from "../schemas/saga.ts"
import { type AppendRefused, BusDown, Bus, type Draft, type Stored } from "./bus.ts"
import type { LeaseTerms } from "./lease.ts"
import type { Order } from "./order.ts"
import type { Saga } from "./saga.ts"

/** The last entry and where it stands. */
export interface Held {
  readonly entry: Entry
  readonly seq: number
}

const bytes = new TextEncoder()
const journalTag = "Entry"

const sealEntry = (entry: Entry): Uint8Array =>
  bytes.encode(JSON.stringify({ v: wireVersion, tag: journalTag, body: encodeAs(Entry, entry) }))

export const unreadable = (saga: string, details: string) => new JournalUnreadable({ saga, details })

/** An entry off the log. Throws `JournalUnreadable`: a defect of the walk, which its runner makes known. */
export const entryOf = (stored: Stored): Entry => {
  const entry = entryIn(stored.data)
  if (Result.isSuccess(entry)) return entry.success
  const saga = tokensOf(stored.subject)?.about ?? stored.subject
  const { reason, details } = entry.failure
  throw unreadable(saga, `entry at ${stored.seq}: ${reason}: ${details}`)
}

export const digestOfEntry = (entry: Entry) => digestOf(encodeAs(Entry, entry))

/** How often an append without an answer is asked about before the bus counts as down. */
const asksMax = 40

export interface Journal {
  /** The last entry, by the stream's leader. */
  readonly last: Effect.Effect<Held | undefined, BusDown>
  /**
   * Appends the entry after `was`, with further drafts in the same atomic batch. When nobody answers, reads whose entry
   * is last: ours means that it was stored, an unchanged one that it was not, any other that somebody else holds it.
   */
  readonly write: (
    was: Held | undefined,
    make: (now: number) => Entry,
    also?: (entry: Entry) => ReadonlyArray<Draft>
  ) => Effect.Effect<Held, BusDown | LeaseLost>
}

/** The journal of one saga. */
export const journalOf = (account: string, saga: string, id: string, by: string): Effect.Effect<Journal, never, Bus> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const subject = journalSubject(account, saga, id)
    const last = Effect.map(bus.recall(subject), (stored) => {
      if (stored === undefined) return undefined
      const entry = entryOf(stored)
      if (entry.id === id && entry.saga === saga && entry.account === account) return { entry, seq: stored.seq }
      throw unreadable(id, `entry at ${stored.seq} is of ${entry.saga} ${entry.id}`)
    })
    const write: Journal["write"] = (was, make, also = () => []) =>
      Effect.gen(function* () {
        for (let ask = 0; ask < asksMax; ask++) {
          const entry = make(yield* Clock.currentTimeMillis)
          const draft = { subject, data: sealEntry(entry), expect: { seq: was?.seq ?? 0 } }
          // made of this very entry: what is said of an ending names its instant
          const others = also(entry)
          const answer = yield* Effect.result(bus.append([draft, ...others]))
          if (Result.isSuccess(answer)) return { entry, seq: answer.success.seq - others.length }
          const mine = yield* afterRefusal(answer.failure, entry)
          if (mine !== undefined) return mine
          yield* Effect.sleep(Math.min(1_000, 10 * 2 ** Math.min(ask, 7)))
        }
        return yield* new BusDown({ op: `journal ${subject}`, cause: `no answer in ${asksMax} attempts` })
      })
    /** Held: it was stored after all. Undefined: it was not, ask again. LeaseLost: somebody else's stands there. */
    const afterRefusal = (refused: AppendRefused, entry: Entry): Effect.Effect<Held | undefined, BusDown | LeaseLost> =>
      Effect.gen(function* () {
        if (refused.reason === "too-large") return yield* Effect.die(refused)
        if (refused.reason === "in-flight") return undefined
        const tail = yield* last
        // ours, whichever of our attempts it was that landed: a holder's name is never used twice
        if (tail !== undefined && tail.entry.by === entry.by && tail.entry.n === entry.n) return tail
        if (tail === undefined ? entry.prev !== null : digestOfEntry(tail.entry) !== entry.prev) {
          return yield* new LeaseLost({ saga: id, by })
        }
        return undefined
      })
    return { last, write }
  })

/** The beginning of a saga: its order, and who holds it from now on. */
export const firstEntry = <I>(
  saga: Saga<I, any>,
  order: Order<I>,
  { by, now, terms }: { readonly by: string; readonly now: number; readonly terms: LeaseTerms },
  change: Partial<Entry>
): Entry =>
  new Entry({
    tenant: TenantId.make(order.tenant),
    account: AccountId.make(order.account),
    saga: saga.name,
    id: order.id,
    n: 1,
    mark: "move",
    phase: "Planned",
    step: "",
    attempt: 0,
    way: "forward",
    committed: false,
    by,
    until: instant(now + terms.leaseMs),
    epoch: 1,
    made: {},
    input: encodeAs(saga.input, order.input),
    stepAt: instant(now),
    startedAt: instant(now),
    code: null,
    reason: null,
    prev: null,
    at: instant(now),
    ...change
  })

/** What the next entry inherits from the last one, held by `by` from now on. */
export const nextEntry = (was: Entry, by: string, now: number, terms: LeaseTerms, change: Partial<Entry>): Entry =>
  new Entry({
    ...was,
    mark: "move",
    ...change,
    n: was.n + 1,
    by,
    epoch: was.by === by && change.mark !== "taken" ? was.epoch : was.epoch + 1,
    until: instant(now + terms.leaseMs),
    prev: digestOfEntry(was),
    at: instant(now)
  })
