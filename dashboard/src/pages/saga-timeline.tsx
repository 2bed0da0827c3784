/** The steps of a swap over time, with the capacity of its group under them, and one step's calls on asking. */
import { createMemo, createSignal, For, Show } from "solid-js"
import { CapacityLine } from "../parts/capacity-line.tsx"
import { Gantt } from "../parts/gantt.tsx"
import { axisOf } from "../parts/gantt-layout.ts"
import { Chip } from "../shell/chip.tsx"
import { useNow } from "../shell/moment.tsx"
import { Panel } from "../shell/panel.tsx"
import { lasting } from "../words.ts"
import type { SagaDetail } from "./saga.tsx"

type Call = SagaDetail["steps"][number]["calls"][number]

/** One call: what was asked of the cloud, and what it answered. */
export const CallLine = (props: { readonly call: Call }) => (
  <li class="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-[13px]">
    <code class="font-mono text-xs">{props.call.action}</code>
    <Chip
      icon={false}
      tone={
        props.call.outcome === "ok"
          ? "ok"
          : props.call.outcome === "refused"
            ? "bad"
            : props.call.outcome === null
              ? "info"
              : "warn"
      }
    >
      {props.call.outcome ?? "under way"}
    </Chip>
    <Show when={props.call.code}>{(code) => <code class="font-mono text-xs text-warn">{code()}</code>}</Show>
    <span class="ml-auto text-xs text-soft tabular-nums">
      {props.call.begunAt === null || props.call.endedAt === null
        ? ""
        : lasting(props.call.endedAt - props.call.begunAt)}
    </span>
    <p class="w-full truncate font-mono text-xs text-faint" title={props.call.request}>
      {props.call.request}
    </p>
  </li>
)

export const Timeline = (props: { readonly saga: SagaDetail }) => {
  const now = useNow()
  const [chosen, setChosen] = createSignal<{ readonly step: string; readonly way: string } | undefined>()
  const until = () => (props.saga.status === "running" ? now() : props.saga.at)
  const axis = createMemo(() => axisOf(props.saga.steps, until()))
  const step = () => props.saga.steps.find((one) => one.step === chosen()?.step && one.way === chosen()?.way)
  return (
    <Panel
      title="Steps over time"
      aside={`${lasting(until() - props.saga.startedAt)} ${props.saga.status === "running" ? "so far" : "in all"}`}
    >
      <div class="overflow-x-auto p-4" tabindex="0" role="group" aria-label="Steps over time">
        <div class="min-w-[560px]">
          <Gantt steps={props.saga.steps} now={until()} onStep={({ step, way }) => setChosen({ step, way })} />
          <CapacityLine points={props.saga.capacity} axis={axis()} />
        </div>
      </div>
      <Show when={step()}>
        {(one) => (
          <div class="border-t border-line">
            <p class="px-4 pt-3 text-sm font-medium">Calls of {one().label}</p>
            <ul class="divide-y divide-line/60">
              <For
                each={one().calls}
                fallback={<li class="px-4 py-3 text-soft">This step has called nothing that changes anything.</li>}
              >
                {(call) => <CallLine call={call} />}
              </For>
            </ul>
          </div>
        )}
      </Show>
    </Panel>
  )
}
