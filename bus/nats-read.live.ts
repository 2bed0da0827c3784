/** Reads of a stream: its last message under a filter, by the leader, and ranges of it in order. */
import { type ApiError, JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream"
import { Effect } from "effect"
import { createInbox, type Msg } from "nats"
import { instant } from "../schemas/ids.ts"
import type { BusDown, Stored } from "./bus.ts"
import { type Link, lentBytes, requestTimeoutMs } from "./nats-link.live.ts"
import { logName } from "./streams.ts"

/** Most bytes of one page: a range of large messages is given in several. */
const pageBytesMax = 8 * 1024 * 1024

/** The server's RFC 3339 time has nanoseconds; ours are whole milliseconds, rounded down. */
const at = (time: string) => instant(Date.parse(time))

interface Answer {
  readonly error?: ApiError
  /** `data` is base64, and absent where the message has none; `time` is RFC 3339. */
  readonly message?: { readonly seq: number; readonly subject: string; readonly data?: string; readonly time: string }
}

/**
 * Asks the leader for a message; undefined where there is none. Not by the client's own call: a mind asks for each
 * entity that it does not know, mostly in vain, and the client makes an error with a stack of every "none".
 */
const askLeader = async (link: Link, question: object, stream = logName): Promise<Answer["message"]> => {
  const reply = await link.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify(question))
  const { error, message } = reply.json<Answer>()
  if (error !== undefined && error.err_code !== JetStreamApiCodes.NoMessageFound) throw new JetStreamApiError(error)
  return message
}

const storedOf = (found: Answer["message"]): Stored | undefined =>
  found && {
    seq: found.seq,
    subject: found.subject,
    data: new Uint8Array(Buffer.from(found.data ?? "", "base64")),
    at: at(found.time)
  }

/** The last message under a filter; a follower's copy is never asked. */
export const recall =
  (link: Link) =>
  (filter: string): Effect.Effect<Stored | undefined, BusDown> =>
    Effect.map(
      link.ask("recall", () => askLeader(link, { last_by_subj: filter })),
      storedOf
    )

/** The message of a stream that has this sequence, by the leader; undefined where there is none, or none any more. */
export const messageAt = (link: Link, stream: string, seq: number): Effect.Effect<Stored | undefined, BusDown> =>
  Effect.map(
    link.ask(`read ${stream}`, () => askLeader(link, { seq }, stream)),
    storedOf
  )

/** A message of a page, with the lines that stand above its data. */
export interface Paged extends Stored {
  readonly head: string
}

const plainHead = "NATS/1.0\r\n"
const isSized = (msg: object): msg is { readonly size: () => number } => "size" in msg && typeof msg.size === "function"

/**
 * The headers as text: they stand right before the data in the same packet, and the client's messages know how long all
 * is together. Its own way of reading them costs more than all else that is done with a message of a page; it is taken
 * where that is not so.
 */
const headOf = (msg: Msg): string => {
  const { data } = msg
  const length = isSized(msg) ? msg.size() - msg.subject.length - (msg.reply?.length ?? 0) - data.length : 0
  const from = data.byteOffset - length
  const head = length > 0 && from >= 0 ? Buffer.from(data.buffer, from, length).toString() : ""
  return head.startsWith(plainHead) ? head : String(msg.headers ?? "")
}

/** What stands behind a header's name; the server's own come last, whatever the message was published with. */
export const headerOf = (head: string, name: string): string => {
  const at = head.lastIndexOf(`\r\n${name}: `)
  return at < 0 ? "" : head.slice(at + name.length + 4, head.indexOf("\r\n", at + 2))
}

const paged = (msg: Msg, head: string): Paged => ({
  seq: Number(headerOf(head, "Nats-Sequence")),
  subject: headerOf(head, "Nats-Subject"),
  data: lentBytes(msg),
  at: at(headerOf(head, "Nats-Time-Stamp")),
  head
})

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
        if (error) return fail(error)
        const head = headOf(msg)
        if (head.startsWith(plainHead)) return void got.push(paged(msg, head))
        const headers = msg.headers
        if (headers === undefined) fail(new Error("a page without headers"))
        else if (headers.code === 204 || headers.code === 404) done(() => resolve(got))
        else fail(new Error(`${headers.code} ${headers.description}`))
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
  link.ask("scan", async () => (await askLeader(link, { seq: from, next_by_subj: ">" })) !== undefined)

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
