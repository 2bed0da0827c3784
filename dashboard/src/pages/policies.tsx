/** Policies: what each account's people wish, in which version, and by whom it was set. */
import { Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { stopColumn, timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { ButtonLink } from "../shell/button.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { lasting, perMonth, share } from "../words.ts"
import { PolicyPane } from "./policies-pane.tsx"

export type PolicyRow = Reply<"GET /api/v1/policies">["items"][number]
export type Policy = PolicyRow["policy"]

const approvalWords = (rule: Policy["approval"]): string =>
  rule._tag === "manual"
    ? "a person says yes"
    : rule._tag === "auto"
      ? "nobody is asked"
      : `asked from ${perMonth(rule.monthlyUsd * 1e6)}`

const columns: ReadonlyArray<Column<PolicyRow>> = [
  { id: "account", title: "Account", value: (row) => row.account, width: 150 },
  {
    id: "version",
    title: "Version",
    value: (row) => row.policy.version,
    cell: (row) => (row.policy.version === 0 ? "product's own" : String(row.policy.version)),
    width: 120
  },
  { id: "approval", title: "Approval", value: (row) => approvalWords(row.policy.approval), width: 180 },
  { id: "scoreMin", title: "Safety from", value: (row) => row.policy.floors.scoreMin, align: "end", width: 110 },
  { id: "zonesMin", title: "Zones from", value: (row) => row.policy.floors.zonesMin, align: "end", width: 100 },
  {
    id: "poolShareMax",
    title: "Pool up to",
    value: (row) => row.policy.floors.poolShareMax,
    cell: (row) => share(row.policy.floors.poolShareMax),
    align: "end",
    width: 100
  },
  {
    id: "onDemandShareMin",
    title: "On-demand from",
    value: (row) => row.policy.floors.onDemandShareMin,
    cell: (row) => share(row.policy.floors.onDemandShareMin),
    align: "end",
    width: 130
  },
  {
    id: "brake",
    title: "Swaps at most",
    value: (row) => row.policy.swapsPerWindow,
    cell: (row) => `${row.policy.swapsPerWindow} in ${lasting(row.policy.windowMs)}`,
    width: 140
  },
  {
    id: "excluded",
    title: "Groups left to people",
    value: (row) => row.policy.excludedGroups.length,
    align: "end",
    width: 170
  },
  stopColumn(),
  { id: "by", title: "Set by", value: (row) => row.by, cell: (row) => row.by ?? "nobody yet", width: 150 },
  timeColumn("at", "When", (row) => row.at, { width: 110 })
]

export default function PoliciesPage() {
  const url = useUrlState()
  const list = useList("GET /api/v1/policies", {
    topics: ["policy-set", "stop-set", "account-connected"],
    key: "account"
  })
  return (
    <Page
      title="Policies"
      about="What each account's people wish. Floors can be tightened, never loosened; decisions name its version."
      {...list.page}
    >
      <DataTable
        {...list.table}
        title="Policies"
        columns={columns}
        key={(row) => row.account}
        onOpen={(row) => url.set({ open: row.account })}
        chosen={url.get("open")}
        empty={
          <Empty
            title="No account, no policy"
            action={<ButtonLink href={url.link("/accounts")}>To the accounts</ButtonLink>}
          >
            Each connected account has a policy: the product's own until somebody sets another.
          </Empty>
        }
      />
      <Show when={url.get("open")}>
        {(account) => <PolicyPane account={account()} onClose={() => url.set({ open: null })} />}
      </Show>
    </Page>
  )
}
