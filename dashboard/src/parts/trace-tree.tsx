/** What one thing came from and led to: causes to the left, time to the right, and how long each hop was waited for. */
import { createMemo, For } from "solid-js"
import type { Reply } from "../api/client.ts"
import { ToneIcon, toneOf } from "../shell/chip.tsx"
import { Clock } from "../shell/moment.tsx"
import { lasting, plainly } from "../words.ts"
import "./parts.css"

export type Hop = Reply<"GET /api/v1/traces/{id}">["hops"][number]

export interface TraceTreeProps {
  /** As the API gives them: each after its cause, with its depth. */
  readonly hops: ReadonlyArray<Hop>
  /** Sequence of the one that is open. */
  readonly chosen?: number | undefined
  readonly onOpen: (hop: Hop) => void
}

interface Placed {
  readonly hop: Hop
  /** Shares of the whole time: until its cause was said, it waited from there, and it was said here. */
  readonly from: number
  readonly at: number
  /** Since the first of all, in milliseconds. */
  readonly sinceMs: number
}

/** How long it waited for its turn; where the log does not tell its cause, how far into the trace it is. */
const sayWhen = ({ hop, sinceMs }: Placed): string => {
  if (hop.waitedMs !== null) return `after ${lasting(hop.waitedMs)}`
  return hop.depth === 0 ? "origin" : `at +${lasting(sinceMs)}`
}

/** Where each hop stands between the first and the last of them; one that waited starts at its cause. */
export const place = (hops: ReadonlyArray<Hop>): ReadonlyArray<Placed> => {
  const first = Math.min(...hops.map(({ event, waitedMs }) => event.at - (waitedMs ?? 0)))
  const last = Math.max(...hops.map(({ event }) => event.at))
  const whole = Math.max(1, last - first)
  return hops.map((hop) => ({
    hop,
    from: (hop.event.at - (hop.waitedMs ?? 0) - first) / whole,
    at: (hop.event.at - first) / whole,
    sinceMs: hop.event.at - first
  }))
}

/** Grey while it waited for its turn, a mark where it was said. */
const Wait = (props: { readonly placed: Placed }) => (
  <svg viewBox="0 0 1000 20" preserveAspectRatio="none" class="h-5 w-full" aria-hidden="true">
    <line x1="0" x2="1000" y1="10" y2="10" class="stroke-line" vector-effect="non-scaling-stroke" />
    <rect
      x={props.placed.from * 994}
      y="6"
      width={Math.max(0, (props.placed.at - props.placed.from) * 994)}
      height="8"
      class="fill-faint/60"
    />
    <rect x={props.placed.at * 994} y="2" width="6" height="16" class="fill-info" />
  </svg>
)

/** So many levels are indented; deeper ones are numbered only, so that text keeps its room. */
const levelsMax = 8

const Line = (props: { readonly placed: Placed; readonly isChosen: boolean; readonly onOpen: () => void }) => {
  const event = () => props.placed.hop.event
  return (
    <li
      class="grid items-center gap-x-3 px-3 py-1.5 text-[13px] md:grid-cols-[minmax(0,1fr)_minmax(8rem,18rem)_6rem]"
      classList={{ "bg-info/10": props.isChosen }}
      data-depth={props.placed.hop.depth}
      data-explain={event().kind === "fact" ? String(event().seq) : undefined}
      aria-current={props.isChosen ? "true" : undefined}
    >
      <div class="min-w-0" style={{ "padding-left": `${Math.min(levelsMax, props.placed.hop.depth) * 14}px` }}>
        <div class="flex min-w-0 items-start gap-2">
          <span class="text-faint" aria-hidden="true">
            {props.placed.hop.depth > 0 ? "└" : "●"}
          </span>
          <ToneIcon tone={toneOf(event().severity)} label={event().severity} class="mt-0.5 size-4" />
          <button type="button" class="min-w-0 text-left wrap-anywhere hover:underline" onClick={() => props.onOpen()}>
            <span class="sr-only">level {props.placed.hop.depth}: </span>
            {event().says}
          </button>
        </div>
        <p class="flex flex-wrap gap-x-2 pl-10.5 text-xs text-soft">
          <Clock at={event().at} />
          <span>{plainly(event().name)}</span>
          <span>{event().owner}</span>
          <span class="tabular-nums">#{event().seq}</span>
        </p>
      </div>
      <Wait placed={props.placed} />
      <span class="text-right text-xs text-soft tabular-nums max-md:hidden">{sayWhen(props.placed)}</span>
    </li>
  )
}

export const TraceTree = (props: TraceTreeProps) => {
  const placed = createMemo(() => place(props.hops))
  return (
    <ol class="divide-y divide-line/60" aria-label="Hops, causes before effects" data-rows="trace">
      <For each={placed()}>
        {(one) => (
          <Line placed={one} isChosen={props.chosen === one.hop.event.seq} onOpen={() => props.onOpen(one.hop)} />
        )}
      </For>
    </ol>
  )
}
