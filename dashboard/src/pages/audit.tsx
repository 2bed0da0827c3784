/** Every call that changes something in an account: asked for by whom, before it was made, and how it ended. */
import { createMemo, For, Show } from "solid-js"
import { A } from "@solidjs/router"
import type { Reply } from "../api/client.ts"
import { timeColumn } from "../parts/columns.tsx"
import { Facts } from "../parts/facts.tsx"
import { Id } from "../parts/id.tsx"
import { useList } from "../parts/list.ts"
import { Raw } from "../parts/raw.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Modal } from "../shell/modal.tsx"
import { Exactly } from "../shell/moment.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { lasting, unknown } from "../words.ts"

type Call = Reply<"GET /api/v1/audit">["items"][number]

const looks = {
  ok: { tone: "ok", says: "done" },
  refused: { tone: "bad", says: "refused" },
  unknown: { tone: "warn", says: "unknown" }
} as const
const Outcome = (props: { readonly of: Call["outcome"] }) => (
  <Show when={props.of} fallback={<Chip tone="info">no answer yet</Chip>}>
    {(outcome) => <Chip tone={looks[outcome()].tone}>{looks[outcome()].says}</Chip>}
  </Show>
)
const tookMs = (row: Call) => (row.begunAt === null || row.endedAt === null ? null : row.endedAt - row.begunAt)
const atOf = (row: Call) => row.begunAt ?? row.endedAt

const columns: ReadonlyArray<Column<Call>> = [
  { id: "action", title: "Call", value: (row) => row.action, width: 340 },
  {
    id: "outcome",
    title: "Outcome",
    value: (row) => row.outcome,
    cell: (row) => <Outcome of={row.outcome} />,
    width: 130
  },
  timeColumn("at", "Begun", atOf, { width: 120 }),
  {
    id: "took",
    title: "Took",
    unit: "ms",
    value: tookMs,
    cell: (row) => lasting(tookMs(row)),
    align: "end",
    width: 100
  },
  { id: "code", title: "Code", value: (row) => row.code, width: 180 },
  { id: "saga", title: "Swap", value: (row) => row.saga, cell: (row) => <Id of={row.saga} />, width: 130 },
  { id: "step", title: "Step", value: (row) => row.step, width: 110 },
  { id: "account", title: "Account", value: (row) => row.account, width: 130 },
  { id: "region", title: "Region", value: (row) => row.region, width: 110 },
  { id: "by", title: "By", value: (row) => row.by, width: 150, isExtra: true },
  { id: "request", title: "Request", value: (row) => row.request, width: 300, isExtra: true },
  { id: "call", title: "Call id", value: (row) => row.call, width: 220, isExtra: true }
]

/** A request as its caller wrote it, laid out if it is JSON. */
const laidOut = (request: string): string => {
  try {
    return JSON.stringify(JSON.parse(request), null, 2)
  } catch {
    return request
  }
}

/** A swap has a page of its own; the end of what one left behind is followed as a trace. */
const pageOf = (saga: string) => (saga.startsWith("orphan-") ? "trace" : "sagas")

const Details = (props: { readonly of: Call }) => {
  const url = useUrlState()
  return (
    <div class="grid gap-4">
      <Facts
        of={[
          ["Outcome", <Outcome of={props.of.outcome} />],
          ["Code", props.of.code ?? unknown],
          ["Account", `${props.of.account}, ${props.of.region}`],
          ["By", props.of.by],
          [
            "Recorded before",
            <Show when={props.of.begunAt} fallback="no record: it was found by its answer">
              {(at) => <Exactly at={at()} />}
            </Show>
          ],
          [
            "Answered",
            <Show when={props.of.endedAt} fallback="not yet">
              {(at) => (
                <>
                  <Exactly at={at()} />, after {lasting(tookMs(props.of))}
                </>
              )}
            </Show>
          ],
          [
            "Swap",
            <Show when={props.of.saga} fallback="of no swap">
              {(saga) => (
                <A class="link" href={url.link(`/${pageOf(saga())}/${encodeURIComponent(saga())}`)}>
                  {saga()}
                </A>
              )}
            </Show>
          ],
          ["Step", props.of.step ?? unknown],
          ["Call id", <code class="font-mono text-xs">{props.of.call}</code>]
        ]}
      />
      <div>
        <h3 class="label mb-1">Request</h3>
        <Raw label="Request" text={laidOut(props.of.request)} class="max-h-96" />
      </div>
    </div>
  )
}

const outcomes = ["ok", "refused", "unknown"] as const
type Outcomes = (typeof outcomes)[number]

/** How calls ended that are shown: the service is asked for them, however old they are. */
const Narrow = (props: { readonly of: Outcomes | undefined }) => {
  const url = useUrlState()
  return (
    <div class="flex flex-wrap gap-1.5" role="group" aria-label="Outcome">
      <Facet name="all" isOn={props.of === undefined} onPick={() => url.set({ outcome: null })} />
      <For each={outcomes}>
        {(one) => <Facet name={looks[one].says} isOn={props.of === one} onPick={() => url.set({ outcome: one })} />}
      </For>
    </div>
  )
}

const NoCall = (props: { readonly isNarrowed: boolean }) => {
  const url = useUrlState()
  return (
    <Show
      when={props.isNarrowed}
      fallback={
        <Empty title="Nothing was changed in any account">
          In the modes observe and recommend no call changes anything. In act, each of them stands here before it is
          made.
        </Empty>
      }
    >
      <Empty
        title="No call ended like that"
        action={<Button onClick={() => url.set({ outcome: null })}>Show all calls</Button>}
      >
        Calls that ended otherwise are not shown.
      </Empty>
    </Show>
  )
}

export default function AuditPage() {
  const url = useUrlState()
  const outcome = (): Outcomes | undefined => outcomes.find((one) => one === url.get("outcome"))
  const list = useList("GET /api/v1/audit", { topics: ["call-begun", "call-ended"], key: "call" }, () => ({
    outcome: outcome()
  }))
  const open = createMemo(() => list.rows().find(({ call }) => call === url.get("open")))
  return (
    <Page
      title="Audit"
      about="Every call that changes something in an account: recorded before it is made, its outcome after."
      {...list.page}
      actions={<Narrow of={outcome()} />}
    >
      <DataTable
        {...list.table}
        title="Calls"
        columns={columns}
        key={(row) => row.call}
        onOpen={(row) => url.set({ open: row.call })}
        chosen={open()?.call}
        empty={<NoCall isNarrowed={outcome() !== undefined} />}
      />
      <Modal
        at="right"
        wide
        open={open() !== undefined}
        onClose={() => url.set({ open: null })}
        title={open()?.action ?? "Call"}
      >
        <Show when={open()}>{(call) => <Details of={call()} />}</Show>
      </Modal>
    </Page>
  )
}
