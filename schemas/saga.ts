/** The journal: one entry of one saga, and the whole of its state after it. The journal is also the lease. */
import { Result, Schema } from "effect"
import { decodeAs, open, type Undecodable } from "./envelope.ts"
import { AccountId, Digest, Instant, TenantId } from "./ids.ts"

/** The journal moved on without us: whoever gets this stops at once and touches nothing. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", {
  saga: Schema.String,
  by: Schema.String
}) {
  override get message() {
    return `saga ${this.saga} is no longer held by ${this.by}`
  }
}

/** Somebody wrote into the journal what is no entry of this saga: nobody may guess how far it is. */
export class JournalUnreadable extends Schema.TaggedError<JournalUnreadable>()("JournalUnreadable", {
  saga: Schema.String,
  details: Schema.String
}) {
  override get message() {
    return `the journal of ${this.saga} is unreadable: ${this.details}`
  }
}

/**
 * How far a saga is. `Planned` freezes every decision; `Intent` stands before a call and `Outcome` after it; `Commit`
 * is the intent of the pivot, from which there is no way back; `Undo` and `Undone` are the same on the way back; the
 * last four end, and of these `Stuck` alone is ever left again, on a person's word.
 */
export const Phase = Schema.Literals([
  "Planned",
  "Intent",
  "Outcome",
  "Commit",
  "Undo",
  "Undone",
  "Done",
  "RolledBack",
  "Refused",
  "Stuck"
])
export type Phase = typeof Phase.Type
export const endings: ReadonlyArray<Phase> = ["Done", "RolledBack", "Refused", "Stuck"]

export class Entry extends Schema.Class<Entry>("Entry")({
  tenant: TenantId,
  account: AccountId,
  /** The saga's kind, as in `group-swap`. */
  saga: Schema.String,
  id: Schema.String,
  /** Counts from 1 without gaps. */
  n: Schema.Int,
  /**
   * Why it was written: the saga `move`d, a `beat` renewed the lease, `taken` gave it another holder, `let-go` freed
   * it, `resumed` gave it a holder again after it had been stuck.
   */
  mark: Schema.Literals(["move", "beat", "taken", "let-go", "resumed"]),
  phase: Phase,
  /** The step that the phase speaks of; empty at Planned and where it was refused. */
  step: Schema.String,
  /** How often this step has been begun. */
  attempt: Schema.Int,
  /** Which way it walks. `back` is never left again, nor is forward after `committed`. */
  way: Schema.Literals(["forward", "back"]),
  committed: Schema.Boolean,
  /** Who holds the saga, as name and incarnation, and until when. */
  by: Schema.String,
  until: Instant,
  /** How often it changed hands: a call of a lower epoch is late. */
  epoch: Schema.Int,
  /** What the steps made so far, by step, as JSON. */
  made: Schema.Record(Schema.String, Schema.Unknown),
  /** The order, as JSON: whoever takes over needs nothing but the last entry. */
  input: Schema.Unknown,
  /** When the step now under way was first begun: its `within` counts from here, whoever holds it. */
  stepAt: Instant,
  startedAt: Instant,
  code: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  /** The code for which it turned back, kept where it got stuck on the way; absent until then. */
  backFor: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** The step that was taken up again after it had been stuck; absent = none was. */
  resumedIn: Schema.optionalKey(Schema.String),
  /** Digest of the entry before; null in the first. */
  prev: Schema.NullOr(Digest),
  at: Instant
}) {}

/** The entry in a message of a journal, or why there is none. */
export const entryIn = (data: Uint8Array): Result.Result<Entry, Undecodable> =>
  Result.flatMap(open(data), ({ body }) => decodeAs(Entry, body))
