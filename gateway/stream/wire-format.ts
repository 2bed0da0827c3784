/** How the stream is written: server-sent events, or one JSON object per line. */
import type { Heard, Telling } from "./heard.ts"

export type Format = "sse" | "ndjson"

/** Every word of the stream in one format. Ids are `EPOCH:SEQ`. */
export interface Writing {
  readonly event: (heard: Heard, telling: Telling) => string
  /** Nothing was said; whoever comes back need not read again what was not for him. */
  readonly beat: (seq: number) => string
  /** What is missing cannot be told any more: read everything anew, it is as of this sequence or later. */
  readonly reset: (asOf: number) => string
  readonly bye: (reason: Reason) => string
  /** How long to wait before coming back, in milliseconds. */
  readonly retry: (ms: number) => string
}

/** Why a stream ends: what proved the caller has expired or was taken back, or this process ends. */
export type Reason = "expired" | "revoked" | "closing"

const sse = (epoch: string): Writing => ({
  event: ({ seq, owner }, { json }) => `id: ${epoch}:${seq}\nevent: ${owner}\ndata: ${json}\n\n`,
  // an id without data is remembered by the reader, and no event
  beat: (seq) => `: beat\nid: ${epoch}:${seq}\n\n`,
  reset: (asOf) => `id: ${epoch}:${asOf}\nevent: reset\ndata: {"asOf":${asOf}}\n\n`,
  bye: (reason) => `event: bye\ndata: {"reason":"${reason}"}\n\n`,
  retry: (ms) => `retry: ${ms}\n\n`
})

/** A line without `seq` at its top is about the stream itself; an empty one is a beat. */
const ndjson = (epoch: string): Writing => ({
  event: (_, { json }) => `${json}\n`,
  beat: () => "\n",
  reset: (asOf) => `{"event":"reset","epoch":"${epoch}","asOf":${asOf}}\n`,
  bye: (reason) => `{"event":"bye","reason":"${reason}"}\n`,
  retry: () => ""
})

export const writingOf = (format: Format, epoch: string): Writing => (format === "sse" ? sse : ndjson)(epoch)

/** Where a reader was, by the id that he brings; undefined where it is of another log, or no id of ours. */
export const seqIn = (id: string, epoch: string): number | undefined => {
  if (!id.startsWith(`${epoch}:`)) return undefined
  const digits = id.slice(epoch.length + 1)
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
