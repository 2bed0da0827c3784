/** Draws series with uPlot: loaded only where a chart is seen, in the colours of the theme that is on. */
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"
import { stamp, unknown, zoneName } from "../words.ts"
import { zone } from "../zone.ts"
import { align, type ChartEvent, formOf, type Series, type SeriesKind, type Unit } from "./time-series.ts"

const axisUsd = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", notation: "compact" })
const axisForm = (unit: Unit) => (value: number) => (unit === "usd" ? axisUsd.format(value / 1e6) : formOf(unit)(value))

const names: Readonly<Record<SeriesKind, string>> = {
  actual: "--c-ok",
  predicted: "--c-predicted",
  "on-demand": "--c-info",
  spot: "--c-ok",
  limit: "--c-soft"
}
const dashes: Readonly<Partial<Record<SeriesKind, Array<number>>>> = { predicted: [6, 4], limit: [2, 3] }

export interface Drawing {
  readonly series: ReadonlyArray<Series>
  readonly unit: Unit
  readonly events: ReadonlyArray<ChartEvent>
  readonly height: number
}

/** The theme's colours are read when something is drawn, so that a change of theme needs only a redraw. */
const colour = (element: Element, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim() || "currentColor"

const marks = (element: Element, events: ReadonlyArray<ChartEvent>) => (chart: uPlot) => {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.setLineDash([3, 3])
  for (const event of events) {
    const x = Math.round(chart.valToPos(event.at, "x", true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = colour(element, `--c-${event.tone ?? "info"}`)
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}

const ownZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone
const dayMs = 86_400_000

/**
 * How moments stand on the axis: days where marks are days apart, else times of day, with the day where a new one
 * begins. A chart is drawn anew in another zone.
 */
const axisForms = (timeZone: string) => {
  const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone })
  const day = of({ day: "numeric", month: "short" })
  const time = of({ hour: "2-digit", minute: "2-digit" })
  const second = of({ hour: "2-digit", minute: "2-digit", second: "2-digit" })
  return (_: uPlot, moments: Array<number>, _axis: number, _space: number, apart: number): Array<string> =>
    moments.map((at) => {
      if (apart >= dayMs || second.format(at) === "00:00:00") return day.format(at)
      return (apart < 60_000 ? second : time).format(at)
    })
}

const optionsOf = (element: HTMLElement, drawing: Drawing): uPlot.Options => {
  const timeZone = zone() === "utc" ? "Etc/UTC" : ownZone()
  const axis = {
    stroke: () => colour(element, "--c-soft"),
    grid: { stroke: () => colour(element, "--c-line"), width: 1 },
    ticks: { show: false },
    font: "11px Inter, sans-serif"
  }
  return {
    width: Math.max(120, element.clientWidth),
    height: drawing.height,
    ms: 1,
    tzDate: (at) => uPlot.tzDate(new Date(at), timeZone),
    // Charts of one page move their cursors together.
    cursor: { sync: { key: "page" }, drag: { x: true, y: false } },
    legend: { live: true },
    scales: {
      x: { range: (_, low, high) => spanOf(low, high) },
      y: { range: (_, low, high) => rangeOf(low, high, drawing.unit) }
    },
    axes: [
      { ...axis, values: axisForms(timeZone) },
      { ...axis, size: 64, values: (_, splits) => splits.map(axisForm(drawing.unit)) }
    ],
    series: [
      { value: (_, at) => (at === null ? unknown : `${stamp(at)} ${zoneName(at)}`) },
      ...drawing.series.map(({ label, points, kind = "actual" }) => ({
        label,
        stroke: () => colour(element, names[kind]),
        width: kind === "limit" ? 1 : 2,
        // A line of one point is none: then the point itself is drawn.
        points: { show: points.length < 3 && kind !== "limit", size: 6 },
        ...(dashes[kind] === undefined ? {} : { dash: dashes[kind] }),
        value: (_: uPlot, value: number | null) => formOf(drawing.unit)(value)
      }))
    ],
    hooks: { draw: [marks(element, drawing.events)] }
  }
}

/** One cent in micro-dollars: nobody compares less, and a scale of less would be all noughts. */
const centMin = 10_000

/** Shares and scores are shown on their whole scale, so that two charts can be compared; amounts from zero. */
const rangeOf = (low: number | null, high: number | null, unit: Unit): [number, number] => {
  if (unit === "share" || unit === "score") return [0, 1]
  return [Math.min(0, low ?? 0), Math.max((high ?? 0) * 1.08, unit.startsWith("usd") ? centMin : 1)]
}

/** Never under a minute: what was read once is a moment, and its axis would count in milliseconds. */
const spanOf = (low: number, high: number): [number, number] => {
  const missing = Math.max(0, 60_000 - (high - low))
  return [low - missing / 2, high + missing / 2]
}

export interface Chart {
  readonly update: (series: ReadonlyArray<Series>) => void
  readonly end: () => void
}

/** Draws into an element, follows its width and the theme, until it is ended. */
export const draw = (element: HTMLElement, drawing: Drawing): Chart => {
  const chart = new uPlot(optionsOf(element, drawing), align(drawing.series) as unknown as uPlot.AlignedData, element)
  const size = new ResizeObserver(() => {
    const width = Math.max(120, element.clientWidth)
    if (width !== chart.width) chart.setSize({ width, height: drawing.height })
  })
  size.observe(element)
  const theme = new MutationObserver(() => chart.redraw(false, true))
  theme.observe(document.documentElement, { attributes: true })
  return {
    update: (series) => chart.setData(align(series) as unknown as uPlot.AlignedData),
    end: () => {
      size.disconnect()
      theme.disconnect()
      chart.destroy()
    }
  }
}
