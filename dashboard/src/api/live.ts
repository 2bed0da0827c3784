/** What is being said, as it is said: connection, pause, the newest 50,000 events, and who listens to which. */
import { batch, createSignal, onCleanup } from "solid-js"
import { hearTogether } from "./leader.ts"
import { makeRing } from "./ring.ts"
import type { LiveEvent, StreamNews } from "./stream.ts"

export type { LiveEvent } from "./stream.ts"

export type ConnectionState = "connecting" | "live" | "catching-up" | "paused" | "reconnecting"

/** Most events that a window keeps: older ones are asked of the ledger. */
const feedMax = 50_000
/** So long what has gathered waits at most for a frame to be drawn. */
const lateMs = 250
/** Events come in for so long without a gap: then they are news again, not history. */
const quietMs = 400

const [opened, setOpened] = createSignal<"connecting" | "open" | "lost">("connecting")
const [caughtUp, setCaughtUp] = createSignal(0)
const [isCatchingUp, setCatchingUp] = createSignal(false)
const [paused, setPausedSignal] = createSignal(false)
const [waiting, setWaiting] = createSignal(0)
const [seq, setSeq] = createSignal<number | undefined>(undefined)
/** From being written until it was here, of the newest event that was news. */
const [lagMs, setLagMs] = createSignal<number | undefined>(undefined)
const [heardAt, setHeardAt] = createSignal<number | undefined>(undefined)
const [version, setVersion] = createSignal(0)
const [streamBegan, setStreamBegan] = createSignal<number | undefined>(undefined)
/** The sequence after which this window hears everything: what was read as of an earlier one may lack something. */
export { streamBegan }

const ring = makeRing<LiveEvent>(feedMax)
let held: Array<LiveEvent> = []
let pending: Array<LiveEvent> = []
let scheduled = false
let quiet: ReturnType<typeof setTimeout> | undefined

type Listener = (events: ReadonlyArray<LiveEvent>) => void
const listeners = new Set<{ readonly topics: ReadonlySet<string> | undefined; readonly hear: Listener }>()
const resetListeners = new Set<() => void>()
let refused: () => void = () => undefined

/** The executor's lanes are one owner to whoever listens: `executor-07` is `executor`. */
export const ownerOf = (owner: string): string => owner.replace(/-\d\d$/, "")

/** Passes on what has gathered since the last frame, in one go. */
const flush = () => {
  const events = pending
  pending = []
  scheduled = false
  if (events.length === 0) return
  batch(() => {
    ring.push(events)
    setVersion((n) => n + 1)
    for (const { topics, hear } of listeners) {
      const theirs =
        topics === undefined ? events : events.filter((e) => topics.has(e.name) || topics.has(ownerOf(e.owner)))
      if (theirs.length > 0) hear(theirs)
    }
  })
}
const schedule = () => {
  if (scheduled) return
  scheduled = true
  // A hidden window draws no frames, nor does one that is hidden before its next, yet its data must not grow old.
  setTimeout(flush, lateMs)
  if (document.visibilityState !== "hidden") requestAnimationFrame(flush)
}

const take = (events: ReadonlyArray<LiveEvent>) => {
  const known = seq() ?? -1
  const fresh = events.filter((e) => e.seq > known)
  const last = fresh.at(-1)
  if (last === undefined) return
  batch(() => {
    setSeq(last.seq)
    setHeardAt(Date.now())
    if (isCatchingUp()) setCaughtUp((n) => n + fresh.length)
    // Two machines, two clocks: what seems to come before it was written came at once.
    else setLagMs(Math.max(0, Date.now() - last.at))
  })
  clearTimeout(quiet)
  quiet = setTimeout(() => setCatchingUp(false), quietMs)
  if (paused()) {
    held.push(...fresh)
    if (held.length > feedMax) held = held.slice(-feedMax)
    setWaiting(held.length)
  } else {
    pending.push(...fresh)
    schedule()
  }
}

