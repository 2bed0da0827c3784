/** A swap as it runs: one row a step, bars that grow, retries numbered, and the way back drawn amber, right to left. */
import Flag from "lucide-solid/icons/flag"
import { createMemo, For, Index, Show } from "solid-js"
import { lasting } from "../words.ts"
import { type Bar, type Row, rowsOf, axisOf, type StepView, ticksOf } from "./gantt-layout.ts"
import "./parts.css"

export interface GanttProps {
  readonly steps: ReadonlyArray<StepView>
  /** Milliseconds since 1970: until where what runs is drawn. */
  readonly now: number
  /** When a bar is chosen, as to show its calls. */
  readonly onStep?: ((step: StepView) => void) | undefined
}

const words = {
  waiting: "waits",
  running: "runs",
  done: "done",
  undone: "done, later taken back",
  failed: "failed"
} as const
const fills = {
  waiting: "fill-line",
  running: "fill-info",
  done: "fill-ok",
  undone: "fill-faint",
  failed: "fill-bad"
} as const

const sayBar = (bar: Bar): string => {
  const tries = bar.step.attempts > 1 ? `, ${bar.step.attempts} attempts` : ""
  const way = bar.step.way === "back" ? "taken back" : words[bar.step.status]
  return `${bar.step.label}: ${way}, ${lasting(bar.ms)}${tries}`
}

/** An arrow's outline over 0..1000 x 0..20; of the way back its point is on the left. */
const outline = (bar: Bar): string => {
  const [from, to] = [bar.start * 1_000, Math.min(1_000, (bar.start + Math.max(bar.width, 0.004)) * 1_000)]
  const tip = Math.min(8, (to - from) / 2)
  return bar.step.way === "back"
    ? `M${from},10 L${from + tip},2 H${to} V18 H${from + tip} Z`
    : `M${from},2 H${to - tip} L${to},10 L${to - tip},18 H${from} Z`
}

const BarShape = (props: { readonly bar: Bar; readonly y: number }) => (
  <path
    d={outline(props.bar)}
    transform={`translate(0 ${props.y})`}
    data-way={props.bar.step.way}
    data-live={props.bar.isLive ? "" : undefined}
    class={props.bar.step.way === "back" ? "fill-warn" : fills[props.bar.step.status]}
    classList={{ "motion-safe:animate-pulse": props.bar.isLive }}
  >
    <title>{sayBar(props.bar)}</title>
  </path>
)

const Lane = (props: { readonly row: Row }) => {
  const both = () => props.row.forward !== undefined && props.row.back !== undefined
  return (
    <svg
      viewBox={both() ? "0 0 1000 40" : "0 0 1000 20"}
      preserveAspectRatio="none"
      aria-hidden="true"
      class="relative w-full"
      classList={{ "h-4": !both(), "h-8": both() }}
    >
      <Show when={props.row.forward}>{(bar) => <BarShape bar={bar()} y={0} />}</Show>
      <Show when={props.row.back}>{(bar) => <BarShape bar={bar()} y={both() ? 20 : 0} />}</Show>
    </svg>
  )
}

const stateOf = (row: Row): string => {
  const bar = row.back ?? row.forward
  return bar === undefined ? "waits" : sayBar(bar).slice(bar.step.label.length + 2)
}

const RowLabel = (props: { readonly row: Row; readonly onStep: GanttProps["onStep"] }) => {
  const step = () => (props.row.back ?? props.row.forward)?.step
  const attempts = () => Math.max(props.row.forward?.step.attempts ?? 0, props.row.back?.step.attempts ?? 0)
  return (
    <div class="min-w-0">
      <div class="flex items-center gap-1 text-sm">
        <Show when={props.onStep && step()} fallback={<span class="truncate">{props.row.label}</span>}>
          {(chosen) => (
            <button type="button" class="link truncate text-left" onClick={() => props.onStep?.(chosen())}>
              {props.row.label}
            </button>
          )}
        </Show>
        <Show when={props.row.pivot}>
          <span class="inline-flex items-center gap-0.5 text-xs text-predicted" title="from here there is no way back">
            <Flag size={12} aria-hidden="true" />
            pivot
          </span>
        </Show>
        <Show when={attempts() > 1}>
          <span class="rounded bg-raised px-1 text-xs text-warn" title={`${attempts()} attempts`}>
            ×{attempts()}
          </span>
        </Show>
      </div>
      <div class="truncate text-xs text-soft">{stateOf(props.row)}</div>
    </div>
  )
}

export const Gantt = (props: GanttProps) => {
  const axis = createMemo(() => axisOf(props.steps, props.now))
  const rows = createMemo(() => rowsOf(props.steps, axis(), props.now))
  const ticks = createMemo(() => ticksOf(axis()))
  return (
    <figure class="gantt" aria-label="Steps over time">
      <ol class="grid gap-y-2">
        <Index each={rows()}>
          {(row) => (
            <li class="grid grid-cols-[minmax(7rem,12rem)_1fr] items-center gap-3" data-step={row().name}>
              <RowLabel row={row()} onStep={props.onStep} />
              <Lane row={row()} />
            </li>
          )}
        </Index>
      </ol>
      <TickRow ticks={ticks()} />
      <figcaption class="mt-1 text-xs text-soft">
        Time since the start, {lasting(axis().to - axis().from)} so far. Amber arrows pointing left are steps taken
        back.
      </figcaption>
    </figure>
  )
}

/** The axis under the rows, at the same place as their lanes. */
const TickRow = (props: { readonly ticks: ReturnType<typeof ticksOf> }) => (
  <div class="mt-1 grid grid-cols-[minmax(7rem,12rem)_1fr] gap-3" aria-hidden="true">
    <span />
    <svg class="h-6 w-full overflow-visible" role="presentation">
      <line x1="0" x2="100%" y1="0.5" y2="0.5" class="stroke-line" />
      <For each={props.ticks}>
        {(tick) => (
          <>
            <line x1={`${tick.share * 100}%`} x2={`${tick.share * 100}%`} y1="0" y2="5" class="stroke-faint" />
            <text
              x={`${tick.share * 100}%`}
              y="18"
              class="fill-soft text-[11px]"
              text-anchor={tick.share < 0.03 ? "start" : tick.share > 0.97 ? "end" : "middle"}
            >
              {tick.label}
            </text>
          </>
        )}
      </For>
    </svg>
  </div>
)
