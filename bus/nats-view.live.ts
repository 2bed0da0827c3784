/** Live copies in memory: the rows of a bucket, and the newest remark per thing. */
import type { JsMsg } from "@nats-io/jetstream"
import { Effect, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import type { BusDown, Row, View } from "./bus.ts"
import type { Link } from "./nats-link.live.ts"
import { follow, type Place, storedOf } from "./nats-ordered.live.ts"
import { headerOf, page } from "./nats-read.live.ts"
import { logName, streamOf, ticksName } from "./streams.ts"

const rowsPerPage = 100

const viewOf = (rows: ReadonlyMap<string, Row>, place: Place): View => ({
  get: (about) => rows.get(about),
  rows: () => rows,
  upTo: () => place.last
})

const lastToken = (subject: string) => subject.slice(subject.lastIndexOf(".") + 1)

/** Keeps the newest of each thing; what comes twice or late changes nothing. */
const keepNewest = (rows: Map<string, Row>) => (msg: JsMsg) => {
  const stored = storedOf(msg)
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
      for (const { seq, head, data, at } of next) {
        after = seq
        const origin = originOf(headerOf(head, "Nats-Stream-Source"))
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
      const place = yield* follow(link, { name: "a view", stream: logName, filters, take: keepNewest(rows) })
      for (const row of yield* agedOut(link, bucket)) {
        const about = lastToken(row.subject)
        if (!rows.has(about)) rows.set(about, row)
      }
      return viewOf(rows, place)
    })

/** The newest remark about each thing, live. */
export const remarks =
  (link: Link) =>
  (filter: string): Effect.Effect<View, BusDown, Scope.Scope> =>
    Effect.gen(function* () {
      const rows = new Map<string, Row>()
      const take = keepNewest(rows)
      return viewOf(rows, yield* follow(link, { name: "a view", stream: ticksName, filters: [filter], take }))
    })
