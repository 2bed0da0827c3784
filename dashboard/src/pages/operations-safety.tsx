/** What the safety enforcer said of every proposal: passed, replaced by a safer one, or refused, and by which layer. */
import { For, Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { Awaited } from "../parts/awaited.tsx"
import { timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { explain } from "../shell/explain.ts"
import { Empty } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, plainly } from "../words.ts"

type Validation = Reply<"GET /api/v1/safety/violations">["items"][number]
const actions = ["approved", "safe-alternative", "rejected"] as const
type Action = (typeof actions)[number]
const tones = { approved: "ok", "safe-alternative": "warn", rejected: "bad" } as const
const words = { approved: "passed", "safe-alternative": "safer one made", rejected: "refused" } as const

/** Layers that were not held, each once. */
const layersOf = (row: Validation) => [...new Set(row.violations.map(({ type }) => plainly(type)))].join(", ")

const columns: ReadonlyArray<Column<Validation>> = [
  { id: "group", title: "Group", value: (row) => row.group, width: 160 },
  {
    id: "action",
    title: "Verdict",
    value: (row) => row.action,
    cell: (row) => <Chip tone={tones[row.action]}>{words[row.action]}</Chip>,
    width: 150
  },
  { id: "violations", title: "Not held", value: (row) => layersOf(row) || null, width: 220 },
  { id: "details", title: "In words", value: (row) => row.details || row.because, width: 420 },
  timeColumn("at", "When", (row) => row.at, { width: 110 }),
  { id: "account", title: "Account", value: (row) => row.account, width: 130 },
  { id: "region", title: "Region", value: (row) => row.region, width: 110 },
  { id: "proposal", title: "Proposal", value: (row) => row.proposal, width: 220, isExtra: true },
  { id: "seq", title: "Sequence", value: (row) => row.seq, align: "end", width: 100, isExtra: true }
]

/** The day in a line: how many were judged and how, and how many pools are shut meanwhile. */
const Day = () => {
  const read = useRead(() => ["GET /api/v1/safety/status"], { topics: ["safety-enforcer"] })
  return (
    <Show when={read.data}>
      {(is) => (
        <p class="flex flex-wrap items-center gap-2 text-[13px] text-soft" role="status">
          In 24 hours {counted(is().validations, "proposal")}:<Chip tone="ok">{count(is().approved)} passed</Chip>
          <Chip tone={is().safeAlternatives > 0 ? "warn" : "none"}>{count(is().safeAlternatives)} made safer</Chip>
          <Chip tone={is().rejected > 0 ? "bad" : "none"}>{count(is().rejected)} refused</Chip>
          <Chip tone={is().poisonedPools > 0 ? "bad" : "none"}>{counted(is().poisonedPools, "poisoned pool")}</Chip>
        </p>
      )}
    </Show>
  )
}

const NoVerdict = (props: { readonly isNarrowed: boolean; readonly onAll: () => void }) => (
  <Show
    when={props.isNarrowed}
    fallback={
      <Empty title="Nothing was judged yet">
        Every proposal is checked against five layers before anybody is asked: the first one comes with the first group
        that could be cheaper.
      </Empty>
    }
  >
    <Empty title="No verdict like that" action={<Button onClick={() => props.onAll()}>Show all verdicts</Button>}>
      Others are not shown.
    </Empty>
  </Show>
)

export const SafetyTab = () => {
  const url = useUrlState()
  const action = (): Action | undefined => actions.find((one) => one === url.get("verdict"))
  const list = useList("GET /api/v1/safety/violations", { topics: ["safety-enforcer"], key: "seq" }, () => ({
    action: action()
  }))
  return (
    <div class="grid min-w-0 gap-3">
      <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div class="flex flex-wrap gap-1.5" role="group" aria-label="Verdict">
          <Facet name="all" isOn={action() === undefined} onPick={() => url.set({ verdict: null })} />
          <For each={actions}>
            {(one) => <Facet name={words[one]} isOn={action() === one} onPick={() => url.set({ verdict: one })} />}
          </For>
        </div>
        <Day />
      </div>
      <Awaited of={list.page} label="Loading verdicts">
        <DataTable
          {...list.table}
          title="Verdicts"
          columns={columns}
          key={(row) => String(row.seq)}
          onOpen={(row) => explain(String(row.seq))}
          explains={(row) => String(row.seq)}
          empty={<NoVerdict isNarrowed={action() !== undefined} onAll={() => url.set({ verdict: null })} />}
        />
      </Awaited>
    </div>
  )
}
