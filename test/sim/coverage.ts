/** Where a saga can be hurt, and how: the table of which every cell has to be met, and the few that cannot be. */
import { groupSwap } from "../../actors/executor/group-swap.saga.ts"

export const harms = ["kill", "pause", "lost-reply", "failure", "timeout"] as const
export type Harm = (typeof harms)[number]
export type Way = "forward" | "back"

export interface Cell {
  readonly step: string
  readonly way: Way
  readonly harm: Harm
}
export const nameOf = ({ step, way, harm }: Cell): string => `${way === "back" ? "undo " : ""}${step} / ${harm}`

export const lookStep = "look"
/** Steps in their order, with the look before them. */
export const steps: ReadonlyArray<string> = [lookStep, ...groupSwap.steps.map(({ name }) => name)]
const undone = groupSwap.steps.filter(({ undo }) => undo !== undefined).map(({ name }) => name)

/** What the way of a step asks of the cloud: where it changes something, only a change counts as hurt. */
const writers: ReadonlySet<string> = new Set([
  ...["max", "hold", "launch", "attach", "retire", "restore"].map((step) => `forward ${step}`),
  ...["max", "hold", "launch", "attach"].map((step) => `back ${step}`)
])
export const writes = (way: Way, step: string): boolean => writers.has(`${way} ${step}`)

/** Cells that nothing can meet, with the reason. */
export const impossible: ReadonlyMap<string, string> = new Map(
  (["lost-reply", "failure", "timeout"] as const).map((harm) => [
    nameOf({ step: "bake", way: "back", harm }),
    "waiting leaves nothing behind: the undo of bake asks the cloud nothing"
  ])
)

const rows: ReadonlyArray<Pick<Cell, "step" | "way">> = [
  ...steps.map((step) => ({ step, way: "forward" as const })),
  ...undone.map((step) => ({ step, way: "back" as const }))
]
const all: ReadonlyArray<Cell> = rows.flatMap((row) => harms.map((harm) => ({ ...row, harm })))
/** Every cell that can be met, in a fixed order. */
export const cells: ReadonlyArray<Cell> = all.filter((cell) => !impossible.has(nameOf(cell)))

/** How many cells a seed aims at: seven rounds over the table in two hundred seeds. */
const aimsPerSeed = 3
export const aimsOf = (seed: number): ReadonlyArray<Cell> =>
  Array.from({ length: aimsPerSeed }, (_, i) => cells[(Math.abs(seed) * aimsPerSeed + i) % cells.length]!)

/** The table as text: how often each cell was met. */
export const tableOf = (hits: ReadonlyMap<string, number>): string => {
  const head = `${"".padEnd(14)}${harms.map((harm) => harm.padStart(12)).join("")}`
  const lines = rows.map((row) => {
    const counts = harms.map((harm) => {
      const name = nameOf({ ...row, harm })
      return (impossible.has(name) ? "-" : String(hits.get(name) ?? 0)).padStart(12)
    })
    return `${`${row.way === "back" ? "undo " : ""}${row.step}`.padEnd(14)}${counts.join("")}`
  })
  const met = cells.filter((cell) => (hits.get(nameOf(cell)) ?? 0) > 0).length
  const notes = [...impossible].map(([name, why]) => `- ${name}: ${why}`)
  const share = ((100 * met) / cells.length).toFixed(1)
  return [head, ...lines, ...notes, `${met} of ${cells.length} cells met (${share} %)`].join("\n")
}
