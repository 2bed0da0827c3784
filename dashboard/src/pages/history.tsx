/** Swaps that ended, newest first: what was replaced by what, how it ended and why, and what it saves. */
import { moneyColumn, timeColumn } from "../parts/columns.tsx"
import { Id } from "../parts/id.tsx"
import { useList } from "../parts/list.ts"
import { type Swap, SwapStatus } from "../parts/swap-status.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { ButtonLink } from "../shell/button.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, lasting, perHour, savingsLabel, share } from "../words.ts"

const columns: ReadonlyArray<Column<Swap>> = [
  { id: "id", title: "Swap", value: (row) => row.id, cell: (row) => <Id of={row.id} />, width: 130 },
  {
    id: "status",
    title: "Ended",
    value: (row) => row.status,
    cell: (row) => <SwapStatus swap={row} />,
    width: 135
  },
  { id: "group", title: "Group", value: (row) => row.group, width: 150 },
  { id: "oldType", title: "Was", value: (row) => row.oldType, width: 110 },
  { id: "newType", title: "Became", value: (row) => row.newType, width: 110 },
  { id: "zone", title: "Zone", value: (row) => row.zone, width: 100 },
  moneyColumn("hourlySavings", "Saves", "hour", (row) => (row.status === "done" ? row.hourlySavings : null), {
    width: 130
  }),
  {
    id: "took",
    title: "Took",
    unit: "ms",
    value: (row) => row.at - row.startedAt,
    cell: (row) => lasting(row.at - row.startedAt),
    align: "end",
    width: 110
  },
  timeColumn("at", "When", (row) => row.at, { width: 110 }),
  { id: "reason", title: "Reason", value: (row) => row.reason ?? row.code, width: 220 },
  { id: "account", title: "Account", value: (row) => row.account, width: 130, isExtra: true },
  { id: "region", title: "Region", value: (row) => row.region, width: 110, isExtra: true },
  { id: "approvedBy", title: "Approved by", value: (row) => row.approvedBy, width: 140, isExtra: true },
  { id: "old", title: "Old instance", value: (row) => row.old, width: 180, isExtra: true },
  { id: "replacement", title: "New instance", value: (row) => row.replacement, width: 180, isExtra: true }
]

/** How they ended, in a sentence; figures of what was read, which the sentence says. */
const sayAll = (swaps: ReadonlyArray<Swap>, isCut: boolean): string => {
  if (swaps.length === 0) return "Every swap that ends is kept here, whichever way it ended."
  const done = swaps.filter(({ status }) => status === "done")
  const saved = done.reduce((sum, swap) => sum + swap.hourlySavings, 0)
  const of = isCut ? `the newest ${counted(swaps.length, "swap")}` : counted(swaps.length, "swap")
  const part = share(done.length / swaps.length)
  return `Of ${of}, ${done.length} ended done (${part}); together they save ${perHour(saved)}, ${savingsLabel}.`
}

export default function HistoryPage() {
  const url = useUrlState()
  const list = useList("GET /api/v1/optimization/history", { topics: ["swap-settled"] })
  return (
    <Page title="History" about={sayAll(list.rows(), list.table.isCut)} {...list.page}>
      <DataTable
        {...list.table}
        title="Swaps that ended"
        columns={columns}
        key={(row) => row.id}
        explains={(row) => row.id}
        href={(row) => url.link(`/sagas/${encodeURIComponent(row.id)}`)}
        empty={
          <Empty
            title="No swap has ended yet"
            action={<ButtonLink href={url.link("/approvals")}>See what waits for a yes</ButtonLink>}
          >
            A swap starts when a plan is approved, and comes here when it is done, taken back, refused or stuck.
          </Empty>
        }
      />
    </Page>
  )
}
