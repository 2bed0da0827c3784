/** The steps of one swap as bars of a chart, made of its journal alone: what was walked when, on which way. */
import type { CallView, StepView } from "../../schemas/api/operations.ts"
import type { Entry } from "../../schemas/saga.ts"
import { labelOf, type StepLabel, stepsOf } from "../../schemas/steps.ts"

export type Bar = typeof StepView.Type
export type Call = typeof CallView.Type

/** A bar while it grows: what is known of a step on one way. */
interface Growing {
  readonly step: string
  readonly way: Entry["way"]
  readonly from: number
  to: number | null
  status: Bar["status"]
  /** Who takes a saga over does its step again. */
  attempts: number
}

const opens: ReadonlySet<Entry["phase"]> = new Set(["Intent", "Commit", "Undo"])

/** How the bar under way ends at an entry; undefined where the entry does not end it. */
const endOf = (bar: Growing, entry: Entry): Bar["status"] | undefined => {
  if (entry.phase === "Stuck") return "failed"
  if (bar.way === "back") return entry.phase === "Undone" || entry.phase === "RolledBack" ? "undone" : undefined
  if (entry.way === "back") return "failed"
  if (entry.phase === "Done") return "done"
  // its outcome is verified until the next step begins
  return opens.has(entry.phase) && entry.step !== bar.step ? "done" : undefined
}

/** In the order in which they began. Entries are one journal's, in order. */
const walked = (entries: ReadonlyArray<Entry>): ReadonlyArray<Growing> => {
  const bars: Array<Growing> = []
  for (const entry of entries) {
    const open = bars.at(-1)
    const isOpen = open !== undefined && open.to === null
    if (entry.mark === "taken" && isOpen) open.attempts += 1
    // who mends what it got stuck on lets the same step go on; where nothing may begin it stays stuck
    if (entry.mark === "resumed" && entry.phase !== "Stuck" && open !== undefined) {
      open.to = null
      open.status = "running"
      open.attempts += 1
    }
    if (entry.mark !== "move") continue
    const isBegin = opens.has(entry.phase)
    const isSame = isOpen && open.step === entry.step && open.way === entry.way
    // no journal of ours begins a step amid another one: then nobody can say how that one ended
    const end = isOpen ? (endOf(open, entry) ?? (isBegin && !isSame ? "failed" : undefined)) : undefined
    if (end !== undefined && open !== undefined) {
      open.to = entry.at
      open.status = end
    }
    if (isBegin && !(isSame && end === undefined)) {
      bars.push({ step: entry.step, way: entry.way, from: entry.at, to: null, status: "running", attempts: 1 })
    }
  }
  return bars
}

/** Looking comes before the journal: it ended when the plan was frozen, or refused. */
const looked = (label: StepLabel, first: Entry | undefined): Bar => {
  const isRefused = first?.phase === "Refused"
  const status = first === undefined ? "running" : isRefused ? "failed" : "done"
  const span = { from: first?.startedAt ?? null, to: first?.at ?? null }
  return { ...blank(label.step, label.label, "forward"), status, ...span, attempts: 1 }
}

const blank = (step: string, label: string, way: Entry["way"]): Bar => ({
  step,
  label,
  way,
  status: "waiting",
  pivot: false,
  from: null,
  to: null,
  attempts: 0,
  calls: []
})

/** Calls belong to the step that made them, and of its two ways to the one that was under way. */
const callsOf = (calls: ReadonlyArray<Call>, bar: Growing, back: Growing | undefined): ReadonlyArray<Call> =>
  calls.filter((call) => {
    if (call.step !== bar.step) return false
    const at = call.begunAt ?? call.endedAt ?? 0
    return bar.way === "back" ? at >= bar.from : back === undefined || at < back.from
  })

/**
 * Every step forward in its order, also those that are still to come; then what was taken back, in the order in which
 * it was. A step that was taken back says so on both of its bars.
 */
export const barsOf = (saga: string, entries: ReadonlyArray<Entry>, calls: ReadonlyArray<Call>): ReadonlyArray<Bar> => {
  const bars = walked(entries)
  const labels = stepsOf(saga)
  const pivots = new Set(labels.filter(({ kind }) => kind === "pivot").map(({ step }) => step))
  const backOf = (step: string) => bars.find((bar) => bar.step === step && bar.way === "back")
  const barOf = (bar: Growing): Bar => {
    const back = bar.way === "forward" ? backOf(bar.step) : undefined
    const { step, way, from, to, attempts } = bar
    const status = back?.status === "undone" && bar.status === "done" ? "undone" : bar.status
    const label = labelOf(saga, step)
    return { step, label, way, status, pivot: pivots.has(step), from, to, attempts, calls: callsOf(calls, bar, back) }
  }
  const forward = labels.map((label) => {
    if (label.kind === "look") return looked(label, entries[0])
    const bar = bars.find(({ step, way }) => step === label.step && way === "forward")
    return bar === undefined
      ? { ...blank(label.step, label.label, "forward"), pivot: label.kind === "pivot" }
      : barOf(bar)
  })
  const known = new Set(labels.map(({ step }) => step))
  const others = bars.filter(({ step, way }) => way === "forward" && !known.has(step)).map(barOf)
  return [...forward, ...others, ...bars.filter(({ way }) => way === "back").map(barOf)]
}
