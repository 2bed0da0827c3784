/** The group as it is beside the group as it would be, part by part and against the floors. */
import { Composition } from "../parts/composition.tsx"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Panel } from "../shell/panel.tsx"
import { score } from "../words.ts"
import type { ApprovalDetail } from "./approval.tsx"

type Part = ApprovalDetail["before"][number]
const nameOf = (part: Part) => `${part.zone} ${part.instanceType} ${part.lifecycle}`

/** Every part of either side, with how many there are and would be. */
const changes = (plan: ApprovalDetail) => {
  const parts = new Map<string, { readonly part: Part; before: number; after: number }>()
  const at = (part: Part) => {
    const known = parts.get(nameOf(part)) ?? { part, before: 0, after: 0 }
    parts.set(nameOf(part), known)
    return known
  }
  for (const part of plan.before) at(part).before += part.count
  for (const part of plan.after) at(part).after += part.count
  return [...parts.values()].sort((a, b) => nameOf(a.part).localeCompare(nameOf(b.part)))
}

const Difference = (props: { readonly by: number }) => (
  <span class={`tabular-nums ${props.by > 0 ? "text-ok" : props.by < 0 ? "text-warn" : "text-faint"}`}>
    {props.by > 0 ? `+${props.by}` : props.by < 0 ? `−${-props.by}` : "="}
  </span>
)

type Change = ReturnType<typeof changes>[number]

const columns: ReadonlyArray<PlainColumn<Change>> = [
  {
    title: "Part",
    cell: ({ part }) => (
      <>
        <span class="font-medium">{part.instanceType}</span> <span class="text-soft">{part.zone}</span>{" "}
        <span class={part.lifecycle === "spot" ? "text-ok" : "text-info"}>{part.lifecycle}</span>
      </>
    )
  },
  {
    title: "Safety",
    cell: ({ part }) => (part.score === null ? <span class="text-faint">no pool</span> : score(part.score)),
    class: "tabular-nums"
  },
  { title: "Now", cell: ({ before }) => before, align: "end" },
  { title: "After", cell: ({ after }) => after, align: "end" },
  { title: "Difference", cell: ({ before, after }) => <Difference by={after - before} />, align: "end" }
]

export const Compositions = (props: { readonly plan: ApprovalDetail; readonly class?: string }) => (
  <Panel title="What changes" class={props.class}>
    <div class="grid gap-6 p-4 sm:grid-cols-2">
      <Composition
        title={props.plan.status === "pending" ? "Now" : "Before"}
        parts={props.plan.before}
        floors={props.plan.floors}
      />
      <Composition title="After all swaps" parts={props.plan.after} floors={props.plan.floors} />
    </div>
    <PlainTable
      label="Parts, before and after"
      class="border-t border-line"
      columns={columns}
      rows={changes(props.plan)}
    />
  </Panel>
)
