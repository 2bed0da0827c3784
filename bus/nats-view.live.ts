/** Live copies in memory: the rows of a bucket, and the newest remark per thing. */
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream"
import { Deferred, Effect, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import { instant } from "../schemas/ids.ts"
import { BusDown, type Row, type Stored, type View } from "./bus.ts"
import { type Link, ownBytes } from "./nats-link.live.ts"
import { close, keepOpen, open, type Place, placeAt } from "./nats-ordered.live.ts"
import { page } from "./nats-read.live.ts"
import { logName, streamOf, ticksName } from "./streams.ts"

const rowsPerPage = 100

const storedOf = (msg: JsMsg): Stored => ({
  seq: msg.seq,
  subject: msg.subject,
  data: ownBytes(msg),
  // Whole milliseconds: a number cannot hold the nanoseconds.
  at: instant(Number(BigInt(msg.timestampNanos) / 1_000_000n))
})

interface Follow {
  readonly stream: string
  readonly filters: ReadonlyArray<string>
  readonly onMessage: (stored: Stored) => void
}

/** From the last message per subject or, when an earlier consumer ended, from where that one was. */
const openView = (place: Place, what: Follow, caughtUp: () => void) =>
  place.link.ask(`follow ${what.stream}`, (abort) => {
    const from = place.last === 0 ? { deliver_policy: DeliverPolicy.LastPerSubject } : { opt_start_seq: place.last + 1 }
    return open(
      place,
      {
        stream: what.stream,
        from: { filter_subjects: [...what.filters], ...from },
        opened: ({ num_pending: waiting }) => void (waiting === 0 && caughtUp()),
        hear: (msg) => {
          place.last = Math.max(place.last, msg.seq)
          what.onMessage(storedOf(msg))
          if (msg.info.pending === 0) caughtUp()
        }
      },
      abort
    )
  })

/** Follows a stream until the scope closes; returns when it has caught up with what was there. */
const follow = (link: Link, what: Follow): Effect.Effect<void, BusDown, Scope.Scope> =>
  Effect.gen(function* () {
    const caughtUp = yield* Deferred.make<void>()
    const place = placeAt(link, 0)
    const opened = openView(place, what, () => Deferred.doneUnsafe(caughtUp, Effect.void))
    yield* Effect.addFinalizer(() => close(place))
    yield* opened
    const again = Effect.andThen(Effect.logWarning("a view lost its consumer", { stream: what.stream }), opened)
    yield* Effect.forkScoped(keepOpen(place, again))
    const late = () => new BusDown({ op: `follow ${what.stream}`, cause: new Error("not caught up in time") })
    yield* Deferred.await(caughtUp).pipe(Effect.timeoutOrElse({ duration: `${link.patienceMs} millis`, orElse: late }))
  })

const viewOf = (rows: ReadonlyMap<string, Row>): View => ({ get: (about) => rows.get(about), rows: () => rows })

const lastToken = (subject: string) => subject.slice(subject.lastIndexOf(".") + 1)

/** Keeps the newest of each thing; what comes twice or late changes nothing. */
const keepNewest = (rows: Map<string, Row>) => (stored: Stored) => {
  const about = lastToken(stored.subject)
  if ((rows.get(about)?.seq ?? 0) <= stored.seq) rows.set(about, stored)
}

/**
 * `Nats-Stream-Source: LOG <seq> <filters> <destinations> <subject> <token>`; undefined where it is not ours to read.
 */
export const originOf = (header: string): { readonly seq: number; readonly subject: string } | undefined => {
  const [stream, seq, , , subject] = header.split(" ")
  return stream === logName && subject && Number(seq) > 0 ? { seq: Number(seq), subject } : undefined
}

/** Of a bucket's own stream the rows that the log has forgotten by age. They stand first: both have one order. */
const agedOut = (link: Link, bucket: Bucket<any>): Effect.Effect<ReadonlyArray<Row>, BusDown> =>
  Effect.gen(function* () {
    const stream = streamOf(bucket)
    const { state } = yield* link.ask("view", () => link.jsm.streams.info(logName))
    const found: Array<Row> = []
    for (let after = 0; ; ) {
      const next = yield* page(link, stream, after + 1, rowsPerPage)
      for (const { seq, headers, data, at } of next) {
        after = seq
        const origin = originOf(headers.get("Nats-Stream-Source"))
        if (origin !== undefined && origin.seq >= state.first_seq) return found
        if (origin !== undefined) found.push({ ...origin, data, at })
      }
      if (next.length === 0) return found
    }
  })

/**
 * A bucket's rows, live. They are read off the log, under the same filters that feed the bucket: there a message has
 * its own sequence, subject and time, while the bucket's copy has the time of copying, which after a rebuild would make
 * old rows look fresh. Only rows that the log has forgotten are taken from the bucket, with the time of copying.
 */
export const view =
  (link: Link) =>
  (bucket: Bucket<any>): Effect.Effect<View, BusDown, Scope.Scope> =>
    Effect.gen(function* () {
      const rows = new Map<string, Row>()
      const filters = bucket.roads.map((road) => road.filter)
      yield* follow(link, { stream: logName, filters, onMessage: keepNewest(rows) })
      for (const row of yield* agedOut(link, bucket)) {
        const about = lastToken(row.subject)
        if (!rows.has(about)) rows.set(about, row)
      }
      return viewOf(rows)
    })

/** The newest remark about each thing, live. */
export const remarks =
  (link: Link) =>
  (filter: string): Effect.Effect<View, BusDown, Scope.Scope> =>
    Effect.gen(function* () {
      const rows = new Map<string, Row>()
      yield* follow(link, { stream: ticksName, filters: [filter], onMessage: keepNewest(rows) })
      return viewOf(rows)
    })
