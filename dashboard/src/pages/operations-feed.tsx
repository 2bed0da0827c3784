/** The feed: everything that is said, narrowed by facets; new rows wait while somebody reads. */
import ArrowUp from "lucide-solid/icons/arrow-up"
import Pause from "lucide-solid/icons/pause"
import Play from "lucide-solid/icons/play"
import Radio from "lucide-solid/icons/radio"
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js"
import { connection, feed, isPaused, type LiveEvent, ownerOf, setPaused } from "../api/live.ts"
import { announce } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { Empty } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted } from "../words.ts"
import { EventLine } from "./event-line.tsx"
import { EventBody } from "./event-body.tsx"

const severities = ["critical", "warning", "good", "info"] as const
const kinds = ["fact", "order", "journal"] as const
/** So many rows are drawn at first, and so many more each time somebody asks. */
const rowsStep = 200

/** Facets live in the URL as words with commas between them. */
const useFacets = () => {
  const url = useUrlState()
  const chosen = (name: string) => new Set((url.get(name) ?? "").split(",").filter((word) => word !== ""))
  const toggle = (name: string, word: string) => {
    const next = new Set(chosen(name))
    if (!next.delete(word)) next.add(word)
    url.set({ [name]: [...next].join(",") })
  }
  const passes = createMemo(() => {
    const [severity, kind, owner] = [chosen("severity"), chosen("kind"), chosen("owner")]
    const words = (url.q() ?? "")
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "")
    const [account, region] = [url.account(), url.region()]
    return (event: LiveEvent) =>
      (severity.size === 0 || severity.has(event.severity)) &&
      (kind.size === 0 || kind.has(event.kind)) &&
      (owner.size === 0 || owner.has(ownerOf(event.owner))) &&
      (account === undefined || event.account === account || event.account === "all") &&
      (region === undefined || JSON.stringify(event.body).includes(region)) &&
      words.every((word) => `${event.says} ${event.name} ${event.owner} ${event.about}`.toLowerCase().includes(word))
  })
  return { chosen, toggle, passes }
}
type Facets = ReturnType<typeof useFacets>

const Row = (props: { readonly name: string; readonly words: ReadonlyArray<string>; readonly facets: Facets }) => (
  <div class="flex flex-wrap gap-1.5" role="group" aria-label={props.name}>
    <For each={props.words}>
      {(word) => (
        <Facet
          name={word}
          isOn={props.facets.chosen(props.name).has(word)}
          onPick={() => props.facets.toggle(props.name, word)}
        />
      )}
    </For>
  </div>
)

/** What stands above the rows. */
const Tools = (props: { readonly facets: Facets }) => {
  const url = useUrlState()
  const owners = createMemo(() => {
    feed.version()
    return [...new Set(feed.newest(2_000).map(({ owner }) => ownerOf(owner)))].sort()
  })
  return (
    <div class="grid gap-3 border-b border-line px-4 py-3">
      <div class="flex flex-wrap items-center gap-3">
        <input
          type="search"
          data-filter
          class="field h-8 max-w-72 grow basis-40"
          placeholder="Filter   /"
          aria-label="Words that events contain"
          value={url.q() ?? ""}
          onInput={(event) => url.set({ q: event.currentTarget.value })}
        />
        <span class="ml-auto flex items-center gap-3 text-xs text-soft tabular-nums">
          {counted(feed.version() >= 0 ? feed.size() : 0, "event")} kept
          <Button size="small" icon={isPaused() ? Play : Pause} onClick={() => setPaused(!isPaused())}>
            {isPaused() ? `Go on (${count(connection().waiting)})` : "Pause"}
          </Button>
        </span>
      </div>
      <div class="flex flex-wrap gap-x-4 gap-y-2">
        <Row name="severity" words={severities} facets={props.facets} />
        <Row name="kind" words={kinds} facets={props.facets} />
        <Row name="owner" words={owners()} facets={props.facets} />
      </div>
    </div>
  )
}

