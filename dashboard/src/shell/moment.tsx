/** Times on screen: relative to read, exact to point at, one clock that all of them go by. */
import { createSignal, onCleanup, onMount, Show } from "solid-js"
import { clock, countdown, exactly, iso, relative, unknown, zoneName } from "../words.ts"

const [now, setNow] = createSignal(Date.now())
let watchers = 0
let ticking: ReturnType<typeof setInterval> | undefined

/** This moment, once a second, for as long as somebody looks. */
export const useNow = (): (() => number) => {
  onMount(() => {
    setNow(Date.now())
    watchers++
    ticking ??= setInterval(() => setNow(Date.now()), 1_000)
    // Whoever went before it was ever shown has not been counted, and is not to be taken off.
    onCleanup(() => {
      watchers--
      if (watchers > 0) return
      clearInterval(ticking)
      ticking = undefined
    })
  })
  return now
}

/** As `3 min ago`; the exact time shows on hover, and is what a machine reads. */
export const Ago = (props: { readonly at: number | null | undefined; readonly class?: string }) => {
  const now = useNow()
  return (
    <Show when={props.at ?? undefined} fallback={<span class="text-faint">{unknown}</span>}>
      {(at) => (
        <time dateTime={iso(at())} title={exactly(at())} class={`tabular-nums whitespace-nowrap ${props.class ?? ""}`}>
          {relative(at(), now())}
        </time>
      )}
    </Show>
  )
}

/** As `14:03:22 UTC`, in the zone that the URL says. */
export const Clock = (props: { readonly at: number; readonly class?: string }) => (
  <time
    dateTime={iso(props.at)}
    title={exactly(props.at)}
    class={`tabular-nums whitespace-nowrap ${props.class ?? ""}`}
  >
    {clock(props.at)} <span class="text-[11px] text-faint">{zoneName(props.at)}</span>
  </time>
)

/** The moment itself, in both zones, where nothing shorter says enough. */
export const Exactly = (props: { readonly at: number }) => <time dateTime={iso(props.at)}>{exactly(props.at)}</time>

/** What is left until a deadline, as a running clock; in words once it has passed. */
export const Countdown = (props: { readonly until: number; readonly class?: string }) => {
  const now = useNow()
  const left = () => props.until - now()
  const text = () =>
    left() <= 0 ? "expired" : left() < 86_400_000 ? countdown(props.until, now()) : relative(props.until, now())
  return (
    <time
      dateTime={iso(props.until)}
      title={exactly(props.until)}
      class={`tabular-nums whitespace-nowrap ${props.class ?? ""}`}
      classList={{ "text-bad": left() < 120_000, "text-warn": left() >= 120_000 && left() < 1_800_000 }}
    >
      {text()}
    </time>
  )
}
