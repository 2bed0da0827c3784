/** Every call that changes something in an account: asked for by whom, before it was made, and how it ended. */
import { createMemo, createSignal, Show } from "solid-js"
import { A } from "@solidjs/router"
import { type Reply, urlOf } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { Facts } from "../parts/facts.tsx"
import { Id } from "../parts/id.tsx"
import { type Column, DataTable } from "../parts/table.tsx"
import { Chip } from "../shell/chip.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { exactly, lasting, unknown } from "../words.ts"

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
  {
    id: "at",
    title: "Begun",
    unit: "UTC",
    value: (row) => (atOf(row) === null ? null : new Date(atOf(row) ?? 0).toISOString()),
    cell: (row) => <Ago at={atOf(row)} />,
    width: 120
  },
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
            props.of.begunAt === null ? "no record: it was found by its answer" : exactly(props.of.begunAt)
          ],
          [
            "Answered",
            props.of.endedAt === null ? "not yet" : `${exactly(props.of.endedAt)}, after ${lasting(tookMs(props.of))}`
          ],
          [
            "Swap",
            <Show when={props.of.saga} fallback="of no swap">
              {(saga) => (
                <A class="link" href={url.link(`/sagas/${encodeURIComponent(saga())}`)}>
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
        <pre
          class="scroll-box max-h-96 rounded-xl border border-line bg-ground p-3 font-mono text-xs"
          tabindex="0"
          role="region"
          aria-label="Request"
        >
          {laidOut(props.of.request)}
        </pre>
      </div>
    </div>
  )
}

export default function AuditPage() {
  const url = useUrlState()
  const [open, setOpen] = createSignal<Call>()
  const read = useRead(() => ["GET /api/v1/audit", { query: { limit: "500" } }], {
    topics: ["call-begun", "call-ended"],
    key: "call"
  })
  const rows = createMemo(() => read.data?.items ?? [])
  const source = () => urlOf("GET /api/v1/audit", { query: { ...url.scope(), limit: "500" } })
  return (
    <Page
      title="Audit"
      about="Every call that changes something in an account: recorded before it is made, its outcome after."
      pending={read.isPending}
      error={read.error}
      again={read.again}
    >
      <DataTable
        title="Calls"
        columns={columns}
        rows={rows()}
        key={(row) => row.call}
        of={source()}
        source={source()}
        asOf={read.data?.asOf}
        isCut={typeof read.data?.nextCursor === "string"}
        onOpen={setOpen}
        chosen={open()?.call}
        empty={
          <Empty title="Nothing was changed in any account">
            In the modes observe and recommend no call changes anything. In act, each of them stands here before it is
            made.
          </Empty>
        }
      />
      <Modal at="right" wide open={open() !== undefined} onClose={() => setOpen()} title={open()?.action ?? "Call"}>
        <Show when={open()}>{(call) => <Details of={call()} />}</Show>
      </Modal>
    </Page>
  )
}
