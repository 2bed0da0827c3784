/** A swap in one line: what becomes what, at which step it is, and how it stands. */
import { A } from "@solidjs/router"
import ArrowRight from "lucide-solid/icons/arrow-right"
import { type Swap, SwapStatus } from "../parts/swap-status.tsx"
import { Ago } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { perHour } from "../words.ts"

const fills = { info: "fill-info", warn: "fill-warn", ok: "fill-ok", bad: "fill-bad" }

/** Steps as cells: those that are done are filled, the one under way half. */
export const StepBar = (props: { readonly saga: Swap }) => {
  const fill = () => {
    const { status, way } = props.saga
    if (status === "done") return fills.ok
    if (status === "stuck") return fills.bad
    return way === "back" || status === "undone" ? fills.warn : fills.info
  }
  const cells = () => Array.from({ length: Math.max(1, props.saga.stepCount) }, (_, i) => i)
  const gap = 1
  const width = () => (100 - gap * (cells().length - 1)) / cells().length
  return (
    <svg
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      class="h-1.5 w-full"
      role="img"
      aria-label={`Step ${Math.min(props.saga.stepIndex + 1, props.saga.stepCount)} of ${props.saga.stepCount}`}
    >
      {cells().map((i) => (
        <rect
          x={i * (width() + gap)}
          width={width()}
          height="6"
          rx="1"
          class={
            i < props.saga.stepIndex || props.saga.status === "done"
              ? fill()
              : i === props.saga.stepIndex && props.saga.status === "running"
                ? `${fill()} opacity-50`
                : "fill-raised"
          }
        />
      ))}
    </svg>
  )
}

/** The line, a link to the swap. */
export const SagaLine = (props: { readonly saga: Swap }) => {
  const url = useUrlState()
  return (
    <A href={url.link(`/sagas/${encodeURIComponent(props.saga.id)}`)} class="grid gap-2 px-4 py-3 hover:bg-raised/60">
      <span class="flex min-w-0 items-center gap-2">
        <span class="min-w-0 truncate font-medium">{props.saga.group}</span>
        <span class="hidden items-center gap-1 text-[13px] text-soft sm:flex">
          {props.saga.oldType}
          <ArrowRight class="size-3" aria-label="becomes" />
          {props.saga.newType} <span class="text-faint">{props.saga.zone}</span>
        </span>
        <span class="ml-auto flex shrink-0 items-center gap-2">
          <span class="text-[13px] text-ok tabular-nums">{perHour(props.saga.hourlySavings)}</span>
          <SwapStatus swap={props.saga} />
        </span>
      </span>
      <StepBar saga={props.saga} />
      <span class="flex justify-between gap-2 text-xs text-soft">
        <span class="truncate">
          {props.saga.stepLabel === "" ? "begins" : props.saga.stepLabel} · step{" "}
          {Math.min(props.saga.stepIndex + 1, props.saga.stepCount)} of {props.saga.stepCount}
        </span>
        <Ago at={props.saga.startedAt} />
      </span>
    </A>
  )
}
