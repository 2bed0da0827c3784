/** The tail of the log: an ordered consumer of all of it, made anew from where it was whenever it falls silent. */
import { type Consumer, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream"
import { Effect, Option } from "effect"
import { instant } from "../schemas/ids.ts"
import { BusDown, type Stored } from "./bus.ts"
import { type Link, ownBytes } from "./nats-link.live.ts"
import { logName } from "./streams.ts"

/** The server says at this pace that it is there; three missed ones are a silence. */
const beatMs = 1_000
const silenceMaxMs = 3_500
const aheadMax = 1_000

/** The server's time of making it, to the nanosecond as it gives it: a log made anew has another. */
const epochAt = async ({ jsm }: Link): Promise<string> => {
  const { created } = await jsm.streams.info(logName)
  const [, fraction = ""] = /\.(\d+)/.exec(created) ?? []
  const nanos = BigInt(Math.floor(Date.parse(created) / 1_000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"))
  return `${logName}-${nanos.toString(36)}`
}

export const epoch = (link: Link): Effect.Effect<string, BusDown> => link.ask("epoch", () => epochAt(link))

/** Where a tail is. */
interface Place {
  readonly link: Link
  readonly hear: (stored: Stored) => void
  last: number
  heardAt: number
  messages: ConsumerMessages | undefined
  consumer: Consumer | undefined
}

/** The client makes a lost consumer anew by itself, and does not ask whether it is on the same log: we do that. */
const onMessage = (place: Place, own: string) => (msg: JsMsg) => {
  if (place.consumer === undefined) return
  if (msg.info.consumer !== own) return void leave(place)
  place.heardAt = performance.now()
  // a consumer that was left may still tell what its successor tells again
  if (msg.seq <= place.last) return
  place.last = msg.seq
  const at = instant(Number(BigInt(msg.timestampNanos) / 1_000_000n))
  place.hear({ seq: msg.seq, subject: msg.subject, data: ownBytes(msg), at })
}

const hearBeats = async (place: Place, messages: ConsumerMessages) => {
  for await (const { type } of messages.status()) if (type === "heartbeat") place.heardAt = performance.now()
}

const leave = async (place: Place) => {
  const { messages, consumer } = place
  place.messages = place.consumer = undefined
  // Nobody waits for the deletion: its server may be gone, and it ends by itself when nobody asks it any more.
  void consumer?.delete().catch(() => false)
  await messages?.close()
}

const open = async (place: Place, abort: AbortSignal): Promise<void> => {
  const consumer = await place.link.js.consumers.get(logName, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: place.last + 1
  })
  place.heardAt = performance.now()
  place.consumer = consumer
  place.messages = await consumer.consume({
    max_messages: aheadMax,
    expires: 30_000,
    idle_heartbeat: beatMs,
    callback: onMessage(place, (await consumer.info(true)).name)
  })
  void hearBeats(place, place.messages)
  // Who waited for it has gone in the meantime.
  if (abort.aborted) await leave(place)
}

/** The same log as at the beginning? Sequences of another one would be taken for repeats. */
const mustBe = (was: string, is: string): Effect.Effect<void, BusDown> =>
  was === is
    ? Effect.void
    : Effect.fail(new BusDown({ op: "tail", cause: new Error(`${logName} is another one: ${is}, not ${was}`) }))

/** A dead server says nothing: after a silence its consumer is left, and the next one begins where it was. */
export const tail =
  (link: Link) =>
  (after: number, hear: (stored: Stored) => void): Effect.Effect<never, BusDown> =>
    Effect.suspend(() => {
      const place: Place = { link, hear, last: after, heardAt: 0, messages: undefined, consumer: undefined }
      const isSilent = () => place.messages === undefined || performance.now() - place.heardAt > silenceMaxMs
      const opened = link.ask("tail", (abort) => open(place, abort))
      const left = Effect.promise(() => leave(place)).pipe(Effect.ignoreCause)
      return Effect.gen(function* () {
        const was = yield* epoch(link)
        yield* opened
        for (;;) {
          yield* Effect.sleep(beatMs)
          if (!isSilent()) continue
          yield* left
          yield* Effect.logWarning("the tail of the log lost its consumer", { last: place.last })
          const is = yield* Effect.option(epoch(link))
          if (Option.isNone(is)) continue
          yield* mustBe(was, is.value)
          yield* Effect.ignore(opened)
        }
      }).pipe(Effect.ensuring(left))
    })
