/** The yes or no: with a reason, to the version that was shown. Where that is an old one, what changed since. */
import { createMemo, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Confirm } from "../shell/confirm.tsx"
import { Button } from "../shell/button.tsx"
import { counted, perMonth, savingsLabel } from "../words.ts"
import { differences } from "./approval-changes.ts"
import type { ApprovalDetail, Decision } from "./approval.tsx"

interface DecisionProps {
  readonly plan: ApprovalDetail
  /** The version that is on screen. */
  readonly version: string | undefined
  readonly decision: Decision
  readonly onStale: () => void
  readonly onClose: () => void
}

type Rows = ReturnType<typeof differences>
const columns: ReadonlyArray<PlainColumn<Rows[number]>> = [
  { title: "What", cell: ([what]) => what, class: "font-mono text-xs wrap-anywhere" },
  { title: "Shown", cell: ([, was]) => was, class: "text-soft line-through" },
  { title: "Stands", cell: ([, , is]) => is, class: "font-medium" }
]

/** What stands instead of what was shown: a stale yes is no failed click but a new question. */
const Changed = (props: { readonly rows: Rows; readonly onLook: () => void }) => (
  <div class="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-xl border border-warn/40 bg-warn/10 p-3">
    <p class="font-medium text-warn">The plan has changed since it was shown. Nothing was decided.</p>
    <Show when={props.rows.length > 0}>
      <PlainTable columns={columns} rows={props.rows} />
    </Show>
    <Button size="small" onClick={() => props.onLook()}>
      Show what stands now
    </Button>
  </div>
)

export default function DecisionDialog(props: DecisionProps) {
  const command = useCommand()
  const isYes = () => props.decision === "approve"
  const send = (because: string) =>
    void command.run(() =>
      call("POST /api/v1/approvals/{id}/decision", {
        params: { id: props.plan.id },
        body: { decision: props.decision, because },
        headers: props.version === undefined ? {} : { "if-match": props.version }
      })
    )
  const stale = createMemo(() => {
    const problem = command.problem()
    return problem?.status === 412
      ? differences(props.plan, (problem.current ?? {}) as Partial<ApprovalDetail>)
      : undefined
  })
  const look = () => {
    props.onStale()
    props.onClose()
  }
  const changed = createMemo(() => {
    const rows = stale()
    return rows === undefined ? undefined : <Changed rows={rows} onLook={look} />
  })
  return (
    <Confirm
      open
      onClose={props.onClose}
      title={`${isYes() ? "Approve" : "Reject"} the plan for ${props.plan.group}`}
      about={
        isYes()
          ? `${counted(props.plan.moves, "instance")} of ${props.plan.group} will be replaced one after another, ` +
            `the first one on probation. It saves ${perMonth(props.plan.monthlySavings)}, ${savingsLabel}.`
          : "Nothing of this plan will run. The optimizer looks at the group again with the next sweep."
      }
      verb={isYes() ? `Approve ${counted(props.plan.moves, "swap")}` : "Reject"}
      isDanger={!isYes()}
      command={command}
      onConfirm={send}
      instead={changed()}
    />
  )
}
