/** A mind: hears messages about entities, decides by pure rules, and says facts on condition that nobody was first. */
import { Clock, Effect, Random, Result, Schema, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import type { Book, Heard, Rules } from "../schemas/decision.ts"
import { decodeAs, open, type Undecodable } from "../schemas/envelope.ts"
import { instant } from "../schemas/ids.ts"
import { entityFilter, matches, redriveFilter, type Road } from "../schemas/message.ts"
import { type LiveBook, openBook } from "./book.ts"
import { Ack, Bus, type BusDown, type Delivery, type Inbox, later, type Stored, type Verdict } from "./bus.ts"
import { makeClaims } from "./claims.ts"
import { decideAll, type Known, type Task } from "./decide.ts"
import { type Understand, understanding } from "./understand.ts"

/** A road that is heard, whom its messages are about, and what must have reached the book before one is decided on. */
export interface Hears<A = any> {
  readonly road: Road<A>
  /** The entity, as a token: the key under which the mind remembers. */
  readonly about: (message: A) => string
  readonly after: (message: A, seq: number) => ReadonlyArray<Waits>
}
interface Waits {
  readonly bucket: Bucket<any>
  readonly about: string
  readonly seq: number
}
export const hears = <A>(
  road: Road<A>,
  about: (message: A) => string,
  after: Hears<A>["after"] = () => []
): Hears<A> => ({ road, about, after })

export interface Mind<S> {
  readonly name: string
  readonly remembers: Schema.Codec<S, any>
  readonly hears: ReadonlyArray<Hears>
  /** Roads of what it says: facts of its own, and orders to others. */
  readonly says: ReadonlyArray<Road>
  readonly rules: Rules<S, any, any, any>
  readonly consults: ReadonlyArray<Bucket<any>>
  readonly remarks: ReadonlyArray<Road>
  /** Its own bucket, and how often each row is asked to look again; null = never. */
  readonly wakes: { readonly bucket: Bucket<S>; readonly everyMs: number } | null
  /** Put on orders as they leave, as a signature. */
  readonly seal?: <A>(message: A) => A
}

/**
 * Deliveries decided in one go, and so appended in one atomic batch: the server makes a store of its own for each. A
 * batch takes 1,000 messages, so what says more than two to each is parted.
 */
export const batchMax = 500
/** Batches under way at once, of different entities: while one is on its way to the disk, the next is decided. */
const lanes = 4
/** How long a delivery waits for the book to catch up with it before it is put back. */
const bookPatienceMs = 2_000
const retriesMax = 8
/** Deliveries of each road that are not settled yet: those that the lanes hold, and those that wait ahead of them. */
const inFlightMax = 2_600
/** Questions to the leader on the wire at once: a batch's all together, for the time of one. */
const asksAtOnce = batchMax
/** Entities remembered before they are forgotten: the log knows them better. */
const knownMax = 50_000

/** Somebody else wrote under the mind's name, or a newer version of us: nobody can say how its entity stands. */
class OwnFactUnreadable extends Schema.TaggedError<OwnFactUnreadable>()("OwnFactUnreadable", {
  mind: Schema.String,
  about: Schema.String,
  seq: Schema.Int,
  details: Schema.String
}) {
  override get message() {
    return `unreadable-state: ${this.mind} cannot read its own fact ${this.seq} about ${this.about}: ${this.details}`
  }
}

const deliveriesOf = (tasks: ReadonlyArray<Task>) => tasks.flatMap(({ delivery }) => delivery ?? [])

/** Runs a mind for ever. Ends only with the bus: its supervisor starts it again. */
export const runMind = <S>(mind: Mind<S>): Effect.Effect<never, BusDown, Bus | Scope.Scope> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const own = mind.wakes === null ? [] : [mind.wakes.bucket]
    const book = yield* openBook([...new Set([...mind.consults, ...own])], mind.remarks)
    const filters = [...mind.hears.map(({ road }) => road.filter), redriveFilter(mind.name)]
    const hearing = { name: mind.name, filters, inFlightMax: inFlightMax * filters.length, ackWaitMs: 30_000 }
    const inbox = yield* bus.hear(hearing)
    const brain = new Brain(mind, bus, book, inbox.settleAll)
    const listen = Effect.flatMap(inbox.take(batchMax), (batch) =>
      brain.hearAll(batch).pipe(
        // what is already settled stays so; the rest need not wait for the end of the ack wait
        Effect.onInterrupt(() => Effect.ignore(inbox.settleAll(batch, later(0))))
      )
    )
    const wake =
      mind.wakes === null
        ? Effect.never
        : Effect.andThen(Effect.sleep(mind.wakes.everyMs), brain.wakeAll(mind.wakes.bucket))
    const lives = [...Array.from({ length: lanes }, () => listen), wake]
    return yield* Effect.forEach(lives, (life) => Effect.forever(life), { concurrency: "unbounded" }) as Effect.Effect<
      never,
      BusDown
    >
  })

