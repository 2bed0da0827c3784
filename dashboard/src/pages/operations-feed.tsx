/** The feed: everything that is said, narrowed by facets; new rows wait while somebody reads. */
import ArrowUp from "lucide-solid/icons/arrow-up"
import Pause from "lucide-solid/icons/pause"
import Play from "lucide-solid/icons/play"
import Radio from "lucide-solid/icons/radio"
import { createEffect, createMemo, createSignal, For, Match, on, Show, Switch } from "solid-js"
import { connection, isPaused, type LiveEvent, ownerOf, setPaused } from "../api/live.ts"
import { type FeedSource, useFeed } from "../parts/feed-source.ts"
import { FilterField } from "../parts/filter-field.tsx"
import { KeepMenu } from "../parts/menu.tsx"
import { saveNdjson } from "../parts/table-export.ts"
import { announce } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { useListKeys } from "../shell/list-keys.ts"
import { Ago } from "../shell/moment.tsx"
import { Empty, Problem, Skeleton } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, mentions } from "../words.ts"
import { EventLine } from "./event-line.tsx"
import { EventBody } from "./event-body.tsx"
import { Older } from "./operations-older.tsx"

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
    const holds = mentions(url.q() ?? "")
    const [account, region] = [url.account(), url.region()]
    return (event: LiveEvent) =>
      (severity.size === 0 || severity.has(event.severity)) &&
      (kind.size === 0 || kind.has(event.kind)) &&
      (owner.size === 0 || owner.has(ownerOf(event.owner))) &&
      (account === undefined || event.account === account || event.account === "all") &&
      (region === undefined || JSON.stringify(event.body).includes(region)) &&
      holds(`${event.says} ${event.name} ${event.owner} ${event.about}`)
  })
  const isNarrowed = () => ["q", "severity", "kind", "owner"].some((name) => url.get(name) !== undefined)
  const clear = () => url.set({ q: null, severity: null, kind: null, owner: null })
  return { chosen, toggle, passes, isNarrowed, clear }
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

/** What is shown, as a file: first what it is, then an event a line, the newest first, as the API gives them. */
const Ways = (props: { readonly rows: () => ReadonlyArray<LiveEvent> }) => {
  const keep = () => {
    const rows = props.rows()
    const told = { asOf: rows[0]?.seq, filter: location.search, rows: rows.length }
    saveNdjson(`events-${told.asOf ?? "none"}`, told, rows)
  }
  return <KeepMenu onSave={keep} />
}

/** What stands above the rows. */
const Tools = (props: {
  readonly facets: Facets
  readonly feed: FeedSource
  readonly rows: () => ReadonlyArray<LiveEvent>
}) => {
  const url = useUrlState()
  const owners = createMemo(() => {
    props.feed.version()
    // One that was chosen can be taken back, also where it has said nothing lately.
    return [
      ...new Set([...props.feed.newest(2_000).map(({ owner }) => ownerOf(owner)), ...props.facets.chosen("owner")])
    ].sort()
  })
  return (
    <div class="grid gap-3 border-b border-line px-4 py-3">
      <div class="flex flex-wrap items-center gap-3">
        <FilterField label="Words that events contain" />
        <span class="ml-auto flex items-center gap-3 text-xs text-soft tabular-nums">
          {counted(props.feed.size(), "event")} kept
          <Show when={!url.isReplay()}>
            <Button size="small" icon={isPaused() ? Play : Pause} onClick={() => setPaused(!isPaused())}>
              {isPaused() ? `Go on (${count(connection().waiting)})` : "Pause"}
            </Button>
          </Show>
          <Ways rows={props.rows} />
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
const useRows = (facets: Facets, feed: FeedSource) => {
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
  return {
    rows,
    fresh,
    take,
    setReading,
    isFull: () => rows().length >= limit(),
    more: () => setLimit((n) => n + rowsStep)
  }
}

const Lines = (props: { readonly rows: ReadonlyArray<LiveEvent> }) => {
  const url = useUrlState()
  const open = () => Number(url.get("open"))
  const toggle = (seq: number) => url.set({ open: open() === seq ? null : String(seq) })
  return (
    <For each={props.rows}>
      {(event) => (
        <li class="hover:bg-raised/40">
          <EventLine event={event} isOpen={open() === event.seq} onToggle={() => toggle(event.seq)} />
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

/** Silence that is proven healthy looks unlike a filter that hides everything. */
const Silence = (props: { readonly facets: Facets; readonly feed: FeedSource; readonly isThen: boolean }) => (
  <Show
    when={props.feed.size() > 0}
    fallback={
      <Empty title="Nothing has been said yet" icon={Radio}>
        {props.isThen
          ? "By the moment that is shown nothing of yours was in the log."
          : `The log is at sequence ${count(connection().seq)}. Events show up here the moment they are written.`}
      </Empty>
    }
  >
    <Empty
      title="No event matches"
      icon={Radio}
      action={
        <Show when={props.facets.isNarrowed()}>
          <Button onClick={props.facets.clear}>Clear the filter</Button>
        </Show>
      }
    >
      {counted(props.feed.size(), "event")} kept here, the newest from <Ago at={props.feed.newest(1)[0]?.at} />, and
      none of them is of what was asked for.
    </Empty>
  </Show>
)

/** The feed with its tools. */
export const Feed = () => {
  const url = useUrlState()
  const facets = useFacets()
  const feed = useFeed()
  const { rows, fresh, take, setReading, isFull, more } = useRows(facets, feed)
  useListKeys('[data-rows="feed"] button[aria-expanded]')
  const reading = useReading(setReading)
  return (
    <section class="panel relative overflow-hidden" aria-label="Feed">
      <Tools facets={facets} feed={feed} rows={rows} />
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
        <Switch fallback={<Silence facets={facets} feed={feed} isThen={url.isReplay()} />}>
          <Match when={rows().length > 0}>
            <ol class="divide-y divide-line/40" data-rows="feed">
              <Lines rows={rows()} />
            </ol>
          </Match>
          <Match when={feed.error()}>{(error) => <Problem error={error()} />}</Match>
          <Match when={feed.isPending()}>
            <Skeleton rows={8} label="Loading events" />
          </Match>
        </Switch>
        <Older isMoreHere={isFull()} onMore={more} onRead={() => (take(), more())} />
      </div>
    </section>
  )
}