/** Which rows are shown: they stand while the pointer or the focus is on them, or somebody has scrolled down. */
const useRows = (facets: Facets) => {
  const [limit, setLimit] = createSignal(rowsStep)
  const [isReading, setReading] = createSignal(false)
  const [rows, setRows] = createSignal<ReadonlyArray<LiveEvent>>([])
  const take = () => setRows(feed.newest(limit(), facets.passes()))
  createEffect(on([facets.passes, limit], take))
  createEffect(on(feed.version, () => isReading() || take()))
  createEffect(on(isReading, (is) => is || take(), { defer: true }))
  const fresh = createMemo(() => {
    feed.version()
    const newest = rows()[0]?.seq ?? -1
    return isReading() ? feed.newest(1_000, (event) => event.seq > newest && facets.passes()(event)).length : 0
  })
  createEffect(on(fresh, (n) => n > 0 && n % 25 === 0 && announce(`${counted(n, "new event")}`), { defer: true }))
  return { rows, fresh, take, setReading, more: () => setLimit((n) => n + rowsStep) }
}

const Lines = (props: { readonly rows: ReadonlyArray<LiveEvent> }) => {
  const [open, setOpen] = createSignal<number | undefined>()
  return (
    <For each={props.rows}>
      {(event) => (
        <li class="hover:bg-raised/40">
          <EventLine
            event={event}
            isOpen={open() === event.seq}
            onToggle={() => setOpen((seq) => (seq === event.seq ? undefined : event.seq))}
          />
          <Show when={open() === event.seq}>
            <EventBody event={event} />
          </Show>
        </li>
      )}
    </For>
  )
}

/** Rows stand while the pointer or the focus is on them, or somebody has scrolled down. */
const useReading = (setReading: (is: boolean) => void) => {
  let box: HTMLElement | undefined
  let isOver = false
  const look = () => setReading(isOver || (box?.scrollTop ?? 0) > 8)
  const over = (is: boolean) => () => {
    isOver = is
    look()
  }
  return {
    keep: (element: HTMLElement) => (box = element),
    look,
    enter: over(true),
    leave: over(false),
    toTop: () => box?.scrollTo({ top: 0 })
  }
}

const Silence = () => (
  <Empty title={feed.size() === 0 ? "Nothing has been said yet" : "No event matches"} icon={Radio}>
    {feed.size() === 0
      ? "The stream is open. Events show up here the moment they are written."
      : "Take back a facet or a word of the filter."}
  </Empty>
)

/** The feed with its tools. */
export const Feed = () => {
  const facets = useFacets()
  const { rows, fresh, take, setReading, more } = useRows(facets)
  const reading = useReading(setReading)
  return (
    <section class="panel relative overflow-hidden" aria-label="Feed">
      <Tools facets={facets} />
      <Show when={fresh() > 0}>
        <div class="absolute inset-x-0 z-10 flex justify-center pt-2">
          <Button size="small" weight="primary" icon={ArrowUp} onClick={() => (take(), reading.toTop())}>
            {count(fresh())} new: show
          </Button>
        </div>
      </Show>
      <div
        ref={reading.keep}
        tabindex="0"
        role="group"
        aria-label="Events, newest first"
        class="h-[calc(100dvh-19rem)] min-h-80 overflow-y-auto"
        onScroll={reading.look}
        onPointerEnter={reading.enter}
        onPointerLeave={reading.leave}
        onFocusIn={reading.enter}
        onFocusOut={reading.leave}
      >
        <Show when={rows().length > 0} fallback={<Silence />}>
          <ol class="divide-y divide-line/40">
            <Lines rows={rows()} />
          </ol>
          <Show when={rows().length % rowsStep === 0}>
            <div class="grid place-items-center p-4">
              <Button size="small" onClick={more}>
                Show older
              </Button>
            </div>
          </Show>
        </Show>
      </div>
    </section>
  )
}
