/** The bus over NATS JetStream: one connection, streams made and checked, nothing trusted that is not proven. */
import { type ApiError, JetStreamApiError } from "@nats-io/jetstream"
import { Effect, Latch, Layer } from "effect"
import { headers } from "nats"
import { burial } from "./buried.ts"
import { Bus, type BusDown, type Stored } from "./bus.ts"
import { append } from "./nats-append.live.ts"
import { dead } from "./nats-dead.live.ts"
import { hear } from "./nats-hear.live.ts"
import { type Link, type LinkOptions, link } from "./nats-link.live.ts"
import { recall, scan } from "./nats-read.live.ts"
import { assertSafeServer, type UnsafeServer } from "./nats-safety.live.ts"
import { standings } from "./nats-standing.live.ts"
import { remarks, view } from "./nats-view.live.ts"
import { epoch, tail } from "./nats-tail.live.ts"
import { ensureStreams } from "./nats-streams.live.ts"
import { deadSubject, type Replicas, type StreamMismatch } from "./streams.ts"

export interface NatsOptions extends LinkOptions {
  readonly replicas: Replicas
  /** Refuse servers that may lose what they acknowledged. */
  readonly production: boolean
  /**
   * The servers' monitoring addresses, as in `http://10.0.0.1:8222`: the only place that tells how they write to disk.
   */
  readonly monitors?: ReadonlyArray<string>
}

/** Buries once: a repeat within the window of DEAD is answered and not stored. */
const bury =
  ({ request, ask }: Link) =>
  (message: Stored, consumer: string, reason: string): Effect.Effect<void, BusDown> =>
    ask("bury", async () => {
      const own = headers()
      own.set("Nats-Msg-Id", `${consumer}:${message.seq}`)
      const reply = await request(deadSubject(consumer), burial(message, consumer, reason), own)
      const { error } = reply.json<{ readonly error?: ApiError }>()
      if (error !== undefined) throw new JetStreamApiError(error)
    })

/** Lost when nobody is there to hear it, and when we are not connected: it is not kept for later. */
const remark =
  ({ nc, connected }: Link) =>
  (subject: string, data: Uint8Array): Effect.Effect<void> =>
    Effect.sync(() => {
      if (Latch.isOpen(connected)) nc.publish(subject, data)
    }).pipe(Effect.ignoreCause)

const make = (options: NatsOptions) =>
  Effect.gen(function* () {
    const own = yield* link(options)
    if (options.production) yield* assertSafeServer(own, options.replicas, options.monitors ?? [])
    yield* ensureStreams(own.jsm, options.replicas, own.ask)
    return Bus.of({
      append: append(own),
      recall: recall(own),
      scan: scan(own),
      tail: tail(own),
      epoch: epoch(own),
      hear: hear(own),
      view: view(own),
      remarks: remarks(own),
      bury: bury(own),
      standings: standings(own),
      dead: dead(own),
      remark: remark(own)
    })
  })

/**
 * The bus, connected and ready: fails with `BusDown` when no server answers, with `UnsafeServer` in production, and
 * with `StreamMismatch` when the server has the streams otherwise than we need them.
 */
export const layer = (options: NatsOptions): Layer.Layer<Bus, BusDown | UnsafeServer | StreamMismatch> =>
  Layer.effect(Bus, make(options))
