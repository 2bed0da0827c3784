/** Where the bars of a swap stand on the time axis: pure figures, so that the drawing has nothing to decide. */
import type { ReplyOf } from "../../../schemas/api/endpoint.ts"
import type { getSaga } from "../../../schemas/api/operations.ts"

export type StepView = ReplyOf<typeof getSaga>["steps"][number]

export interface Bar {
  readonly step: StepView
  /** Share of the axis, 0..1. */
  readonly start: number
  readonly width: number
  readonly isLive: boolean
  readonly ms: number
}
/** One row: a step with its way there and, where it was taken back, its way back. */
export interface Row {
  readonly name: string
  readonly label: string
  readonly pivot: boolean
  readonly forward: Bar | undefined
  readonly back: Bar | undefined
}
export interface Axis {
  readonly from: number
  readonly to: number
}
export interface Tick {
  readonly at: number
  readonly share: number
  /** Since the start, as `40 s`. */
  readonly label: string
}

/** From the first step's start to the last one's end, or now while something runs; never shorter than a second. */
export const axisOf = (steps: ReadonlyArray<StepView>, now: number): Axis => {
  const froms = steps.flatMap(({ from }) => (from === null ? [] : [from]))
  const from = froms.length === 0 ? now : Math.min(...froms)
  const isLive = steps.some((step) => step.from !== null && step.to === null)
  const ends = steps.flatMap(({ to }) => (to === null ? [] : [to]))
  const to = Math.max(from + 1_000, ...ends, ...(isLive ? [now] : []))
  return { from, to }
}

export const shareOf = (axis: Axis, at: number): number =>
  Math.min(1, Math.max(0, (at - axis.from) / (axis.to - axis.from)))

const barOf = (step: StepView | undefined, axis: Axis, now: number): Bar | undefined => {
  if (step === undefined || step.from === null) return undefined
  const end = step.to ?? Math.max(now, step.from)
  const start = shareOf(axis, step.from)
  return { step, start, width: shareOf(axis, end) - start, isLive: step.to === null, ms: end - step.from }
}

/** A row for each step, in the order of the way there. */
export const rowsOf = (steps: ReadonlyArray<StepView>, axis: Axis, now: number): ReadonlyArray<Row> => {
  const names = [...new Set(steps.map(({ step }) => step))]
  return names.map((name) => {
    const there = steps.find((step) => step.step === name && step.way === "forward")
    const back = steps.find((step) => step.step === name && step.way === "back")
    const any = there ?? back
    return {
      name,
      label: any?.label ?? name,
      pivot: (there?.pivot ?? false) || (back?.pivot ?? false),
      forward: barOf(there, axis, now),
      back: barOf(back, axis, now)
    }
  })
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]
const tickLabel = (s: number): string =>
  s >= 3_600 ? `${+(s / 3_600).toFixed(1)} h` : s >= 120 ? `${+(s / 60).toFixed(1)} min` : `${s} s`

/** At most seven ticks at round distances from the start. */
export const ticksOf = (axis: Axis): ReadonlyArray<Tick> => {
  const seconds = (axis.to - axis.from) / 1_000
  const step = steps.find((size) => seconds / size <= 6) ?? Math.ceil(seconds / 6)
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => {
    const at = axis.from + i * step * 1_000
    return { at, share: shareOf(axis, at), label: tickLabel(i * step) }
  })
}
