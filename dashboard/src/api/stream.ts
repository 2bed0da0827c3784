/** One open event stream: it reads, resumes after the last sequence it saw, and backs off when nobody answers. */
import { frameReader, type Frame } from "./frames.ts"
import type { Reply } from "./client.ts"

/** A message of the log, as the stream and `GET /api/v1/events` tell it. */
export type LiveEvent = Reply<"GET /api/v1/events">["items"][number]

/** What a stream tells whoever opened it. `reset`: something was missed, read everything again. */
export type StreamNews =
  | { readonly kind: "events"; readonly events: ReadonlyArray<LiveEvent> }
  | { readonly kind: "open" | "lost" | "reset" | "refused" }

/** Heartbeats come every 15 s: after so long without one the connection is taken for dead. */
const silenceMs = 40_000
const backoffMs = { first: 1_000, last: 30_000 }

const eventsIn = (frame: Frame): ReadonlyArray<LiveEvent> => {
  const said: unknown = frame.data === "" ? [] : JSON.parse(frame.data)
  const list = Array.isArray(said) ? said : [said]
  return list.filter((each): each is LiveEvent => typeof each === "object" && each !== null && "seq" in each)
}

/** Reads one response to its end. `heard` is called for each frame, heartbeats too. */
const readAll = async (body: ReadableStream<Uint8Array>, heard: (frame: Frame) => void) => {
  const frames = frameReader()
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    for (const frame of frames(value)) heard(frame)
  }
}

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true })
  })

/** How the stream's address asks for what comes after a sequence; undefined = from now on. */
const addressAfter = (after: number | undefined) => `/api/v1/stream${after === undefined ? "" : `?after=${after}`}`

/** One attempt: resolves when the connection has ended, with the status that it was answered with. */
const readOnce = async (
  after: () => number | undefined,
  lastId: { current: string | undefined },
  tell: (news: StreamNews) => void,
  stopped: AbortSignal
): Promise<number> => {
  const gone = new AbortController()
  const signal = AbortSignal.any([stopped, gone.signal])
  let watchdog = setTimeout(() => gone.abort(), silenceMs)
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" }
    if (lastId.current !== undefined) headers["last-event-id"] = lastId.current
    const response = await fetch(addressAfter(after()), { headers, credentials: "same-origin", signal })
    if (!response.ok || response.body === null) return response.status
    tell({ kind: "open" })
    await readAll(response.body, (frame) => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => gone.abort(), silenceMs)
      if (frame.event === "bye") return
      // A beat moves the position on: what was said meanwhile was not for this reader.
      if (frame.event === "comment") {
        lastId.current = frame.id ?? lastId.current
        return
      }
      if (frame.event === "reset") {
        lastId.current = undefined
        tell({ kind: "reset" })
        return
      }
      lastId.current = frame.id ?? lastId.current
      const events = eventsIn(frame)
      if (events.length > 0) tell({ kind: "events", events })
    })
    return response.status
  } catch {
    return 0
  } finally {
    clearTimeout(watchdog)
    gone.abort()
  }
}

/** Keeps a stream open until `stopped`. `after` is asked at each opening: the newest sequence that is already known. */
export const keepStream = async (
  after: () => number | undefined,
  tell: (news: StreamNews) => void,
  stopped: AbortSignal
): Promise<void> => {
  const lastId: { current: string | undefined } = { current: undefined }
  let pause = backoffMs.first
  while (!stopped.aborted) {
    const openedAt = Date.now()
    const status = await readOnce(after, lastId, tell, stopped)
    if (stopped.aborted) return
    tell({ kind: status === 401 || status === 403 ? "refused" : "lost" })
    pause = Date.now() - openedAt > silenceMs ? backoffMs.first : Math.min(pause * 2, backoffMs.last)
    await wait(pause * (0.5 + Math.random()), stopped)
  }
}