const hear = (news: StreamNews) => {
  if (news.kind === "events") take(news.events)
  else if (news.kind === "refused") refused()
  else if (news.kind === "lost") setOpened("lost")
  else if (news.kind === "open") {
    batch(() => {
      setOpened("open")
      setCaughtUp(0)
      setCatchingUp(seq() !== undefined)
    })
    clearTimeout(quiet)
    quiet = setTimeout(() => setCatchingUp(false), quietMs)
  } else {
    setSeq(undefined)
    for (const listener of resetListeners) listener()
  }
}

/** How the stream stands: state, newest sequence, when it was heard and how late, how many wait behind a pause. */
export const connection = () => {
  const state: ConnectionState =
    opened() === "lost"
      ? "reconnecting"
      : paused()
        ? "paused"
        : opened() === "connecting"
          ? "connecting"
          : isCatchingUp() && caughtUp() > 50
            ? "catching-up"
            : "live"
  return { state, seq: seq(), heardAt: heardAt(), lagMs: lagMs(), waiting: waiting(), caughtUp: caughtUp() }
}

export const isPaused = paused
/** Pausing holds events back; going on lets all of them in at once. */
export const setPaused = (on: boolean): void => {
  setPausedSignal(on)
  if (on) return
  pending.push(...held)
  held = []
  setWaiting(0)
  schedule()
}

/** The newest events, kept by this window. `version` changes whenever something came: read it to follow. */
export const feed = { version, size: ring.size, newest: ring.newest, all: ring.all }

/** Where what was said before the feed's oldest is asked for; null = the feed goes back to the beginning. */
const [olderFrom, setOlderFrom] = createSignal<string | null>(null)
export { olderFrom }

/** What was said before all that the feed has, oldest first, and from where what was before that is asked. */
export const fillOlder = (events: ReadonlyArray<LiveEvent>, from: string | null): void =>
  batch(() => {
    ring.pushOlder(events)
    setOlderFrom(ring.size() < feedMax ? from : null)
    setVersion((n) => n + 1)
  })

/** What was said before the stream opened, oldest first: it fills the feed and says where the stream begins. */
export const fillFeed = (events: ReadonlyArray<LiveEvent>, asOf: number, older: string | null = null): void => {
  if (seq() !== undefined) return
  ring.push(events)
  setOlderFrom(older)
  setSeq(asOf)
  setStreamBegan(asOf)
  setVersion((n) => n + 1)
}

/**
 * Calls `hear` with events of these topics until the returned function is called: names as `swap-settled`, or owners as
 * `approval-desk`; undefined = all.
 */
export const onEvents = (topics: ReadonlyArray<string> | undefined, hear: Listener): (() => void) => {
  const entry = { topics: topics === undefined ? undefined : new Set(topics), hear }
  listeners.add(entry)
  return () => void listeners.delete(entry)
}
/** As `onEvents`, for as long as the component lives. */
export const useEvents = (topics: ReadonlyArray<string> | undefined, hear: Listener): void =>
  void onCleanup(onEvents(topics, hear))

/** Calls `again` when events were missed: whatever was read must be read again. */
export const onReset = (again: () => void): (() => void) => {
  resetListeners.add(again)
  return () => void resetListeners.delete(again)
}

/** Opens the stream for whoever is signed in; the returned function ends it and forgets everything heard. */
export const openLive = (of: string, whenRefused: () => void): (() => void) => {
  const stop = new AbortController()
  refused = whenRefused
  const since = (after: number) => ring.newest(feedMax, (e) => e.seq > after).toReversed()
  hearTogether(of, { after: seq, since, isOpen: () => opened() === "open", tell: hear }, stop.signal)
  return () => {
    stop.abort()
    batch(() => {
      ring.clear()
      held = []
      pending = []
      setSeq(undefined)
      setStreamBegan(undefined)
      setOlderFrom(null)
      setLagMs(undefined)
      setWaiting(0)
      setOpened("connecting")
      setVersion((n) => n + 1)
    })
  }
}
