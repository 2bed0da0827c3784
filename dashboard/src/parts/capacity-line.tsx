/** What a group was asked to run and what served, over the axis of its swap: it never dips. */
import { createMemo, Show } from "solid-js"
import { clock, counted, zoneName } from "../words.ts"
import { type Axis, shareOf } from "./gantt-layout.ts"

export interface CapacityPoint {
  readonly at: number
  readonly desired: number
  readonly inService: number
}
export interface CapacityLineProps {
  /** In rising order of time. */
  readonly points: ReadonlyArray<CapacityPoint>
  /** The axis of the chart above it: `axisOf(steps, now)`. */
  readonly axis: Axis
}

/** Stairs: a value holds until the next one was seen. */
const stairs = (props: CapacityLineProps, max: number, valueOf: (point: CapacityPoint) => number): string => {
  const y = (value: number) => 38 - (value / max) * 34
  const parts = props.points.map((point, i) => {
    const x = shareOf(props.axis, point.at) * 1_000
    return i === 0 ? `M0,${y(valueOf(point))} H${x}` : `H${x} V${y(valueOf(point))}`
  })
  return parts.length === 0 ? "" : `${parts.join(" ")} H1000`
}

/** In words: what the lines show, and whether fewer ever served than were asked for at the start. */
export const sayCapacity = (points: ReadonlyArray<CapacityPoint>): string => {
  const first = points[0]
  if (first === undefined) return "No sweep saw the group while this ran."
  const lowest = points.reduce((low, point) => (point.inService < low.inService ? point : low), first)
  const served = points.map(({ inService }) => inService)
  const range = `${Math.min(...served)} to ${Math.max(...served)}`
  const holds = lowest.inService >= first.desired
  return `Desired ${first.desired}, in service ${range} over ${counted(points.length, "sweep")}: ${
    holds ? "never below desired" : `${lowest.inService} at ${clock(lowest.at)} ${zoneName(lowest.at)}, below desired`
  }.`
}

export const CapacityLine = (props: CapacityLineProps) => {
  const max = createMemo(() => Math.max(1, ...props.points.flatMap((p) => [p.desired, p.inService])) * 1.1)
  const holds = () => {
    const first = props.points[0]
    return first !== undefined && props.points.every(({ inService }) => inService >= first.desired)
  }
  return (
    <figure class="mt-2 grid grid-cols-[minmax(7rem,12rem)_1fr] items-center gap-3">
      <figcaption class="text-xs text-soft">
        <span class="block text-sm text-ink">Capacity</span>
        {sayCapacity(props.points)}
      </figcaption>
      <Show when={props.points.length > 0} fallback={<div class="hatched h-10 rounded" aria-hidden="true" />}>
        <svg viewBox="0 0 1000 40" preserveAspectRatio="none" class="h-12 w-full" aria-hidden="true">
          <path
            d={stairs(props, max(), (p) => p.desired)}
            class="fill-none stroke-faint [stroke-dasharray:4_4]"
            vector-effect="non-scaling-stroke"
          />
          <path
            d={stairs(props, max(), (p) => p.inService)}
            class="fill-none [stroke-width:2]"
            classList={{ "stroke-ok": holds(), "stroke-bad": !holds() }}
            vector-effect="non-scaling-stroke"
          />
        </svg>
      </Show>
    </figure>
  )
}
