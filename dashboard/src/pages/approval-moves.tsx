/** Every swap of a plan: which machine goes, which comes, in which pool, and what it saves. */
import { A } from "@solidjs/router"
import ArrowRight from "lucide-solid/icons/arrow-right"
import { For } from "solid-js"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, perHour, perMonth, score } from "../words.ts"
import type { ApprovalDetail } from "./approval.tsx"

/** Hours of a month, as the ledger counts them. */
const hoursOfMonth = 730
type Move = ApprovalDetail["swaps"][number]

const Row = (props: { readonly move: Move }) => {
  const url = useUrlState()
  return (
    <tr data-explain={props.move.swap}>
      <td class="font-mono text-xs">
        <A class="hover:text-info" href={url.link(`/trace/${props.move.old}`)}>
          {props.move.old}
        </A>
      </td>
      <td>
        <span class="inline-flex items-center gap-1.5 whitespace-nowrap">
          {props.move.oldType}
          <ArrowRight class="size-3.5 text-faint" aria-label="becomes" />
          <span class="font-medium">{props.move.pool.instanceType}</span>
        </span>
      </td>
      <td>{props.move.pool.zone}</td>
      <td class="text-right tabular-nums">{score(props.move.score)}</td>
      <td class="text-right text-info tabular-nums">{perHour(props.move.onDemandPerHour)}</td>
      <td class="text-right text-ok tabular-nums">{perHour(props.move.spotPerHour)}</td>
      <td class="text-right font-medium tabular-nums">
        {perMonth((props.move.onDemandPerHour - props.move.spotPerHour) * hoursOfMonth)}
      </td>
    </tr>
  )
}

export const Moves = (props: { readonly moves: ReadonlyArray<Move> }) => (
  <Panel title="Swaps of this plan" aside={counted(props.moves.length, "swap")}>
    <div class="overflow-x-auto" tabindex="0" role="group" aria-label="Swaps of this plan">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Instance that goes</th>
            <th scope="col">Becomes</th>
            <th scope="col">Zone</th>
            <th scope="col" class="text-right!">
              Safety
            </th>
            <th scope="col" class="text-right!">
              On demand
            </th>
            <th scope="col" class="text-right!">
              Spot
            </th>
            <th scope="col" class="text-right!">
              Saves
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.moves}>{(move) => <Row move={move} />}</For>
        </tbody>
      </table>
    </div>
  </Panel>
)
