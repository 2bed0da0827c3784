/** What a run found: each figure beside its goal and its control, whether it is met, and on which machine. */
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os"
import type { Measured } from "./measure.ts"

export interface Goal {
  readonly bound: "at least" | "at most"
  readonly value: number
}

/** Counts are the same in every run: a goal missed is a failure. A clock is this machine's: it is reported. */
export type Kind = "count" | "clock"

export interface Row {
  readonly bench: string
  readonly name: string
  readonly kind: Kind
  /** None where a figure is only told. */
  readonly goal: Goal | null
  readonly unit: string
  readonly measured: Measured
  /** The same against itself, in the same run; none where a figure is no ratio. */
  readonly control: Measured | null
  readonly note: string
}

export type Verdict = "met" | "missed" | "unclear" | "told"

/** Further than this from 1, and the control says that the machine was too restless to tell. */
export const noiseMax = 0.15

export const isNoisy = ({ kind, control }: Row): boolean =>
  kind === "clock" && control !== null && (control.low < 1 - noiseMax || control.high > 1 + noiseMax)

/** A clock's goal is met or missed only where the whole interval is on one side of it. */
export const verdictOn = ({ kind, goal, measured }: Row): Verdict => {
  if (goal === null) return "told"
  const isGood = (value: number) => (goal.bound === "at least" ? value >= goal.value : value <= goal.value)
  if (kind === "count") return isGood(measured.median) ? "met" : "missed"
  const [low, high] = [isGood(measured.low), isGood(measured.high)]
  return low === high ? (low ? "met" : "missed") : "unclear"
}

/** Something that must be so on every machine is not. */
export const isFailed = (row: Row): boolean => row.kind === "count" && verdictOn(row) === "missed"

/** One value and no interval. */
export const exactly = (value: number): Measured => ({ median: value, low: value, high: value, count: 1 })

const figure = (value: number) =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 3)

const interval = ({ median, low, high, count }: Measured, unit: string) =>
  `${figure(median)}${unit === "" ? "" : ` ${unit}`}${count > 1 ? ` [${figure(low)} to ${figure(high)}]` : ""}`

const goalOf = ({ goal }: Row) => (goal === null ? "" : `${goal.bound === "at least" ? ">=" : "<="} ${goal.value}`)

const cellsOf = (row: Row): ReadonlyArray<string> => [
  `${row.bench}: ${row.name}`,
  goalOf(row),
  interval(row.measured, row.unit),
  row.control === null ? "" : interval(row.control, ""),
  verdictOn(row) === "told" ? "" : `${verdictOn(row)}${isNoisy(row) ? ", noisy" : ""}`,
  row.note
]

const heads = ["what", "goal", "measured [95 %]", "A/A [95 %]", "verdict", "note"]

/** As wide as its widest cell. */
export const tableOf = (rows: ReadonlyArray<Row>): string => {
  const lines = [heads, ...rows.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Programs that want a core, over the last minute: above `cores`, clocks tell about the neighbours too. */
  readonly load: number
  readonly natsServer: string
}

export const machineOf = (natsServer: string): Machine => ({
  cores: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.version,
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
  natsServer
})

export const machineLine = (machine: Machine): string =>
  [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, ${machine.system}, load ${machine.load}`,
    `node ${machine.node}, nats-server ${machine.natsServer}`
  ].join("; ")

/** One line for programs. */
export const jsonOf = (rows: ReadonlyArray<Row>, machine: Machine, seconds: number): string =>
  JSON.stringify({
    ok: !rows.some(isFailed),
    seconds: Math.round(seconds),
    machine,
    rows: rows.map((row) => ({ ...row, verdict: verdictOn(row), noisy: isNoisy(row) }))
  })