class Brain<S> {
  private readonly known = new Map<string, Known<S>>()
  private readonly claims = makeClaims()
  private readonly mind: Mind<S>
  private readonly bus: Bus["Service"]
  private readonly book: LiveBook
  private readonly settleAll: Inbox["settleAll"]
  private readonly understand: Understand
  private readonly redrives: string
  constructor(mind: Mind<S>, bus: Bus["Service"], book: LiveBook, settleAll: Inbox["settleAll"]) {
    this.mind = mind
    this.bus = bus
    this.book = book
    this.settleAll = settleAll
    this.understand = understanding(mind)
    this.redrives = redriveFilter(mind.name)
  }

  /** Decides a whole batch at once; where somebody was first, each message anew by itself. */
  hearAll(batch: ReadonlyArray<Delivery>): Effect.Effect<void, BusDown> {
    return Effect.gen({ self: this }, function* () {
      const understood: Array<Task> = []
      for (const delivery of batch) {
        const read = this.understand(delivery, delivery)
        const task = Result.isSuccess(read) ? read.success : yield* this.notRead(delivery, read.failure)
        if (task !== undefined) understood.push(task)
      }
      const tasks = yield* this.caughtUp(understood)
      const abouts = tasks.map(({ about }) => about)
      const isStored = yield* this.claims.holding(abouts, this.storeAll(tasks))
      // its entities are free for the next batch: the facts stand, whenever the server hears that they do
      if (isStored) yield* this.settleAll(deliveriesOf(tasks), Ack)
    })
  }

  /**
   * True where all went through together. What is too much for one batch is halved; else each was decided anew by
   * itself. Both are settled as that went.
   */
  private storeAll(tasks: ReadonlyArray<Task>): Effect.Effect<boolean, BusDown> {
    return Effect.gen({ self: this }, function* () {
      const end = yield* this.attempt(tasks)
      if (end === "stored") return true
      if (end === "too-large" && tasks.length > 1) {
        const half = Math.ceil(tasks.length / 2)
        for (const part of [tasks.slice(0, half), tasks.slice(half)]) {
          if (yield* this.storeAll(part)) yield* this.settleAll(deliveriesOf(part), Ack)
        }
        return false
      }
      for (const task of tasks) yield* this.settleAll(deliveriesOf([task]), yield* this.alone(task))
      return false
    })
  }

  wakeAll(bucket: Bucket<S>): Effect.Effect<void, BusDown> {
    return Effect.gen({ self: this }, function* () {
      const { wake } = this.mind.rules
      if (wake === undefined) return
      const at = instant(yield* Clock.currentTimeMillis)
      for (const [about, row] of this.book.all(bucket)) {
        // the row may lag behind what we said: only a wish is read off it, the decision is made on the leader's state
        if (wake(row.value, { at, seq: 0, book: this.book }).length === 0) continue
        const heard = (book: Book): Heard => ({ at, seq: 0, book })
        const task = { delivery: null, origin: null, about, heard, hears: null, message: null }
        yield* this.claims.holding([about], this.alone(task))
      }
    })
  }

  /** A redrive names what it means; anything else is buried with the reason and settled, and undefined. */
  private notRead(delivery: Delivery, no: Undecodable): Effect.Effect<Task | undefined, BusDown> {
    return Effect.gen({ self: this }, function* () {
      const bury = (stored: Stored, { reason, details }: Undecodable) =>
        this.bus
          .bury(stored, this.mind.name, `${reason}: ${details}`)
          .pipe(Effect.andThen(delivery.settle(Ack)), Effect.as(undefined))
      if (!matches(this.redrives, delivery.subject)) return yield* bury(delivery, no)
      const again = yield* this.redriven(delivery)
      if (again === undefined) {
        return yield* bury(delivery, { reason: "wrong-shape", details: "a redrive that names no message of ours" })
      }
      const read = this.understand(again, delivery)
      return Result.isSuccess(read) ? read.success : yield* bury(again, read.failure)
    })
  }

  private redriven(order: Stored): Effect.Effect<Stored | undefined, BusDown> {
    const seq = Number(order.subject.split(".")[4])
    if (!Number.isSafeInteger(seq) || seq < 1) return Effect.succeed(undefined)
    return Effect.map(this.bus.scan(seq - 1, 1), ([found]) =>
      found?.seq === seq && !matches(this.redrives, found.subject) ? found : undefined
    )
  }

