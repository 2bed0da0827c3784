/** The journal of a swap, entry by entry, and every call that it made. */
import { For } from "solid-js"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { Clock } from "../shell/moment.tsx"
import { counted } from "../words.ts"
import type { SagaDetail } from "./saga.tsx"
import { CallLine } from "./saga-timeline.tsx"

export const Journal = (props: { readonly saga: SagaDetail }) => (
  <Panel title="Journal" aside={counted(props.saga.entries.length, "entry", "entries")}>
    <div class="overflow-x-auto" tabindex="0" role="group" aria-label="Journal">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Time</th>
            <th scope="col">Phase</th>
            <th scope="col">Step</th>
            <th scope="col">Attempt</th>
            <th scope="col">Why it was written</th>
            <th scope="col">Held by</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.saga.entries}>
            {(entry) => (
              <tr>
                <td class="text-soft tabular-nums">{entry.n}</td>
                <td>
                  <Clock at={entry.at} />
                </td>
                <td class="font-medium">{entry.phase}</td>
                <td>{entry.step}</td>
                <td class="tabular-nums">{entry.attempt}</td>
                <td class="text-soft">
                  {entry.reason ?? entry.mark} {entry.code}
                </td>
                <td class="font-mono text-xs text-soft">
                  {entry.by} #{entry.epoch}
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
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
