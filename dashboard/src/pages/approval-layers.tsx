/** The five safety layers: the rule, where the line is, what the plan has, and whether it passes. */
import ShieldQuestion from "lucide-solid/icons/shield-question-mark"
import { For, Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { Chip } from "../shell/chip.tsx"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { capital } from "../words.ts"

export const Layers = (props: { readonly id: string; readonly class?: string }) => {
  const read = useRead(() => ["GET /api/v1/explain/{id}", { params: { id: props.id } }], { key: "layer" })
  return (
    <Panel
      title="Safety layers"
      class={props.class}
      read={read}
      rows={5}
      empty={
        read.data?.layers.length === 0 && (
          <Empty title="No verdict is kept of this plan" icon={ShieldQuestion}>
            {read.data.outcome}
          </Empty>
        )
      }
    >
      <p class="border-b border-line/60 px-4 py-3 text-soft">{read.data?.outcome}</p>
      <ol class="grid divide-y divide-line/60">
        <For each={read.data?.layers}>
          {(layer) => (
            <li class="grid grid-cols-[1.5rem_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-3">
              <span class="grid size-6 place-items-center rounded-full bg-raised text-xs font-semibold tabular-nums">
                {layer.layer}
              </span>
              <span class="min-w-0">
                <span class="block font-medium">{capital(layer.rule)}</span>
                <span class="block text-[13px] text-soft">Limit: {layer.threshold}</span>
                <span class="block text-[13px]">
                  <span class="text-soft">Is:</span> {layer.actual}
                </span>
              </span>
              <Chip tone={layer.passed ? "ok" : "bad"}>{layer.passed ? "holds" : "fails"}</Chip>
            </li>
          )}
        </For>
      </ol>
      <Show when={read.data?.counterfactual}>
        <p class="border-t border-line px-4 py-3 text-[13px] text-soft">{read.data?.counterfactual}</p>
      </Show>
    </Panel>
  )
}
