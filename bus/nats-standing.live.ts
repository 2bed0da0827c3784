/** How the durable consumers of the log stand, by the word of their leaders. */
import { type ApiError, JetStreamApiError } from "@nats-io/jetstream"
import { Effect, Schema } from "effect"
import type { BusDown, Standing } from "./bus.ts"
import { consumerOf, isOurs } from "./nats-durable.live.ts"
import type { Link } from "./nats-link.live.ts"
import { logName } from "./streams.ts"

const Place = Schema.Struct({ stream_seq: Schema.Int })

/** What a server says about a consumer, as far as we ask. */
const Info = Schema.Struct({
  name: Schema.String,
  config: Schema.Struct({ filter_subject: Schema.optionalKey(Schema.String) }),
  delivered: Place,
  ack_floor: Place,
  num_ack_pending: Schema.Int,
  num_redelivered: Schema.Int,
  num_pending: Schema.Int
})
type Info = typeof Info.Type

const Page = Schema.Struct({
  total: Schema.Int,
  limit: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Null: it was ended while it was asked. */
  consumers: Schema.Array(Schema.NullOr(Info)),
  /** Those of the page whose leader did not answer within four seconds, or that have none. */
  missing: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String)))
})
type Page = typeof Page.Type
const decodePage = Schema.decodeUnknownSync(Page)

const requestPage = async (link: Link, offset: number): Promise<Page> => {
  const reply = await link.request(`$JS.API.CONSUMER.LIST.${logName}`, JSON.stringify({ offset }))
  const answer = reply.json<{ readonly error?: ApiError }>()
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error)
  return decodePage(answer)
}

/**
 * Page by page, in the order of the names. All of ours or none: what is missing, and what may have been passed over
 * because others came or went between two pages, is asked for again.
 */
const listAll = async (link: Link): Promise<ReadonlyArray<Info>> => {
  const first = await requestPage(link, 0)
  const pages = [first]
  for (let offset = first.limit; offset < first.total; offset += first.limit) {
    const next = await requestPage(link, offset)
    if (next.total !== first.total) throw new Error("consumers came or went between two pages")
    pages.push(next)
  }
  const missing = pages.flatMap((page) => page.missing ?? []).filter(isOurs)
  if (missing.length > 0) throw new Error(`no word of ${missing.join(", ")}`)
  return pages.flatMap(({ consumers }) => consumers).filter((info) => info !== null)
}

/**
 * Why `num_pending` has no part in it: a server counts what is to come a moment after it was stored, and a replica that
 * leads a consumer may be behind the one that leads the log. Nothing pending does therefore not mean that the log's
 * last message was heard: of 360 asked for right after they were stored, three servers had 31 neither pending nor open,
 * and not delivered. What was delivered is known: where none of it is open, all up to there is settled. The two
 * numbers may be of different moments, the delivered one of the earlier.
 */
const settledOf = ({ ack_floor, delivered, num_ack_pending }: Info): number =>
  num_ack_pending > 0 ? ack_floor.stream_seq : Math.max(ack_floor.stream_seq, delivered.stream_seq)

/** Nothing of a consumer that is not ours: a tail's, a person's, or an earlier version's of all filters together. */
const standingsOf = (info: Info): ReadonlyArray<Standing> => {
  const filter = info.config.filter_subject
  const name = filter === undefined ? undefined : consumerOf(info.name, filter)
  if (filter === undefined || name === undefined) return []
  const { num_pending: pending, num_ack_pending: open } = info
  // A server may remember of one that is settled how often it came.
  return [{ name, filter, settled: settledOf(info), pending, open, redelivered: Math.min(open, info.num_redelivered) }]
}

/** Every durable consumer of ours, one by one of its filters. */
export const standings = (link: Link): Effect.Effect<ReadonlyArray<Standing>, BusDown> =>
  Effect.map(
    link.ask("standings", () => listAll(link)),
    (infos) => infos.flatMap(standingsOf)
  )
