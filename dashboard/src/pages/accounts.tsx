/** Connected AWS accounts: whether each answers, what may be done there, and how old what we know of it is. */
import Plus from "lucide-solid/icons/plus"
import { createMemo, createSignal, Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { may } from "../api/session.ts"
import { stopColumn, timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { ModeChip } from "../parts/mode-chip.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { AccountPane } from "./accounts-pane.tsx"
import { ConnectAccount } from "./accounts-connect.tsx"

export type Account = Reply<"GET /api/v1/accounts">["items"][number]

/** When the region that was swept longest ago was. */
const oldestSweep = (row: Account): number | null =>
  row.sweeps.length === 0 ? null : Math.min(...row.sweeps.map(({ startedAt }) => startedAt))

const answers = {
  connected: { tone: "ok", says: "yes" },
  refused: { tone: "bad", says: "refused" },
  disconnected: { tone: "none", says: "disconnected" }
} as const

const columns: ReadonlyArray<Column<Account>> = [
  { id: "name", title: "Account", value: (row) => row.name || row.account, width: 190 },
  { id: "account", title: "Number", value: (row) => row.account, width: 130 },
  {
    id: "status",
    title: "Answers",
    value: (row) => row.status,
    cell: (row) => <Chip tone={answers[row.status].tone}>{answers[row.status].says}</Chip>,
    width: 130
  },
  { id: "mode", title: "Mode", value: (row) => row.mode, cell: (row) => <ModeChip mode={row.mode} />, width: 130 },
  stopColumn(),
  { id: "environment", title: "Environment", value: (row) => row.environment, width: 110 },
  { id: "groups", title: "Groups", value: (row) => row.groups, align: "end", width: 90 },
  { id: "instances", title: "Instances", value: (row) => row.instances, align: "end", width: 100 },
  { id: "spot", title: "Of them Spot", value: (row) => row.spot, align: "end", width: 120 },
  timeColumn("sweep", "Oldest sweep", oldestSweep, { width: 130 }),
  { id: "policyVersion", title: "Policy version", value: (row) => row.policyVersion, align: "end", width: 120 },
  { id: "regions", title: "Regions", value: (row) => row.regions.join(" "), width: 200, isExtra: true }
]

/** What changes a row. */
const topics = [
  "account-connected",
  "account-disconnected",
  "account-marked",
  "account-verified",
  "sweep-done",
  "stop-set",
  "policy-set"
]

export default function AccountsPage() {
  const url = useUrlState()
  const [isConnecting, setConnecting] = createSignal(false)
  const list = useList("GET /api/v1/accounts", { topics, key: "account" })
  const open = createMemo(() => list.rows().find(({ account }) => account === url.get("open")))
  const connect = () => (
    <Button weight="primary" icon={Plus} disabled={!may("owner") || url.isReplay()} onClick={() => setConnecting(true)}>
      Connect an account
    </Button>
  )
  return (
    <Page
      title="Accounts"
      about="AWS accounts by cross-account role. A new one starts in observe: nothing in it can be changed."
      {...list.page}
      actions={connect()}
    >
      <DataTable
        title="Accounts"
        columns={columns}
        {...list.table}
        key={(row) => row.account}
        onOpen={(row) => url.set({ open: row.account })}
        chosen={open()?.account}
        empty={
          <Empty title="No account is connected yet" action={connect()}>
            Give a role that we may assume. It reads first: instances, groups, prices. Nothing can be changed until
            somebody raises the account's mode.
          </Empty>
        }
      />
      <Show when={open()}>{(account) => <AccountPane of={account()} onClose={() => url.set({ open: null })} />}</Show>
      <Show when={isConnecting()}>
        <ConnectAccount onClose={() => setConnecting(false)} />
      </Show>
    </Page>
  )
}
