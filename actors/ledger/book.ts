/** The booking: from where the warehouse stands to the end of the log, each message once. */
import { Effect, Schedule } from "effect"
import type { Bus, BusDown } from "../../bus/bus.ts"
import { extent, gaps, position } from "../_ports/warehouse-questions.ts"
import type { Warehouse, WarehouseDown } from "../_ports/warehouse.ts"
import { batchesOf, ledgerRowOf, type Logged, savingsIn, tokenOf } from "./policy.ts"

/** Messages of one look at the log, at most. */
export const batchRowsMax = 10_000
/**
 * Messages of one scan and rows of one insert, at most: while one insert is on its way to the disk the next ones are
 * read. An insert costs the engine 13 ms and then 20 us a row, so a scan that is not full has met the end of the log
 * and ends the look: what comes meanwhile is booked together by the next one.
 */
const insertRowsMax = 2_500

type Log = Pick<Bus["Service"], "scan">
type Store = Pick<Warehouse["Service"], "ask" | "insert">

/** No answer says nothing about the insert: the very same one is sent again, its token makes that harmless. */
const patience = Schedule.max([Schedule.spaced("500 millis"), Schedule.recurs(4)])

/** Where the warehouse stands, once no insert of an earlier life of ours is still under way there. */
const standing = (store: Store): Effect.Effect<number, WarehouseDown> =>
  Effect.gen(function* () {
    for (;;) {
      const [now] = yield* store.ask(position, {})
      if (now === undefined || now.underWay === 0) return now?.seq ?? 0
      yield* Effect.logInfo("waiting for an earlier insert to end", { inserts: now.underWay })
      yield* Effect.sleep("250 millis")
    }
  })

const insert = (store: Store, table: string, rows: ReadonlyArray<object>, token: string | null) =>
  store
    .insert(table, rows as ReadonlyArray<Readonly<Record<string, unknown>>>, token)
    .pipe(Effect.retry({ schedule: patience, while: (error) => error.code === null }))

/**
 * One batch. Savings go first and may be repeated: their table replaces by sequence. The events move the position, so
 * they are the commit. An engine that was killed may remember a token and not its rows; then the position has not moved
 * although the insert was answered, nothing of it is under way, and the next attempt takes another token.
 */
const bookBatch = (store: Store, batch: ReadonlyArray<Logged>, isThere: Effect.Effect<boolean, WarehouseDown>) =>
  Effect.gen(function* () {
    const saved = batch.flatMap((message) => savingsIn(message) ?? [])
    yield* insert(store, "savings", saved, null)
    const rows = batch.map(ledgerRowOf)
    for (let attempt = 1; attempt <= 5; attempt++) {
      yield* insert(store, "events", rows, tokenOf(batch, attempt))
      if (yield* isThere) return
      yield* Effect.logWarning("the warehouse remembers a token and not its rows", { token: tokenOf(batch, attempt) })
    }
    return yield* Effect.die(new Error(`${tokenOf(batch)} was answered five times and is not there`))
  })

/**
 * Books what the log holds behind the warehouse's position, at most `max` messages, and gives how many; 0 = all is
 * booked. There is one writer: two would cut the same messages at other boundaries, and tokens know only equal ones.
 */
export const bookOnce = (
  log: Log,
  store: Store,
  max: number = batchRowsMax
): Effect.Effect<number, BusDown | WarehouseDown> =>
  Effect.gen(function* () {
    const scan = (after: number, left: number) => log.scan(after, Math.min(left, insertRowsMax))
    const most = Math.min(max, batchRowsMax)
    let messages = yield* scan(yield* standing(store), most)
    let booked = 0
    while (messages.length > 0) {
      booked += messages.length
      const after = messages.at(-1)?.seq ?? 0
      const goesOn = messages.length >= insertRowsMax && booked < most
      // a scan that fails does not cut short the insert beside it
      const reading = Effect.result(goesOn ? scan(after, most - booked) : Effect.succeed([]))
      const [, next] = yield* Effect.all([bookAll(store, messages), reading], { concurrency: 2 })
      messages = yield* Effect.fromResult(next)
    }
    return booked
  })

/** Books messages that follow each other, in as many batches as they must be parted into. */
const bookAll = (store: Store, messages: ReadonlyArray<Logged>) =>
  Effect.forEach(
    batchesOf(messages),
    (batch) => {
      const last = batch.at(-1)?.seq ?? 0
      return bookBatch(
        store,
        batch,
        Effect.map(standing(store), (seq) => seq >= last)
      )
    },
    { discard: true }
  )

const mendOnce = (log: Log, store: Store) =>
  Effect.gen(function* () {
    yield* standing(store)
    let mended = 0
    for (const gap of yield* store.ask(gaps, {})) {
      const found = yield* log.scan(gap.first - 1, Math.min(gap.last - gap.first + 1, batchRowsMax))
      for (const batch of batchesOf(found.filter(({ seq }) => seq <= gap.last))) {
        const first = batch[0]?.seq ?? 0
        const isThere = Effect.map(
          store.ask(gaps, {}),
          (left) => !left.some((range) => range.first <= first && first <= range.last)
        )
        yield* bookBatch(store, batch, isThere)
        mended += batch.length
      }
    }
    return mended
  })

/**
 * Books again what is missing below the position, as after a part of the store was lost to a bad disk, as far as the
 * log still holds it. Gives how many messages. For the start of a process: where some are missing it reads every
 * sequence.
 */
export const mend = (log: Log, store: Store): Effect.Effect<number, BusDown | WarehouseDown> =>
  Effect.gen(function* () {
    const [is] = yield* store.ask(extent, {})
    if (is === undefined || is.events === 0 || is.events >= is.last - is.first + 1) return 0
    let mended = 0
    for (;;) {
      const more = yield* mendOnce(log, store)
      if (more === 0) return mended
      mended += more
    }
  })

/** Books without end, `pauseMs` after each look that met the end of the log; fails when bus or warehouse stay away. */
export const keepBooked = (log: Log, store: Store, pauseMs = 250): Effect.Effect<never, BusDown | WarehouseDown> =>
  bookOnce(log, store).pipe(
    Effect.flatMap((booked) => (booked < insertRowsMax ? Effect.sleep(pauseMs) : Effect.void)),
    Effect.forever
  )
