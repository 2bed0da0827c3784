/** The bus as actors know it: one log with conditions, durable consumers, rows made of it, and lossy remarks. */
import { Context, type Effect, Schema, type Scope } from "effect"
import type { Bucket } from "../schemas/catalogue.ts"
import type { Instant } from "../schemas/ids.ts"
import type { Buried } from "./buried.ts"

/** A message as the log holds it. `at` is the server's time of storing it, the only clock that all readers share. */
export interface Stored {
  readonly seq: number
  readonly subject: string
  readonly data: Uint8Array
  readonly at: Instant
}

/**
 * A message to be. With `expect`, only if the last message on `on` (default: its own subject) has that sequence; 0 =
 * none.
 */
export interface Draft {
  readonly subject: string
  readonly data: Uint8Array
  readonly expect?: { readonly seq: number; readonly on?: string }
}

/** The bus does not answer: the process gives up and its supervisor restarts it, or the caller retries. */
export class BusDown extends Schema.TaggedError<BusDown>()("BusDown", { op: Schema.String, cause: Schema.Defect() }) {
  override get message() {
    return `the bus does not answer (${this.op})`
  }
}

/**
 * Nothing, or an unknown amount, of an append is stored. `conflict`: somebody was first, read again and decide anew.
 * `in-flight`: a replica has not settled an earlier write to the same condition (JetStream 10164): not an answer, ask
 * again. `unknown`: no answer came, it may be stored: read, then decide. `too-large`: over 256 KiB, never sent.
 */
export class AppendRefused extends Schema.TaggedError<AppendRefused>()("AppendRefused", {
  reason: Schema.Literals(["conflict", "in-flight", "unknown", "too-large"]),
  details: Schema.String
}) {
  override get message() {
    return `append refused: ${this.reason} (${this.details})`
  }
}

/** How a handling ended, as the wire knows it. Burying is an append to DEAD and then an Ack. */
export type Verdict = { readonly _tag: "Ack" } | { readonly _tag: "Later"; readonly afterMs: number }
export const Ack: Verdict = { _tag: "Ack" }
export const later = (afterMs: number): Verdict => ({ _tag: "Later", afterMs })

/**
 * One delivery of a stored message to one consumer: at least once, in no promised order after a redelivery, nor between
 * what two of its filters match.
 */
export interface Delivery extends Stored {
  readonly attempt: number
  /** Double-acknowledged: when it returns, the server has taken the verdict. */
  readonly settle: (verdict: Verdict) => Effect.Effect<void, BusDown>
  /** Still at it: restarts the consumer's ack wait. */
  readonly working: Effect.Effect<void>
}

/** A durable consumer on LOG, by name; its replicas share its deliveries. */
export interface ConsumerSpec {
  readonly name: string
  readonly filters: ReadonlyArray<string>
  /** Unsettled deliveries before the server waits; each filter may have an equal part of it, and one at least. */
  readonly inFlightMax: number
  readonly ackWaitMs: number
}

export interface Inbox {
  /** Waits for one delivery at least, gives what is there up to `max`. */
  readonly take: (max: number) => Effect.Effect<ReadonlyArray<Delivery>, BusDown>
  /** Settles deliveries of this inbox alike, as each one's own `settle` does, for less than so many of those cost. */
  readonly settleAll: (deliveries: ReadonlyArray<Delivery>, verdict: Verdict) => Effect.Effect<void, BusDown>
}

/** A row: the newest message of one entity of a bucket, or the newest remark about a thing. `seq` is LOG's. */
export type Row = Stored

/** A live copy of a bucket in memory; a little behind the log, never ahead of it. */
export interface View {
  readonly get: (about: string) => Row | undefined
  readonly rows: () => ReadonlyMap<string, Row>
  /** Sequence of the newest message that it has taken: of its bucket it holds what LOG held up to there. 0 = none. */
  readonly upTo: () => number
}

/** How a durable consumer stands with one of its filters, by its leader's word. */
export interface Standing {
  /** As `hear` named it: an actor's. */
  readonly name: string
  readonly filter: string
  /**
   * LOG sequence up to which all that it hears is settled, or has aged out: at least that of each message which is
   * settled and has nothing unsettled before it, and never that of one which is not. Where it hears nothing it stays,
   * however long the log grows; where a server that failed forgot a settlement, it may fall back.
   */
  readonly settled: number
  /** Messages that it was not given yet. Of what was stored just now, it may know a moment later. */
  readonly pending: number
  /** Given, to whatever process, and not settled. */
  readonly open: number
  /** Of the open ones: given more than once. */
  readonly redelivered: number
}

/** A message that nobody could read, as it lies in DEAD. */
export interface Dead {
  /** Of DEAD. */
  readonly seq: number
  readonly at: Instant
  /** Undefined: what lies there is no burial of ours. */
  readonly buried: Buried | undefined
}

export class Bus extends Context.Service<
  Bus,
  {
    /** Joins a durable consumer, making it where it is missing. */
    readonly hear: (consumer: ConsumerSpec) => Effect.Effect<Inbox, BusDown, Scope.Scope>
    /**
     * Stores all drafts or none, in order, in one atomic batch (at most 1,000). Gives the sequence of the last one; the
     * batch's sequences are consecutive. Only one condition per condition subject and batch.
     */
    readonly append: (drafts: ReadonlyArray<Draft>) => Effect.Effect<{ readonly seq: number }, AppendRefused>
    /** The last message of LOG whose subject matches the filter, by the stream's leader: never stale. */
    readonly recall: (filter: string) => Effect.Effect<Stored | undefined, BusDown>
    /** Messages of LOG with `seq > after`, in order, at most `max`; empty at the end. Gaps are aged-out messages. */
    readonly scan: (after: number, max: number) => Effect.Effect<ReadonlyArray<Stored>, BusDown>
    /**
     * Tells every message of LOG with `seq > after`, in order, each once, as it is stored; ends only when interrupted.
     * It outlives lost connections and servers, and fails only where LOG is no longer the log that it began with.
     * `hear` must not throw.
     */
    readonly tail: (after: number, hear: (stored: Stored) => void) => Effect.Effect<never, BusDown>
    /** Which LOG it is, by its name and the time of its making: sequences of two epochs have nothing in common. */
    readonly epoch: Effect.Effect<string, BusDown>
    /** Puts a message nobody can read to DEAD: reason, where it stood, its SHA-256 and its first 64 KiB. */
    readonly bury: (message: Stored, consumer: string, reason: string) => Effect.Effect<void, BusDown>
    /** Every durable consumer on LOG that `hear` made, once for each of its filters, in no promised order. */
    readonly standings: Effect.Effect<ReadonlyArray<Standing>, BusDown>
    /** What lies in DEAD, newest first, at most `max` (<= 200), of sequences below `before` (undefined = all). */
    readonly dead: (before: number | undefined, max: number) => Effect.Effect<ReadonlyArray<Dead>, BusDown>
    /** A live copy of a bucket's rows; returns when it has caught up with what was there. */
    readonly view: (bucket: Bucket) => Effect.Effect<View, BusDown, Scope.Scope>
    /** A live copy of the newest remark per subject under a filter of ticks, by its last token. */
    readonly remarks: (filter: string) => Effect.Effect<View, BusDown, Scope.Scope>
    /** Says something that may be lost. */
    readonly remark: (subject: string, data: Uint8Array) => Effect.Effect<void>
  }
>()("cloudoptim/Bus") {}
