/** The savings ledger: each row a swap that was done, the totals of all, and a check of both against the log. */
import BadgeCheck from "lucide-solid/icons/badge-check"
import { createSignal, For, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { moneyColumn, timeColumn } from "../parts/columns.tsx"
import { Id } from "../parts/id.tsx"
import { useList } from "../parts/list.ts"
import { useSending } from "../parts/sending.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button, ButtonLink } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Empty, Page, Problem } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, money, perHour, perMonth } from "../words.ts"

type Ledger = Reply<"GET /api/v1/ledger">
type Entry = Ledger["items"][number]
type Verdict = Reply<"GET /api/v1/ledger/verify">

const columns: ReadonlyArray<Column<Entry>> = [
  { id: "swap", title: "Swap", value: (row) => row.swap, cell: (row) => <Id of={row.swap} />, width: 130 },
  timeColumn("at", "Booked", (row) => row.at, { width: 120 }),
  { id: "account", title: "Account", value: (row) => row.account, width: 130 },
  { id: "replacement", title: "New instance", value: (row) => row.replacement, width: 180 },
  moneyColumn("onDemandPerHour", "On-demand", "hour", (row) => row.onDemandPerHour, { width: 150 }),
  moneyColumn("spotPerHour", "Spot", "hour", (row) => row.spotPerHour, { width: 150 }),
  moneyColumn("hourlySavings", "Saves", "hour", (row) => row.hourlySavings, { width: 150 }),
  moneyColumn("monthlySavings", "Of 730 hours", "month", (row) => row.monthlySavings, { width: 170 }),
  { id: "label", title: "Kind of dollars", value: (row) => row.label, width: 210 },
  { id: "seq", title: "Sequence", value: (row) => row.seq, align: "end", width: 100, isExtra: true }
]

const Totals = (props: { readonly of: Ledger["totals"] }) => {
  const figures = () => [
    ["Saved so far", money(props.of.saved)],
    ["Saves now", perHour(props.of.hourlySavings)],
    ["At 730 hours", perMonth(props.of.monthlySavings)],
    ["Swaps", count(props.of.swaps)]
  ]
  return (
    <dl class="panel grid grid-cols-2 gap-4 p-4 lg:grid-cols-4" aria-label={`Totals, ${props.of.label}`}>
      <For each={figures()}>
        {([term, figure]) => (
          <div>
            <dt class="label">{term}</dt>
            <dd class="figure text-xl">{figure}</dd>
            <dd class="text-xs text-faint">{term === "Swaps" ? "in the ledger" : props.of.label}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}

/** What the check counted, and what did not agree. */
const Checked = (props: { readonly of: Verdict }) => (
  <div class="panel grid gap-2 p-4" role="status">
    <p class="flex flex-wrap items-center gap-2">
      <Chip tone={props.of.ok ? "ok" : "bad"}>{props.of.ok ? "agrees" : "does not agree"}</Chip>
      <span>
        {counted(props.of.distinct, "event")} in the ledger of {count(props.of.head)} in the log:{" "}
        {count(props.of.missing)} missing, {count(props.of.duplicates)} twice.{" "}
        {counted(props.of.swapsSettledDone, "swap")} settled as done, {counted(props.of.savingsRows, "row")} of savings.
      </span>
    </p>
    <Show when={props.of.mismatches.length > 0}>
      <ul class="list-disc pl-5 text-sm text-bad">
        <For each={props.of.mismatches}>{(line) => <li>{line}</li>}</For>
      </ul>
    </Show>
  </div>
)

const useVerify = () => {
  const { problem, isBusy, run } = useSending()
  const [verdict, setVerdict] = createSignal<Verdict>()
  const verify = async () => void setVerdict((await run(() => call("GET /api/v1/ledger/verify")))?.said)
  return { verdict, problem, isBusy, verify }
}

const NothingYet = () => {
  const url = useUrlState()
  return (
    <Empty
      title="Nothing is booked yet"
      action={<ButtonLink href={url.link("/approvals")}>See what could be saved</ButtonLink>}
    >
      A row is written when a swap ends done: what the machine cost on-demand, what it costs as Spot.
    </Empty>
  )
}

export default function LedgerPage() {
  const url = useUrlState()
  const check = useVerify()
  const list = useList("GET /api/v1/ledger", { topics: ["swap-settled"], key: "seq" })
  return (
    <Page
      title="Savings ledger"
      about="What each swap that was done saves, booked once, never edited. A row leads to everything it came from."
      {...list.page}
      actions={
        <Button icon={BadgeCheck} disabled={check.isBusy()} onClick={() => void check.verify()}>
          {check.isBusy() ? "Counting" : "Verify"}
        </Button>
      }
    >
      <div class="grid min-w-0 gap-4">
        <Show when={check.problem()}>
          {(problem) => <Problem error={problem()} again={() => void check.verify()} />}
        </Show>
        <Show when={check.verdict()}>{(verdict) => <Checked of={verdict()} />}</Show>
        <Show when={list.read.data?.totals}>{(totals) => <Totals of={totals()} />}</Show>
        <DataTable
          {...list.table}
          title="Ledger"
          columns={columns}
          key={(row) => String(row.seq)}
          explains={(row) => row.swap}
          href={(row) => url.link(`/trace/${encodeURIComponent(row.swap)}`)}
          empty={<NothingYet />}
        />
      </div>
    </Page>
  )
}
