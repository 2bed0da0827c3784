/** Reads of a stream: its last message under a filter, by the leader, and ranges of it in order. */
import { type ApiError, JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream"
import { Effect } from "effect"
import { createInbox, type Msg, type MsgHdrs } from "nats"
import { instant } from "../schemas/ids.ts"
import type { BusDown, Stored } from "./bus.ts"
import { type Link, lentBytes, ownBytes, requestTimeoutMs } from "./nats-link.live.ts"
import { logName } from "./streams.ts"

/** Most bytes of one page: a range of large messages is given in several. */
const pageBytesMax = 8 * 1024 * 1024

/** The server's RFC 3339 time has nanoseconds; ours are whole milliseconds, rounded down. */
const at = (time: string) => instant(Date.parse(time))

/** The last message under a filter; a follower's copy is never asked. */
export const recall =
  (link: Link) =>
  (filter: string): Effect.Effect<Stored | undefined, BusDown> =>
    link
      .ask("recall", () => link.jsm.streams.getMessage(logName, { last_by_subj: filter }))
      .pipe(
        Effect.map(
          (found) => found && { seq: found.seq, subject: found.subject, data: ownBytes(found), at: at(found.timestamp) }
        ),
        Effect.map((found) => found ?? undefined)
      )

/** A message of a page, with the headers that it was stored with. */
export interface Paged extends Stored {
  readonly headers: MsgHdrs
}

/** The headers are gone through once: each look at one by its name goes through all. */
const paged = (msg: Msg, headers: MsgHdrs): Paged => {
  let [seq, subject, time] = [0, "", ""]
  for (const [name, [value = ""]] of headers) {
    if (name === "Nats-Sequence") seq = Number(value)
    else if (name === "Nats-Subject") subject = value
    else if (name === "Nats-Time-Stamp") time = value
  }
  return { seq, subject, data: lentBytes(msg), at: at(time), headers }
}

/** One page from any replica: a prefix of what the leader has. 204 ends it, 404 says that there is nothing. */
const requestPage = (link: Link, stream: string, from: number, max: number, abort: AbortSignal) =>
  new Promise<ReadonlyArray<Paged>>((resolve, reject) => {
    const { nc } = link
    const got: Array<Paged> = []
    const inbox = createInbox()
    const done = (end: () => void) => {
      clearTimeout(late)
      sub.unsubscribe()
      end()
    }
    const fail = (cause: Error) => done(() => reject(cause))
    // throws on a connection that was closed meanwhile: nothing may be waiting then
    const sub = nc.subscribe(inbox, {
      callback: (error, msg) => {
        const headers = msg.headers
        if (error) fail(error)
        else if (headers === undefined) fail(new Error("a page without headers"))
        else if (headers.code === 204 || headers.code === 404) done(() => resolve(got))
        else if (headers.code !== 0) fail(new Error(`${headers.code} ${headers.description}`))
        else got.push(paged(msg, headers))
      }
    })
    const late = setTimeout(() => fail(new Error("a page did not come in time")), requestTimeoutMs)
    abort.addEventListener("abort", () => fail(new Error("no longer wanted")), { once: true })
    const question = JSON.stringify({ seq: from, batch: max, max_bytes: pageBytesMax })
    nc.publish(`$JS.API.DIRECT.GET.${stream}`, question, { reply: inbox })
  })

/** Messages of a stream with `seq >= from`, as far as the replica that answers has them. */
export const page = (link: Link, stream: string, from: number, max: number) =>
  link.ask(`read ${stream}`, (signal) => requestPage(link, stream, from, max, signal))

/** Has the leader a message at or after `from`? */
const hasMore = (link: Link, from: number) =>
  link.ask("scan", async () => {
    const question = JSON.stringify({ seq: from, next_by_subj: ">" })
    const reply = await link.request(`$JS.API.STREAM.MSG.GET.${logName}`, question)
    const { error } = reply.json<{ readonly error?: ApiError }>()
    if (error !== undefined && error.err_code !== JetStreamApiCodes.NoMessageFound) throw new JetStreamApiError(error)
    return error === undefined
  })

/**
 * A range of the log. The pages come from any replica; an empty one is believed only when the leader, too, has nothing,
 * so that who appended and then reads finds what was appended.
 */
export const scan =
  (link: Link) =>
  (after: number, max: number): Effect.Effect<ReadonlyArray<Stored>, BusDown> =>
    Effect.gen(function* () {
      const found: Array<Stored> = []
      while (found.length < max) {
        const from = (found.at(-1)?.seq ?? after) + 1
        const rest = yield* page(link, logName, from, max - found.length)
        for (const { seq, subject, data, at } of rest) found.push({ seq, subject, data, at })
        if (rest.length > 0) continue
        if (!(yield* hasMore(link, from))) break
        // The replica that answered is behind; it needs a moment, or another one answers.
        yield* Effect.sleep("10 millis")
      }
      return found
    })
