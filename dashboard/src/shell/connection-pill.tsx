/** Whether what is shown is live: state in a word and a shape, and on asking how far the log has got. */
import CirclePause from "lucide-solid/icons/circle-pause"
import History from "lucide-solid/icons/rotate-ccw-clock"
import LoaderCircle from "lucide-solid/icons/loader-circle"
import Radio from "lucide-solid/icons/radio"
import WifiOff from "lucide-solid/icons/wifi-off"
import type { LucideIcon } from "lucide-solid"
import { Show } from "solid-js"
import { Dynamic } from "solid-js/web"
import { connection, type ConnectionState, isPaused, setPaused } from "../api/live.ts"
import { useRead } from "../api/read.ts"
import { count, counted, lasting } from "../words.ts"
import { Button } from "./button.tsx"
import { Disclosure } from "./disclosure.tsx"
import { EarlierMoment } from "./earlier.tsx"
import { Ago } from "./moment.tsx"
import { useUrlState } from "./url-state.ts"

type Shown = ConnectionState | "replay"
const looks: Readonly<Record<Shown, { readonly icon: LucideIcon; readonly name: string; readonly class: string }>> = {
  connecting: { icon: LoaderCircle, name: "Connecting", class: "text-soft border-line" },
  live: { icon: Radio, name: "Live", class: "text-ok border-ok/40" },
  "catching-up": { icon: LoaderCircle, name: "Catching up", class: "text-info border-info/40" },
  paused: { icon: CirclePause, name: "Paused", class: "text-warn border-warn/40" },
  reconnecting: { icon: WifiOff, name: "Reconnecting", class: "text-bad border-bad/40" },
  replay: { icon: History, name: "Replay", class: "text-warn border-warn/40" }
}

/** How far the copies of the log are that pages are read from: the one that is furthest behind. */
const useFurthestBehind = () => {
  const read = useRead(() => ["GET /api/v1/system"], { scope: false, key: "name" })
  return () => {
    const copies = read.data?.projections ?? []
    const last = copies.reduce((max, one) => Math.max(max, one.behind), 0)
    if (read.data === undefined) return read.error?.title ?? "…"
    return last === 0 ? `all ${copies.length} caught up` : `${counted(last, "event")} behind`
  }
}

/** As `0.1 s`: always of one length, as it changes all the time. */
const lagWords = (ms: number): string => (ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : lasting(ms))

/** What the pill knows, as a list of pairs. */
const Known = () => {
  const furthest = useFurthestBehind()
  const row = "flex justify-between gap-6"
  return (
    <dl class="grid gap-1.5 text-[13px]">
      <div class={row}>
        <dt class="text-soft">Newest event</dt>
        <dd class="tabular-nums">seq {count(connection().seq)}</dd>
      </div>
      <div class={row}>
        <dt class="text-soft">Heard</dt>
        <dd>
          <Ago at={connection().heardAt} />
        </dd>
      </div>
      <div class={row}>
        <dt class="text-soft">On its way for</dt>
        <dd class="tabular-nums">{lasting(connection().lagMs)}</dd>
      </div>
      <div class={row}>
        <dt class="text-soft">Copies of the log</dt>
        <dd class="tabular-nums">{furthest()}</dd>
      </div>
      <div class={row}>
        <dt class="text-soft">Waiting</dt>
        <dd class="tabular-nums">{count(connection().waiting)}</dd>
      </div>
    </dl>
  )
}

/** The pill. */
export const ConnectionPill = () => {
  const url = useUrlState()
  const shown = (): Shown => (url.isReplay() ? "replay" : connection().state)
  const look = () => looks[shown()]
  const more = () => {
    const { caughtUp, waiting, lagMs } = connection()
    if (shown() === "live") return lagMs === undefined ? "" : ` ${lagWords(lagMs)}`
    if (shown() === "paused") return waiting === 0 ? "" : ` ${count(waiting)}`
    return shown() === "catching-up" ? ` ${count(caughtUp)}` : ""
  }
  const turns = () => (look().icon === LoaderCircle ? "animate-spin" : "")
  return (
    <Disclosure
      title="Event stream"
      width="w-72"
      class={`pill hover:bg-raised ${look().class}`}
      button={
        <>
          <Dynamic component={look().icon} class={`size-3.5 ${turns()}`} aria-hidden="true" />
          <span class="sr-only">Connection: </span>
          {/* on a phone only the usual word has room; the others have shapes of their own */}
          <span classList={{ "max-sm:sr-only": shown() !== "live" }}>{look().name}</span>
          <span
            class="hidden whitespace-nowrap tabular-nums sm:inline"
            classList={{ "max-xl:hidden": shown() === "live" }}
          >
            {more()}
          </span>
        </>
      }
    >
      <div class="p-4">
        <p class="mb-3 font-semibold">Event stream</p>
        <Known />
        <Show when={!url.isReplay()}>
          <Button size="small" class="mt-4 w-full" onClick={() => setPaused(!isPaused())}>
            {isPaused() ? "Go on" : "Pause"} <kbd class="ml-1 text-faint">p</kbd>
          </Button>
        </Show>
      </div>
      <EarlierMoment />
    </Disclosure>
  )
}
