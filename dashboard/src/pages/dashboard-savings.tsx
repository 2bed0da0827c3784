/** What is saved over time against what was promised, and what it is made of. */
import TrendingUp from "lucide-solid/icons/trending-up"
import { createMemo, For, lazy, Show, Suspense } from "solid-js"
import { useRead } from "../api/read.ts"
import type { Reply } from "../api/client.ts"
import { Empty, Skeleton } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { capital, money, plainly } from "../words.ts"
import { useMarks } from "./dashboard-marks.ts"

type Savings = Reply<"GET /api/v1/savings">
// The chart's library is larger than the page: it comes after the figures.
const TimeChart = lazy(() => import("../parts/time-chart.tsx").then(({ TimeChart }) => ({ default: TimeChart })))

/** How long a bucket is for a window of time: some dozens of points. */
const stepFor = (from: string): "minute" | "hour" | "day" =>
  /\dh$|\dm$/.test(from) && from !== "now-24h" ? "minute" : from === "now-24h" || from === "now-7d" ? "hour" : "day"

const Causes = (props: { readonly split: Savings["split"] }) => (
  <dl class="flex flex-wrap gap-x-5 gap-y-1 border-t border-line px-4 py-2.5 text-[13px]">
    <For each={props.split}>
      {(part) => (
        <div class="flex items-baseline gap-1.5">
          <dt class="text-soft">{capital(plainly(part.cause))}</dt>
          <dd class={`font-medium tabular-nums ${part.saved < 0 ? "text-warn" : "text-ok"}`}>{money(part.saved)}</dd>
        </div>
      )}
    </For>
  </dl>
)

/** Nothing was saved before the first swap: the axis begins there. */
const sinceFirst = (points: Savings["points"]): Savings["points"] => {
  const first = points.findIndex(({ saved, predicted }) => saved !== 0 || predicted !== 0)
  return points.slice(Math.max(0, first - 1))
}
/** So few days tell nothing: a house that has only begun is shown by the minute. */
const daysMin = 3
const begun = { from: "now-6h", step: "minute" } as const

/** What was saved in the window of the URL; where none was chosen and the first swaps are of today, in its minutes. */
const useSavings = () => {
  const url = useUrlState()
  const from = () => url.from() ?? "now-30d"
  const options = { topics: ["swap-settled"], key: "at" }
  const asked = useRead(() => ["GET /api/v1/savings", { query: { from: from(), step: stepFor(from()) } }], options)
  const isYoung = createMemo(() => {
    const days = asked.data?.points.filter(({ saved }) => saved > 0).length ?? 0
    return url.from() === undefined && days > 0 && days < daysMin
  })
  const young = useRead(() => (isYoung() ? ["GET /api/v1/savings", { query: begun }] : undefined), options)
  const points = createMemo(() =>
    isYoung() && young.data !== undefined ? sinceFirst(young.data.points) : (asked.data?.points ?? [])
  )
  return { asked, points, isYoung }
}

const SavingsChart = (props: {
  readonly points: Savings["points"]
  readonly isYoung: boolean
  readonly summary: string
}) => {
  const series = createMemo(() => {
    // A minute that is not over yet would look like a fall.
    const whole = props.isYoung ? props.points.slice(0, -1) : props.points
    return [
      { label: "Saved", kind: "actual" as const, points: whole.map(({ at, saved }) => [at, saved] as const) },
      {
        label: "Predicted",
        kind: "predicted" as const,
        points: whole.map(({ at, predicted }) => [at, predicted] as const)
      }
    ]
  })
  // New marks are a new chart: what they depend on is the first moment alone.
  const from = createMemo(() => props.points[0]?.at)
  const marks = useMarks(from)
  return (
    <Suspense fallback={<Skeleton rows={5} label="Loading the chart" />}>
      <TimeChart
        title="Saved and predicted"
        series={series()}
        events={marks()}
        unit="usd"
        summary={props.summary}
        height={230}
      />
    </Suspense>
  )
}

export const SavingsPanel = (props: { readonly class?: string }) => {
  const { asked: read, points, isYoung } = useSavings()
  const sum = (of: "saved" | "predicted") => points().reduce((total, point) => total + point[of], 0)
  const summary = () =>
    `${money(sum("saved"))} saved of ${money(sum("predicted"))} predicted, ${read.data?.label ?? ""}.`
  return (
    <Panel
      title="Savings"
      class={props.class}
      read={read}
      rows={6}
      aside={
        <Show when={read.data}>
          <span class="tabular-nums">
            {money(sum("saved"))} {isYoung() ? "since the first swap" : "in this window"}
          </span>
        </Show>
      }
      empty={
        points().length === 0 && (
          <Empty title="Nothing saved in this window yet" icon={TrendingUp}>
            A swap saves from the moment it is done, hour by hour. The first one makes this chart begin.
          </Empty>
        )
      }
    >
      <div class="min-h-[346px] min-w-0 grow p-4">
        <SavingsChart points={points()} isYoung={isYoung()} summary={summary()} />
      </div>
      <Show when={(read.data?.split.length ?? 0) > 0}>
        <Causes split={read.data?.split ?? []} />
      </Show>
    </Panel>
  )
}
