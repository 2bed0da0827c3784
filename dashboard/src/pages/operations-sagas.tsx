/** All swaps, under way and ended, in a table. */
import { useRead } from "../api/read.ts"
import { urlOf } from "../api/client.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { Ago } from "../shell/moment.tsx"
import { Empty, Problem, Skeleton } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { perHour } from "../words.ts"
import { type Saga, SagaStatus, StepBar } from "./saga-bar.tsx"
import { For, Match, Switch } from "solid-js"

const statuses = ["running", "stuck", "undone", "refused", "done"] as const
type Status = (typeof statuses)[number]

const columns: ReadonlyArray<Column<Saga>> = [
  { id: "group", title: "Group", value: (s) => s.group, width: 150 },
  { id: "status", title: "Status", value: (s) => s.status, cell: (s) => <SagaStatus saga={s} />, width: 130 },
  { id: "move", title: "Move", value: (s) => `${s.oldType} → ${s.newType}`, width: 190 },
  { id: "zone", title: "Zone", value: (s) => s.zone, width: 90 },
  {
    id: "step",
    title: "Step",
    value: (s) => s.stepIndex / Math.max(1, s.stepCount),
    cell: (s) => (
      <span class="grid gap-1">
        <StepBar saga={s} />
        <span class="truncate text-xs text-soft">{s.reason ?? s.step}</span>
      </span>
    ),
    width: 170
  },
  {
    id: "saves",
    title: "Saves",
    unit: "$/h",
    value: (s) => s.hourlySavings,
    cell: (s) => perHour(s.hourlySavings),
    align: "end",
    width: 110
  },
  { id: "startedAt", title: "Started", value: (s) => s.startedAt, cell: (s) => <Ago at={s.startedAt} />, width: 110 },
  { id: "id", title: "Swap", value: (s) => s.id, width: 200, isExtra: true },
  { id: "old", title: "Old instance", value: (s) => s.old, width: 180, isExtra: true },
  { id: "replacement", title: "Replacement", value: (s) => s.replacement, width: 180, isExtra: true },
  { id: "account", title: "Account", value: (s) => s.account, width: 130, isExtra: true }
]

export const SagasTab = () => {
  const url = useUrlState()
  const status = (): Status | undefined => statuses.find((one) => one === url.get("status"))
  const query = () =>
    ({ limit: "500", ...(status() === undefined ? {} : { status: status() }) }) as { limit: string; status?: Status }
  const read = useRead(() => ["GET /api/v1/sagas", { query: query() }], { topics: ["executor", "swap-ordered"] })
  return (
    <div class="grid gap-3">
      <div class="flex flex-wrap gap-1.5" role="group" aria-label="Status">
        <Facet name="all" isOn={status() === undefined} onPick={() => url.set({ status: null })} />
        <For each={statuses}>
          {(one) => <Facet name={one} isOn={status() === one} onPick={() => url.set({ status: one })} />}
        </For>
      </div>
      <Switch
        fallback={
          <div class="panel">
            <Skeleton rows={8} />
          </div>
        }
      >
        <Match when={read.data === undefined && read.error}>
          {(error) => <Problem error={error()} again={read.again} />}
        </Match>
        <Match when={read.data}>
          {(data) => (
            <DataTable
              title="Swaps"
              columns={columns}
              rows={data().items}
              key={(saga) => saga.id}
              of={`${status() ?? ""} ${JSON.stringify(url.scope())}`}
              asOf={data().asOf}
              isCut={data().nextCursor !== null}
              source={urlOf("GET /api/v1/sagas", { query: { ...url.scope(), ...query() } })}
              href={(saga) => url.link(`/sagas/${encodeURIComponent(saga.id)}`)}
              empty={
                <Empty title="No swap matches">
                  Swaps begin when a plan is approved. The status above may hide those that are there.
                </Empty>
              }
            />
          )}
        </Match>
      </Switch>
    </div>
  )
}
