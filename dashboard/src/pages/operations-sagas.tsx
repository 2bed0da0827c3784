/** All swaps, under way and ended, in a table. */
import { For, Show } from "solid-js"
import { Awaited } from "../parts/awaited.tsx"
import { moneyColumn, timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { saysOf, type Swap, SwapStatus } from "../parts/swap-status.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button } from "../shell/button.tsx"
import { Empty } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { StepBar } from "./saga-bar.tsx"

const statuses = ["running", "stuck", "undone", "refused", "done"] as const
type Status = (typeof statuses)[number]

const columns: ReadonlyArray<Column<Swap>> = [
  { id: "group", title: "Group", value: (s) => s.group, width: 150 },
  { id: "status", title: "Status", value: (s) => s.status, cell: (s) => <SwapStatus swap={s} />, width: 130 },
  { id: "move", title: "Move", value: (s) => `${s.oldType} → ${s.newType}`, width: 190 },
  { id: "zone", title: "Zone", value: (s) => s.zone, width: 90 },
  {
    id: "step",
    title: "Step",
    value: (s) => s.stepIndex / Math.max(1, s.stepCount),
    cell: (s) => (
      <span class="grid gap-1">
        <StepBar saga={s} />
        <span class="truncate text-xs text-soft">{s.reason ?? s.stepLabel}</span>
      </span>
    ),
    width: 170
  },
  moneyColumn("saves", "Saves", "hour", (s) => s.hourlySavings, { width: 110 }),
  timeColumn("startedAt", "Started", (s) => s.startedAt, { width: 110 }),
  { id: "id", title: "Swap", value: (s) => s.id, width: 200, isExtra: true },
  { id: "old", title: "Old instance", value: (s) => s.old, width: 180, isExtra: true },
  { id: "replacement", title: "Replacement", value: (s) => s.replacement, width: 180, isExtra: true },
  { id: "account", title: "Account", value: (s) => s.account, width: 130, isExtra: true }
]

/** Why the table is empty: because of the facet, which can be taken back here, or because no swap has begun. */
const NoSwap = (props: { readonly status: Status | undefined; readonly onAll: () => void }) => (
  <Show
    when={props.status}
    fallback={
      <Empty title="No swap has begun">
        Swaps begin when a plan is approved, or when the policy of an account asks nobody.
      </Empty>
    }
  >
    {(status) => (
      <Empty
        title={`No swap is ${saysOf(status())}`}
        action={<Button onClick={() => props.onAll()}>Show all swaps</Button>}
      >
        Those that are in another state are not shown.
      </Empty>
    )}
  </Show>
)

export const SagasTab = () => {
  const url = useUrlState()
  const status = (): Status | undefined => statuses.find((one) => one === url.get("status"))
  const list = useList("GET /api/v1/sagas", { topics: ["executor", "swap-ordered"] }, () => ({ status: status() }))
  return (
    <div class="grid gap-3">
      <div class="flex flex-wrap gap-1.5" role="group" aria-label="Status">
        <Facet name="all" isOn={status() === undefined} onPick={() => url.set({ status: null })} />
        <For each={statuses}>
          {(one) => <Facet name={saysOf(one)} isOn={status() === one} onPick={() => url.set({ status: one })} />}
        </For>
      </div>
      <Awaited of={list.page} label="Loading swaps">
        <DataTable
          {...list.table}
          title="Swaps"
          columns={columns}
          key={(saga) => saga.id}
          explains={(saga) => saga.id}
          href={(saga) => url.link(`/sagas/${encodeURIComponent(saga.id)}`)}
          empty={<NoSwap status={status()} onAll={() => url.set({ status: null })} />}
        />
      </Awaited>
    </div>
  )
}
