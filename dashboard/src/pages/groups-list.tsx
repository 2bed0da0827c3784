/** The list of groups, one row each, with the bar of its composition. */
import { Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { Awaited } from "../parts/awaited.tsx"
import { moneyColumn, timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { ModeChip } from "../parts/mode-chip.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { ButtonLink } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Empty } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { plainly, share } from "../words.ts"

export type Group = Reply<"GET /api/v1/groups">["items"][number]

const good = new Set(["inside-the-five-layers", "best-feasible"])
const waiting = new Set(["awaiting-approval", "planned", "unseen", "awaiting-sweep"])

/** Why a group is as it is, in a word: done, still to come, or held by something that somebody can mend. */
export const Because = (props: { readonly of: Pick<Group, "because" | "details"> }) => (
  <span title={props.of.details}>
    <Chip tone={good.has(props.of.because) ? "ok" : waiting.has(props.of.because) ? "info" : "none"}>
      {plainly(props.of.because)}
    </Chip>
  </span>
)

/** Spot of all members; null where there are none. */
const spotShare = (row: Pick<Group, "spot" | "onDemand">): number | null =>
  row.spot + row.onDemand === 0 ? null : row.spot / (row.spot + row.onDemand)

const Mix = (props: { readonly of: Group }) => (
  <span class="flex items-center gap-2">
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" class="h-2 w-16 rounded-sm bg-info" aria-hidden="true">
      <rect width={(spotShare(props.of) ?? 0) * 100} height="8" class="fill-ok" />
    </svg>
    <span class="tabular-nums">{share(spotShare(props.of))}</span>
  </span>
)

/** Nothing where there is nothing: a column of zeros would hide the few that count. */
const stillToGain = (row: Group) => (row.proposedMonthlySavings > 0 ? row.proposedMonthlySavings : null)

const columns: ReadonlyArray<Column<Group>> = [
  { id: "group", title: "Group", value: (row) => row.group, width: 190 },
  { id: "because", title: "State", value: (row) => row.because, cell: (row) => <Because of={row} />, width: 200 },
  { id: "mix", title: "Spot", value: spotShare, cell: (row) => <Mix of={row} />, width: 140 },
  {
    id: "inService",
    title: "In service",
    value: (row) => row.inService,
    cell: (row) => (
      <span classList={{ "text-bad": row.inService < row.desired }}>
        {row.inService} of {row.desired}
        <Show when={row.inService < row.desired}>
          <span class="sr-only">, below desired</span>
        </Show>
      </span>
    ),
    align: "end",
    width: 100
  },
  { id: "zones", title: "Zones", value: (row) => row.zones.length, align: "end", width: 80 },
  moneyColumn("proposedMonthlySavings", "Still to gain", "month", stillToGain, { width: 190 }),
  moneyColumn("hourlyCost", "Costs now", "hour", (row) => row.hourlyCost, { width: 170 }),
  { id: "inFlight", title: "Being swapped", value: (row) => row.inFlight, align: "end", width: 120 },
  { id: "mode", title: "Mode", value: (row) => row.mode, cell: (row) => <ModeChip mode={row.mode} />, width: 130 },
  { id: "owner", title: "Managed by", value: (row) => row.owner, width: 150 },
  { id: "account", title: "Account", value: (row) => row.account, width: 130 },
  { id: "region", title: "Region", value: (row) => row.region, width: 110 },
  timeColumn("readAt", "Read", (row) => row.readAt, { width: 110 }),
  { id: "details", title: "In words", value: (row) => row.details, width: 380, isExtra: true },
  moneyColumn("hourlyOnDemand", "All on-demand", "hour", (row) => row.hourlyOnDemand, { width: 190, isExtra: true })
]

export const GroupList = () => {
  const url = useUrlState()
  const list = useList("GET /api/v1/groups", {
    topics: ["group-seen", "group-gone", "spot-optimizer", "plan-closed", "swap-settled"]
  })
  return (
    <div class="grid min-w-0 gap-4">
      <Awaited of={list.page} label="Loading groups">
        <DataTable
          {...list.table}
          title="Auto Scaling groups"
          columns={columns}
          key={(row) => row.id}
          explains={(row) => row.id}
          href={(row) => url.link(`/clusters/${encodeURIComponent(row.id)}`)}
          empty={
            <Empty
              title="No group has been seen"
              action={<ButtonLink href={url.link("/accounts")}>To the accounts</ButtonLink>}
            >
              Groups appear with the first sweep of a connected account, within a minute. The accounts say when each
              region was last swept.
            </Empty>
          }
        />
      </Awaited>
    </div>
  )
}
