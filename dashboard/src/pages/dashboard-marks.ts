/** What happened meanwhile, as marks on a chart over time: policies that were set, the stop switch, poisoned pools. */
import { createMemo } from "solid-js"
import type { LiveEvent } from "../api/live.ts"
import { useRead } from "../api/read.ts"
import type { ChartEvent } from "../parts/time-series.ts"

/** So many stand under a chart; more of them tell less. */
const marksMax = 4
const tones = { info: "info", good: "info", warning: "warn", critical: "bad" } as const

/** Events of one name, the newest first. */
const useNamed = (name: string) => {
  const read = useRead(() => ["GET /api/v1/events", { query: { name, limit: String(marksMax) } }], {
    topics: [name],
    key: "seq"
  })
  return () => read.data?.items ?? []
}

type Said = Pick<LiveEvent, "at" | "says" | "severity">

/** The newest of what was said since then, at most so many, in rising order of time. */
export const marksOf = (events: ReadonlyArray<Said>, since: number): ReadonlyArray<ChartEvent> =>
  events
    .filter(({ at }) => at >= since)
    .sort((a, b) => b.at - a.at)
    .slice(0, marksMax)
    .map(({ at, says, severity }) => ({ at, label: says.replace(/\.$/, ""), tone: tones[severity] }))
    .reverse()

/** The marks of a chart whose first moment is `from`. */
export const useMarks = (from: () => number | undefined): (() => ReadonlyArray<ChartEvent>) => {
  const named = [useNamed("policy-set"), useNamed("stop-set"), useNamed("pool-poisoned")]
  return createMemo(() => {
    const first = from()
    return first === undefined
      ? []
      : marksOf(
          named.flatMap((events) => events()),
          first
        )
  })
}
