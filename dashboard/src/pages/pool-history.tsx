/** How a pool went: its prices and its score over time, with what happened to its gate marked on both. */
import { createMemo, Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { type ChartEvent, TimeChart } from "../parts/time-chart.tsx"
import { Problem, Skeleton } from "../shell/page.tsx"
import { clock, counted, perHour, score, zoneName } from "../words.ts"
import { gateMin } from "./risk-layers.tsx"

type Point = Reply<"GET /api/v1/pools/{key}/history">["points"][number]

/** Changes of gate and herd, as marks. */
const marksOf = (points: ReadonlyArray<Point>): ReadonlyArray<ChartEvent> => {
  const marks: Array<ChartEvent> = []
  let gate: Point["gate"] = null
  let herd: Point["herd"] = null
  for (const point of points) {
    if (point.gate !== null && point.gate !== gate) {
      if (gate !== null || point.gate === "poisoned") {
        marks.push({
          at: point.at,
          label: point.gate === "poisoned" ? "poisoned" : "open again",
          tone: point.gate === "poisoned" ? "bad" : "info"
        })
      }
      gate = point.gate
    }
    if (point.herd !== null && point.herd !== herd) {
      if (herd !== null || point.herd !== "NORMAL") {
        marks.push({ at: point.at, label: point.herd.toLowerCase(), tone: point.herd === "NORMAL" ? "info" : "warn" })
      }
      herd = point.herd
    }
  }
  return marks
}

const sayPrices = (points: ReadonlyArray<Point>): string => {
  const spot = points.flatMap(({ spotPerHour }) => (spotPerHour === null ? [] : [spotPerHour]))
  const last = spot.at(-1)
  if (last === undefined) return "No price was recorded."
  const [least, most] = [perHour(Math.min(...spot)), perHour(Math.max(...spot))]
  return `Spot between ${least} and ${most}, last ${perHour(last)}, over ${counted(spot.length, "reading")}.`
}
const sayScores = (points: ReadonlyArray<Point>): string => {
  const known = points.flatMap(({ safetyScore, at }) => (safetyScore === null ? [] : [{ safetyScore, at }]))
  const last = known.at(-1)
  if (last === undefined) return "It was never scored."
  const lowest = known.reduce((low, point) => (point.safetyScore < low.safetyScore ? point : low))
  const under = known.filter(({ safetyScore }) => safetyScore < gateMin).length
  const when = `${clock(lowest.at)} ${zoneName(lowest.at)}`
  return `Last ${score(last.safetyScore)}, lowest ${score(lowest.safetyScore)} at ${when}; ${
    under === 0 ? "never under the gate of 0.75" : `${counted(under, "score")} under the gate of 0.75`
  }.`
}

/** A message tells of the price or of the score: where it tells nothing of one, that one has not changed. */
const known = (points: ReadonlyArray<Point>, valueOf: (point: Point) => number | null) =>
  points.flatMap((point) => {
    const value = valueOf(point)
    return value === null ? [] : [[point.at, value] as const]
  })

const Charts = (props: { readonly points: ReadonlyArray<Point> }) => {
  const marks = createMemo(() => marksOf(props.points))
  const first = () => props.points[0]?.at ?? 0
  const last = () => props.points.at(-1)?.at ?? 0
  return (
    <div class="grid gap-4">
      <TimeChart
        title="Safety score"
        unit="score"
        summary={sayScores(props.points)}
        events={marks()}
        height={150}
        series={[
          { label: "Safety score", points: known(props.points, (p) => p.safetyScore), kind: "actual" },
          {
            label: "Gate",
            points: [
              [first(), gateMin],
              [last(), gateMin]
            ],
            kind: "limit"
          }
        ]}
      />
      <TimeChart
        title="Price of an hour"
        unit="usd-per-hour"
        summary={sayPrices(props.points)}
        events={marks()}
        height={150}
        series={[
          { label: "Spot", points: known(props.points, (p) => p.spotPerHour), kind: "spot" },
          { label: "On-demand", points: known(props.points, (p) => p.onDemandPerHour), kind: "on-demand" }
        ]}
      />
    </div>
  )
}

export const PoolHistory = (props: { readonly pool: string }) => {
  const read = useRead(() => ["GET /api/v1/pools/{key}/history", { params: { key: props.pool } }], { key: "seq" })
  return (
    <Show when={!read.isPending} fallback={<Skeleton rows={4} label="Loading its history" />}>
      <Show
        when={read.data}
        fallback={<Show when={read.error}>{(error) => <Problem error={error()} again={read.again} />}</Show>}
      >
        {(data) => <Charts points={data().points} />}
      </Show>
    </Show>
  )
}
