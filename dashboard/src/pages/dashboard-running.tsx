/** Swaps under way, each with the step it is at. */
import ArrowLeftRight from "lucide-solid/icons/arrow-left-right"
import { For } from "solid-js"
import { A } from "@solidjs/router"
import { useRead } from "../api/read.ts"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { SagaLine } from "./saga-bar.tsx"

export const RunningPanel = (props: { readonly class?: string }) => {
  const url = useUrlState()
  const read = useRead(() => ["GET /api/v1/sagas", { query: { status: "running", limit: "20" } }], {
    topics: ["executor", "swap-ordered"]
  })
  return (
    <Panel
      title="Running swaps"
      class={props.class}
      read={read}
      rows={4}
      aside={
        <A href={url.link("/ops?tab=sagas")} class="text-info hover:underline">
          All swaps
        </A>
      }
      empty={
        read.data?.items.length === 0 && (
          <Empty title="No swap is under way" icon={ArrowLeftRight}>
            The next one starts when a plan is approved, or when AWS warns of an interruption.
          </Empty>
        )
      }
    >
      <ul class="max-h-[420px] divide-y divide-line/60 overflow-y-auto">
        <For each={read.data?.items}>
          {(saga) => (
            <li>
              <SagaLine saga={saga} />
            </li>
          )}
        </For>
      </ul>
    </Panel>
  )
}
