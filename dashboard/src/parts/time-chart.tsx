/** A chart over time with what it says in words beside it, and the same figures as a table for whoever wants them. */
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js"
import { exactly, iso, stamp, zoneName } from "../words.ts"
import { zone } from "../zone.ts"
import type { Chart } from "./time-chart-draw.ts"
import { align, type ChartEvent, formOf, type Series, thin, type Unit } from "./time-series.ts"
import "./parts.css"

export type { ChartEvent, Series, SeriesKind, Unit } from "./time-series.ts"

export interface TimeChartProps {
  readonly title: string
  readonly series: ReadonlyArray<Series>
  readonly unit: Unit
  /** What the chart shows, in a sentence: the only thing that some readers get. */
  readonly summary: string
  readonly events?: ReadonlyArray<ChartEvent> | undefined
  /** In pixels. Default 200. */
  readonly height?: number | undefined
}

/** The chart's figures, at most so many rows. */
const rowsMax = 100

const AsTable = (props: TimeChartProps) => {
  const rows = createMemo(() => {
    const [moments, ...columns] = align(props.series)
    return thin(
      moments.map((at, i) => ({ at, values: columns.map((column) => column[i]) })),
      rowsMax
    )
  })
  const named = () => zoneName(rows()[0]?.at ?? 0)
  return (
    <div class="scroll-box max-h-64" tabindex="0" role="region" aria-label={`${props.title}, as a table`}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Time ({named()})</th>
            <For each={props.series}>{({ label }) => <th scope="col">{label}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr>
                <th scope="row">
                  <time datetime={iso(row.at)}>{stamp(row.at)}</time>
                </th>
                <For each={row.values}>{(value) => <td>{formOf(props.unit)(value)}</td>}</For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  )
}

const Events = (props: { readonly events: ReadonlyArray<ChartEvent> }) => (
  <ul class="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
    <For each={props.events}>
      {(event) => (
        <li>
          <span aria-hidden="true">┆ </span>
          <time datetime={iso(event.at)} title={exactly(event.at)}>
            {stamp(event.at)} {zoneName(event.at)}
          </time>{" "}
          {event.label}
        </li>
      )}
    </For>
  </ul>
)

/** Nothing is drawn where there is no canvas: the words and the table stand alone then. */
const canDraw = (): boolean => document.createElement("canvas").getContext("2d") !== null

type Draw = typeof import("./time-chart-draw.ts").draw

const Plot = (props: TimeChartProps) => {
  const [element, setElement] = createSignal<HTMLDivElement>()
  const [draw, setDraw] = createSignal<Draw>()
  const [chart, setChart] = createSignal<Chart>()
  /** What needs a new chart; new figures alone do not. */
  const shape = createMemo(() => `${props.unit} ${props.series.map(({ label, kind }) => `${label}/${kind}`).join()}`)
  onMount(async () => {
    if (!canDraw()) return
    const drawing = await import("./time-chart-draw.ts")
    setDraw(() => drawing.draw)
  })
  createEffect(
    on([draw, shape, () => props.events, zone], ([start]) => {
      const place = element()
      if (start === undefined || place === undefined) return
      const { series, unit, events = [], height = 200 } = props
      const drawn = start(place, { series, unit, events, height })
      setChart(drawn)
      onCleanup(() => {
        setChart(undefined)
        drawn.end()
      })
    })
  )
  createEffect(on([chart, () => props.series], ([drawn, series]) => drawn?.update(series)))
  return <div ref={setElement} class="min-w-0" aria-hidden="true" />
}

export const TimeChart = (props: TimeChartProps) => {
  const [isTable, setTable] = createSignal(false)
  const isEmpty = () => props.series.every(({ points }) => points.length === 0)
  return (
    <figure class="min-w-0">
      <div class="flex items-baseline justify-between gap-2">
        <h3 class="text-sm font-medium">{props.title}</h3>
        <Show when={!isEmpty()}>
          <button type="button" class="link text-xs" aria-pressed={isTable()} onClick={() => setTable(!isTable())}>
            {isTable() ? "show as chart" : "show as table"}
          </button>
        </Show>
      </div>
      <figcaption class="mb-2 text-xs text-soft">{props.summary}</figcaption>
      <Show when={!isEmpty()} fallback={<p class="empty-box">Nothing was recorded in this time.</p>}>
        <Show when={isTable()} fallback={<Plot {...props} />}>
          <AsTable {...props} />
        </Show>
      </Show>
      <Show when={(props.events?.length ?? 0) > 0}>
        <Events events={props.events ?? []} />
      </Show>
    </figure>
  )
}
