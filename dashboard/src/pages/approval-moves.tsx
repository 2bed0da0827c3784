/** Every swap of a plan: which machine goes, which comes, in which pool, and what it saves. */
import { A } from "@solidjs/router"
import ArrowRight from "lucide-solid/icons/arrow-right"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, perHour, perMonth, score } from "../words.ts"
import type { ApprovalDetail } from "./approval.tsx"

/** Hours of a month, as the ledger counts them. */
const hoursOfMonth = 730
type Move = ApprovalDetail["swaps"][number]

/** It leads to what was said of the instance. */
const Old = (props: { readonly move: Move }) => {
  const url = useUrlState()
  return (
    <A class="hover:text-info" href={url.link(`/trace/${props.move.old}`)}>
      {props.move.old}
    </A>
  )
}

const Becomes = (props: { readonly move: Move }) => (
  <span class="inline-flex items-center gap-1.5 whitespace-nowrap">
    {props.move.oldType}
    <ArrowRight class="size-3.5 text-faint" aria-label="becomes" />
    <span class="font-medium">{props.move.pool.instanceType}</span>
  </span>
)

const saves = (move: Move) => (move.onDemandPerHour - move.spotPerHour) * hoursOfMonth

const columns: ReadonlyArray<PlainColumn<Move>> = [
  { title: "Instance that goes", cell: (move) => <Old move={move} />, class: "font-mono text-xs" },
  { title: "Becomes", cell: (move) => <Becomes move={move} /> },
  { title: "Zone", cell: (move) => move.pool.zone },
  { title: "Safety", cell: (move) => score(move.score), align: "end" },
  { title: "On demand", cell: (move) => perHour(move.onDemandPerHour), align: "end", class: "text-info" },
  { title: "Spot", cell: (move) => perHour(move.spotPerHour), align: "end", class: "text-ok" },
  { title: "Saves", cell: (move) => perMonth(saves(move)), align: "end", class: "font-medium" }
]

export const Moves = (props: { readonly moves: ReadonlyArray<Move> }) => (
  <Panel title="Swaps of this plan" aside={counted(props.moves.length, "swap")}>
    <PlainTable label="Swaps of this plan" columns={columns} rows={props.moves} explains={(move) => move.swap} />
  </Panel>
)
