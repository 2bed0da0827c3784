/** The journal of a swap, entry by entry, and every call that it made. */
import { For } from "solid-js"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { Clock } from "../shell/moment.tsx"
import { counted } from "../words.ts"
import type { SagaDetail } from "./saga.tsx"
import { CallLine } from "./saga-timeline.tsx"

const columns: ReadonlyArray<PlainColumn<SagaDetail["entries"][number]>> = [
  { title: "No.", cell: (entry) => entry.n, class: "text-soft tabular-nums" },
  { title: "Time", cell: (entry) => <Clock at={entry.at} /> },
  { title: "Phase", cell: (entry) => entry.phase, class: "font-medium" },
  { title: "Step", cell: (entry) => entry.step },
  { title: "Attempt", cell: (entry) => entry.attempt, class: "tabular-nums" },
  {
    title: "Why it was written",
    cell: (entry) => (
      <>
        {entry.reason ?? entry.mark} {entry.code}
      </>
    ),
    class: "text-soft"
  },
  {
    title: "Held by",
    cell: (entry) => (
      <>
        {entry.by} #{entry.epoch}
      </>
    ),
    class: "font-mono text-xs text-soft"
  }
]

export const Journal = (props: { readonly saga: SagaDetail }) => (
  <Panel title="Journal" aside={counted(props.saga.entries.length, "entry", "entries")}>
    <PlainTable label="Journal" columns={columns} rows={props.saga.entries} />
  </Panel>
)

export const Calls = (props: { readonly saga: SagaDetail }) => {
  const calls = () => props.saga.steps.flatMap((step) => step.calls)
  return (
    <Panel
      title="Calls"
      aside={counted(calls().length, "call")}
      empty={
        calls().length === 0 && (
          <Empty title="Nothing has been called">
            Every call that changes something stands here, recorded before it is made.
          </Empty>
        )
      }
    >
      <ul class="divide-y divide-line/60">
        <For each={calls()}>{(call) => <CallLine call={call} />}</For>
      </ul>
    </Panel>
  )
}
