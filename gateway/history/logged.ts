/** Messages of the log as the ledger has booked them, and as they stand behind its position. */
import { Effect, Option, Schema } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { instant } from "../../schemas/ids.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"

const Row = Schema.Struct({ seq: Count, ms: Count, subject: Schema.String, body: Schema.String })

/** The columns of which a message is made again. */
export const columns = "seq, toUnixTimestamp64Milli(at) AS ms, subject, body"

const bytes = new TextEncoder()

const Marked = Schema.fromJsonString(Schema.Struct({ undecodable: Schema.String, text: Schema.String }))
const marked = Schema.decodeUnknownOption(Marked)

/** What the ledger could not decode it keeps as text, marked: it is told as it would have been off the log. */
const bytesOf = (body: string): Uint8Array => {
  const found = body.startsWith('{"undecodable":') ? marked(body) : Option.none()
  return bytes.encode(Option.isSome(found) ? found.value.text : body)
}
/** A booked row as the log had it. */
export const storedOf = ({ seq, ms, subject, body }: typeof Row.Type): Stored => ({
  seq,
  subject,
  data: bytesOf(body),
  at: instant(ms)
})

/**
 * Most sequences, and most names, of one question: parameters travel in the address, of which servers read 16 KiB at
 * least.
 */
const seqsMax = 500
const namesMax = 100

/** Cuts a list of sequences or names into those of one question each. */
export const portions = <A extends string | number>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> => {
  const size = typeof all[0] === "number" ? seqsMax : namesMax
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}

/** What one question of each portion finds, together. */
export const byPortions = <A extends string | number, B>(
  all: ReadonlyArray<A>,
  ask: (portion: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, Refused>
): Effect.Effect<ReadonlyArray<B>, Refused> => Effect.map(Effect.forEach(portions(all), ask), (found) => found.flat())

/** Messages that one SELECT of `columns` gives. */
export const messagesBy = (
  store: Store,
  sql: string,
  params: Readonly<Record<string, unknown>>
): Effect.Effect<ReadonlyArray<Stored>, Refused> =>
  Effect.map(asked(store, Row, sql, params), (rows) => rows.map(storedOf))
