/** What the stream's fan-out counts of itself, for whoever shows or scrapes it. */
import { Context } from "effect"

export interface StreamCounts {
  /** Name and beginning of the log that ids of events belong to; empty where nothing is streamed. */
  readonly epoch: string
  /** Streams that are open now. */
  readonly clients: number
  /** Streams that were closed as their reader was too slow, since the process began. */
  readonly evicted: number
  /** Streams that were told to read everything anew, since the process began. */
  readonly resets: number
  /** Events held in memory for those who come back. */
  readonly ring: number
}

const silent: StreamCounts = { epoch: "", clients: 0, evicted: 0, resets: 0, ring: 0 }

/** Asked each time it is looked at: the counts of that moment. All zeros where no fan-out runs. */
export const StreamStats = Context.Reference<() => StreamCounts>("cloudoptim/StreamStats", {
  defaultValue: () => () => silent
})
