/** The tail of the log: an ordered consumer of all of it, made anew from where it was whenever it falls silent. */
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream"
import { Effect, Option } from "effect"
import { BusDown, type Stored } from "./bus.ts"
import type { Link } from "./nats-link.live.ts"
import { beatMs, close, isSilent, leave, open, type Place, placeAt, storedOf } from "./nats-ordered.live.ts"
import { logName } from "./streams.ts"

/** The server's time of making it, to the nanosecond as it gives it: a log made anew has another. */
const epochAt = async ({ jsm }: Link): Promise<string> => {
  const { created } = await jsm.streams.info(logName)
  const [, fraction = ""] = /\.(\d+)/.exec(created) ?? []
  const nanos = BigInt(Math.floor(Date.parse(created) / 1_000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"))
  return `${logName}-${nanos.toString(36)}`
}

export const epoch = (link: Link): Effect.Effect<string, BusDown> => link.ask("epoch", () => epochAt(link))

/** The client makes a lost consumer anew by itself, and does not ask whether it is on the same log: we do that. */
const hearing = (place: Place, hear: (stored: Stored) => void) => (msg: JsMsg, own: string) => {
  if (place.consumer === undefined) return
  if (msg.info.consumer !== own) return void leave(place)
  // a consumer that was left may still tell what its successor tells again
  if (msg.seq <= place.last) return
  place.last = msg.seq
  hear(storedOf(msg))
}

const openTail = (place: Place, hear: (stored: Stored) => void) =>
  place.link.ask("tail", (abort) => {
    const from = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: place.last + 1 }
    return open(place, { stream: logName, from, hear: hearing(place, hear) }, abort)
  })

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
      const place = placeAt(link, after)
      const opened = openTail(place, hear)
      const left = close(place)
      return Effect.gen(function* () {
        const was = yield* epoch(link)
        yield* opened
        for (;;) {
          yield* Effect.sleep(beatMs)
          if (!isSilent(place)) continue
          yield* left
          yield* Effect.logWarning("the tail of the log lost its consumer", { last: place.last })
          const is = yield* Effect.option(epoch(link))
          if (Option.isNone(is)) continue
          yield* mustBe(was, is.value)
          yield* Effect.ignore(opened)
        }
      }).pipe(Effect.ensuring(left))
    })
