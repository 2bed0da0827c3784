/** One stream for all windows of a browser: whoever holds the lock reads it and passes on what it hears. */
import { keepStream, type LiveEvent, type StreamNews } from "./stream.ts"

interface Hello {
  readonly kind: "hello"
  readonly after: number | undefined
}

/** What a window has and wants of the stream. */
export interface Listener {
  /** The newest sequence that this window knows. */
  readonly after: () => number | undefined
  /** What this window still has after a sequence, for one that opens later. */
  readonly since: (after: number) => ReadonlyArray<LiveEvent>
  readonly isOpen: () => boolean
  readonly tell: (news: StreamNews) => void
}

/**
 * Hears the stream until `stopped`. `of` names who is signed in: windows of different people share nothing. Where the
 * browser has no locks or channels each window reads for itself.
 */
export const hearTogether = (of: string, listener: Listener, stopped: AbortSignal): void => {
  const alone = () => void keepStream(listener.after, listener.tell, stopped)
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined") return alone()
  const name = `cloudoptim-stream-${of}`
  const channel = new BroadcastChannel(name)
  const say = (...what: readonly [StreamNews | Hello]) => channel.postMessage(...what)
  let isLeader = false
  const pass = (news: StreamNews) => {
    say(news)
    listener.tell(news)
  }
  channel.addEventListener("message", ({ data }: MessageEvent<StreamNews | Hello>) => {
    if (data.kind !== "hello") {
      if (!isLeader) listener.tell(data)
      return
    }
    if (!isLeader) return
    if (listener.isOpen()) say({ kind: "open" })
    const missed = data.after === undefined ? [] : listener.since(data.after)
    if (missed.length > 0) say({ kind: "events", events: missed })
  })
  stopped.addEventListener("abort", () => channel.close(), { once: true })
  say({ kind: "hello", after: listener.after() })
  const lead = async () => {
    isLeader = true
    await keepStream(listener.after, pass, stopped)
    isLeader = false
  }
  // Rejects when stopped while it still waited for its turn: then there is nothing to do.
  navigator.locks.request(name, { signal: stopped }, lead).catch(() => undefined)
}
