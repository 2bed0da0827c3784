/** Appends to the log: one message, or an atomic batch, on its conditions. */
import type { ApiError } from "@nats-io/jetstream"
import { Effect, Schedule } from "effect"
import { errors, headers, type Msg, type MsgHdrs, nuid } from "nats"
import { messageBytesMax } from "../schemas/envelope.ts"
import { AppendRefused, type Draft } from "./bus.ts"
import { type Link, requestTimeoutMs } from "./nats-link.live.ts"

/** The server takes no more in one batch (ADR-50). */
export const batchLengthMax = 1_000

/**
 * The server's refusals, by JetStream's own code, of which we know that nothing is stored. A batch of which a part got
 * lost on its way (a leader changed) and one too many at a time are like a write in flight: no answer yet, ask again.
 */
const refusals = new Map<number, AppendRefused["reason"]>([
  [10071, "conflict"], // wrong last sequence: 5
  [10164, "in-flight"], // wrong last sequence, without a number
  [10176, "in-flight"], // incomplete batch
  [10210, "in-flight"], // too many batches at a time: 50 of one stream
  [10054, "too-large"] // larger than the server was told to take
])

const no = (reason: AppendRefused["reason"], details: string) => new AppendRefused({ reason, details })

/** What we refuse to send: the server's limits are wider than ours, and burying must always fit. */
const overLimit = (drafts: ReadonlyArray<Draft>): AppendRefused | undefined => {
  if (drafts.length > batchLengthMax) return no("too-large", `${drafts.length} messages, at most ${batchLengthMax}`)
  const large = drafts.find((draft) => draft.data.length > messageBytesMax)
  return large && no("too-large", `${large.subject}: ${large.data.length} bytes, at most ${messageBytesMax}`)
}

const conditionOf = (draft: Draft, into: MsgHdrs): MsgHdrs => {
  if (draft.expect === undefined) return into
  into.set("Nats-Expected-Last-Subject-Sequence", String(draft.expect.seq))
  if (draft.expect.on !== undefined) into.set("Nats-Expected-Last-Subject-Sequence-Subject", draft.expect.on)
  return into
}

/**
 * Our own encoding of an atomic batch. The client's drops the conditions of all messages but the first, without a word,
 * and hides why the server refused.
 */
const sendBatch = ({ nc, request }: Link, drafts: ReadonlyArray<Draft>): Promise<Msg> => {
  const id = nuid.next()
  const last = drafts.length - 1
  for (const [i, draft] of drafts.entries()) {
    const own = headers()
    own.set("Nats-Batch-Id", id)
    own.set("Nats-Batch-Sequence", String(i + 1))
    conditionOf(draft, own)
    if (i < last) {
      nc.publish(draft.subject, draft.data, { headers: own })
      continue
    }
    own.set("Nats-Batch-Commit", "1")
    return request(draft.subject, draft.data, own)
  }
  return Promise.reject(new RangeError("nothing to append"))
}

const sendOne = ({ request }: Link, draft: Draft): Promise<Msg> =>
  request(draft.subject, draft.data, draft.expect === undefined ? undefined : conditionOf(draft, headers()))

interface Answer {
  readonly seq?: number
  /** How many messages the server counted in the batch. */
  readonly count?: number
  readonly error?: ApiError
}

const read = (reply: Msg, length: number): Effect.Effect<{ readonly seq: number }, AppendRefused> => {
  const { seq, count, error } = reply.json<Answer>()
  if (error !== undefined) {
    return no(refusals.get(error.err_code) ?? "unknown", `${error.err_code}: ${error.description}`)
  }
  return seq !== undefined && seq > 0 && (length === 1 || count === length)
    ? Effect.succeed({ seq })
    : no("unknown", `no sequence of ${length} messages in the answer: ${reply.string().slice(0, 200)}`)
}

/** Between two leaders nobody listens, and then nothing, not even a part of a batch, has reached anybody. */
const reachedNobody = (cause: unknown) => cause instanceof errors.RequestError && cause.isNoResponders()
const untilReached = Schedule.spaced("50 millis").pipe(Schedule.upTo({ duration: `${requestTimeoutMs} millis` }))

const unanswered = (cause: unknown) =>
  no("unknown", cause instanceof Error ? `${cause.name}: ${cause.message}` : "no answer")

/**
 * All drafts or none. No drafts at all are a mistake of the caller and a defect. A lost answer, a lost connection and a
 * server that is away are `unknown`: read, then decide. What certainly reached nobody is sent again for a while.
 */
export const append =
  (link: Link) =>
  (drafts: ReadonlyArray<Draft>): Effect.Effect<{ readonly seq: number }, AppendRefused> => {
    const [first] = drafts
    if (first === undefined) return Effect.die(new RangeError("nothing to append"))
    const tooLarge = overLimit(drafts)
    if (tooLarge !== undefined) return tooLarge
    const send = Effect.tryPromise({
      try: () => (drafts.length === 1 ? sendOne(link, first) : sendBatch(link, drafts)),
      catch: (cause) => cause
    })
    return link.connected.await.pipe(
      Effect.timeoutOrElse({
        duration: `${requestTimeoutMs} millis`,
        orElse: () => no("unknown", "not connected, nothing was sent")
      }),
      Effect.andThen(
        send.pipe(Effect.retry({ schedule: untilReached, while: reachedNobody }), Effect.mapError(unanswered))
      ),
      Effect.flatMap((reply) => read(reply, drafts.length))
    )
  }
