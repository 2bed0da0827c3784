/** The frame around every page: navigation, header, keys, the stream, and what opens over a page. */
import { useLocation, useNavigate } from "@solidjs/router"
import { createComputed, createEffect, createSignal, lazy, on, onCleanup, type ParentProps, Show } from "solid-js"
import { call } from "../api/client.ts"
import { fillFeed, isPaused, openLive, setPaused } from "../api/live.ts"
import { checkSession, me } from "../api/session.ts"
import { places } from "../routes.tsx"
import { setZone, zoneOf } from "../zone.ts"
import { Announcements } from "./announce.tsx"
import { explainFocused, explainParameter, onExplain } from "./explain.ts"
import { Header } from "./header.tsx"
import { useKeyboard, useKeys } from "./keys.ts"
import { OverPlace, PagePlace } from "./page-place.tsx"
import { BottomBar, Rail } from "./rail.tsx"
import { ReplayFrame } from "./replay-frame.tsx"
import { StaleStrip } from "./stale-strip.tsx"
import type { Stopped } from "./stop-switch.tsx"
import { useSummary } from "./summary.ts"
import { toggleTheme } from "./theme.ts"
import { useUrlState } from "./url-state.ts"

const Palette = lazy(() => import("./palette.tsx"))
const KeyHelp = lazy(() => import("./key-help.tsx"))
const StopSwitch = lazy(() => import("./stop-switch.tsx"))
const Drawer = lazy(() => import("../parts/explain-drawer.tsx"))

type Over = "palette" | "help" | "stop" | undefined

/** Opens the stream for whoever is signed in, with the newest events already in the feed. */
export const useStream = () => {
  const who = me()
  let close: (() => void) | undefined
  let isGone = false
  const open = () => {
    if (!isGone)
      close = openLive(`${who?.tenant ?? ""}:${who?.user?.id ?? who?.key?.id ?? ""}`, () => void checkSession())
  }
  onCleanup(() => {
    isGone = true
    close?.()
  })
  // The stream begins where this answer ends, so that nothing is missed between them.
  call("GET /api/v1/events", { query: { limit: "100" } })
    .then(({ items, asOf, nextCursor }) => {
      // What came for whoever has left is not for the next.
      if (!isGone) fillFeed(items.toReversed(), asOf, nextCursor)
    })
    // Without an answer the stream begins with what is said next.
    .catch(() => undefined)
    .finally(open)
}

const useShellKeys = (open: (what: Over) => void) => {
  const navigate = useNavigate()
  const url = useUrlState()
  useKeyboard()
  useKeys([
    { key: "Ctrl K", says: "Find a page or an id", act: () => open("palette") },
    { key: "?", says: "This help", act: () => open("help") },
    { key: "/", says: "Filter", act: () => document.querySelector<HTMLElement>("[data-filter]")?.focus() },
    { key: "p", says: "Pause and go on", act: () => setPaused(!isPaused()) },
    { key: "e", says: "Explain the decision in focus", act: explainFocused },
    { key: "t", says: "Dark or light", act: toggleTheme },
    ...places.map((place) => ({
      key: `g ${place.key}`,
      says: place.name,
      act: () => navigate(url.link(place.path))
    }))
  ])
}

/** After going to another page the focus is on its heading, so that it is read out and Tab goes on from there. */
const useFocusOnArrival = () => {
  const location = useLocation()
  createEffect(
    on(
      () => location.pathname,
      () => requestAnimationFrame(() => document.getElementById("page-title")?.focus({ preventScroll: true })),
      { defer: true }
    )
  )
}

/** The router takes links for its own: the way to the page is gone by hand. */
const skip = (event: Event) => {
  event.preventDefault()
  document.getElementById("main")?.focus()
}

/** The frame; a page stands in its middle. */
export default function Frame(props: ParentProps) {
  const url = useUrlState()
  const [over, setOver] = createSignal<Over>()
  createComputed(() => setZone(zoneOf(url.get("tz"))))
  useStream()
  useShellKeys(setOver)
  useFocusOnArrival()
  onCleanup(onExplain((id) => url.set({ [explainParameter]: id }, { push: true })))
  const summary = useSummary()
  const waiting = () => summary.data?.approvalsWaiting ?? 0
  const stopped = () => summary.data?.stopped ?? []
  return (
    <div class="flex min-h-dvh">
      <a href="#main" class="skip-link" onClick={skip}>
        Skip to the page
      </a>
      <Rail waiting={waiting()} />
      <div class="flex min-w-0 grow flex-col pb-16 md:pb-0">
        <Header
          waiting={waiting()}
          stopped={stopped()}
          onPalette={() => setOver("palette")}
          onStop={() => setOver("stop")}
          onHelp={() => setOver("help")}
        />
        <ReplayFrame />
        <StaleStrip />
        <main id="main" tabindex="-1" class="grow outline-none">
          <PagePlace>{props.children}</PagePlace>
        </main>
      </div>
      <BottomBar waiting={waiting()} />
      <Announcements />
      <Overlays over={over()} stopped={stopped()} onClose={() => setOver(undefined)} />
    </div>
  )
}

interface OverlaysProps {
  readonly over: Over
  readonly stopped: Stopped
  readonly onClose: () => void
}
/** What opens over a page: one of the shell's own, or the drawer that explains, once somebody has asked. */
const Overlays = (props: OverlaysProps) => {
  const url = useUrlState()
  const unexplain = () => url.set({ [explainParameter]: null })
  return (
    <OverPlace onLeave={() => (props.onClose(), unexplain())}>
      <Show when={props.over === "palette"}>
        <Palette onClose={props.onClose} />
      </Show>
      <Show when={props.over === "help"}>
        <KeyHelp onClose={props.onClose} />
      </Show>
      <Show when={props.over === "stop"}>
        <StopSwitch account={url.account()} stopped={props.stopped} onClose={props.onClose} />
      </Show>
      <Show when={url.get(explainParameter)}>{(id) => <Drawer id={id()} onClose={unexplain} />}</Show>
    </OverPlace>
  )
}