  /** One task by itself, until it went through or patience is over. */
  private alone(task: Task): Effect.Effect<Verdict, BusDown> {
    return Effect.gen({ self: this }, function* () {
      for (let retry = 0; retry < retriesMax; retry++) {
        this.known.delete(task.about)
        const end = yield* this.attempt([task])
        if (end === "stored") return Ack
        if (end === "too-large") {
          const what = `what ${this.mind.name} would say about ${task.about} fits into no message or batch`
          return yield* this.giveUp(task, `too-large: ${what}`)
        }
        if (end !== "anew") return yield* this.giveUp(task, end.message)
        yield* Effect.sleep(5 + (yield* Random.nextIntBetween(0, 10 * 2 ** retry)))
      }
      return later(1_000)
    })
  }

  /** It will never go through: asking again would stop everybody else for nothing. A redrive asks once more. */
  private giveUp({ delivery, origin }: Task, reason: string): Effect.Effect<Verdict, BusDown> {
    const tell =
      delivery === null || origin === null ? Effect.logError(reason) : this.bus.bury(origin, this.mind.name, reason)
    return Effect.as(tell, Ack)
  }

  /**
   * Recall, decide, append. `anew`: nothing is known to be stored. `too-large`, or a fact that cannot be read: nothing
   * is, and never will be.
   */
  private attempt(
    tasks: ReadonlyArray<Task>
  ): Effect.Effect<"stored" | "anew" | "too-large" | OwnFactUnreadable, BusDown> {
    return Effect.gen({ self: this }, function* () {
      if (this.known.size > knownMax) this.forget()
      const abouts = [...new Set(tasks.map(({ about }) => about))]
      const remembered = abouts.filter((about) => this.known.has(about))
      yield* this.isNews(abouts.filter((about) => !this.known.has(about)))
      let said = decideAll(this.mind, this.known, this.book, tasks)
      // an append would be refused on a state that others have moved on from; silence has to ask
      const silent = remembered.filter((about) => !said.touched.has(about))
      if (yield* this.isNews(silent)) said = decideAll(this.mind, this.known, this.book, tasks)
      if (said.drafts.length === 0) return "stored"
      const stored = yield* Effect.result(this.bus.append(said.drafts))
      // what was remembered of them is forgotten before each is decided anew
      if (Result.isFailure(stored)) return stored.failure.reason === "too-large" ? "too-large" : "anew"
      const first = stored.success.seq - said.drafts.length + 1
      for (const [about, { draft, state }] of said.touched) this.known.set(about, { state, seq: first + draft })
      return "stored" as const
    }).pipe(Effect.catchTag("OwnFactUnreadable", (unreadable) => Effect.succeed(unreadable)))
  }

  /** All but what somebody is deciding on right now. */
  private forget() {
    for (const about of this.known.keys()) if (!this.claims.isClaimed(about)) this.known.delete(about)
  }

  /** Those on whom the book can be asked; the others are put back, so that nobody waits for them. */
  private caughtUp(tasks: ReadonlyArray<Task>): Effect.Effect<ReadonlyArray<Task>, BusDown> {
    const isBehind = (task: Task) =>
      (task.hears?.after(task.message, task.heard(this.book).seq) ?? []).some(
        // a row that cannot be read has arrived all the same: waiting for it would be for ever
        ({ bucket, about, seq }) => this.book.newest(bucket, about) < seq
      )
    return Effect.gen({ self: this }, function* () {
      let behind = tasks.filter(isBehind)
      if (behind.length === 0) return tasks
      for (let waited = 0; behind.length > 0 && waited < bookPatienceMs; waited += 5) {
        yield* Effect.sleep(5)
        behind = behind.filter(isBehind)
      }
      yield* this.settleAll(deliveriesOf(behind), later(1_000))
      return tasks.filter((task) => !behind.includes(task))
    })
  }

  /** Asks the leader for the last fact about each; true where it is not the one that was known. */
  private isNews(abouts: ReadonlyArray<string>): Effect.Effect<boolean, BusDown | OwnFactUnreadable> {
    const ask = (about: string) =>
      Effect.map(this.recall(about), (fresh) => {
        const isNew = this.known.get(about)?.seq !== fresh.seq
        if (isNew) this.known.set(about, fresh)
        return isNew
      })
    return Effect.map(Effect.forEach(abouts, ask, { concurrency: asksAtOnce }), (news) => news.includes(true))
  }

  private recall(about: string): Effect.Effect<Known<S>, BusDown | OwnFactUnreadable> {
    return Effect.gen({ self: this }, function* () {
      const stored = yield* this.bus.recall(entityFilter(this.mind.name, about))
      if (stored === undefined) return { state: undefined, seq: 0 }
      const state = Result.flatMap(open(stored.data), (envelope) => decodeAs(this.mind.remembers, envelope.state))
      if (Result.isSuccess(state)) return { state: state.success, seq: stored.seq }
      const { details } = state.failure
      return yield* new OwnFactUnreadable({ mind: this.mind.name, about, seq: stored.seq, details })
    })
  }
}
