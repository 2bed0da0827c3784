/** Who hears what is said, and how much of it he has not worked off: one line for each, whatever he hears. */
import { createMemo, Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Chip } from "../shell/chip.tsx"
import { count, counted } from "../words.ts"
import { MonitorCard } from "./monitor-card.tsx"

type Consumers = Reply<"GET /api/v1/system">["consumers"]
type Consumer = NonNullable<Consumers>[number]

/** More than so many wait only where somebody is slower than what is said, or does not run. */
const pendingMax = 1_000

export interface Hearer {
  readonly name: string
  readonly filters: ReadonlyArray<string>
  readonly pending: number
  readonly open: number
  readonly redelivered: number
}

/** All that one hears together, by name. */
export const hearersOf = (all: ReadonlyArray<Consumer>): ReadonlyArray<Hearer> => {
  const sum = (of: ReadonlyArray<Consumer>, field: "pending" | "open" | "redelivered") =>
    of.reduce((total, one) => total + one[field], 0)
  return [...new Set(all.map(({ name }) => name))].toSorted().map((name) => {
    const of = all.filter((one) => one.name === name)
    return {
      name,
      filters: of.map(({ filter }) => filter),
      pending: sum(of, "pending"),
      open: sum(of, "open"),
      redelivered: sum(of, "redelivered")
    }
  })
}

/** A figure, as a warning where it means that somebody should look. */
const Figure = (props: { readonly of: number; readonly isBad: boolean; readonly means: string }) => (
  <Show when={props.isBad} fallback={count(props.of)}>
    <span title={props.means}>
      <Chip tone="warn">{count(props.of)}</Chip>
      <span class="sr-only">{props.means}</span>
    </span>
  </Show>
)
const slow = "It is slower than what is said, or it does not run."
const again = "Given again, as nobody was done with it in time: something of it failed, or died."

const columns: ReadonlyArray<PlainColumn<Hearer>> = [
  {
    title: "Who",
    cell: (one) => (
      <span title={`hears ${counted(one.filters.length, "kind")}:\n${one.filters.join("\n")}`}>{one.name}</span>
    )
  },
  {
    title: "Waiting",
    cell: (one) => <Figure of={one.pending} isBad={one.pending > pendingMax} means={slow} />,
    align: "end"
  },
  { title: "Under way", cell: (one) => count(one.open), align: "end" },
  {
    title: "Again",
    cell: (one) => <Figure of={one.redelivered} isBad={one.redelivered > 0} means={again} />,
    align: "end"
  }
]

export const MonitorConsumers = (props: { readonly of: Consumers }) => {
  const rows = createMemo(() => hearersOf(props.of ?? []))
  return (
    <MonitorCard title="Consumers">
      <Show
        when={rows().length > 0}
        fallback={
          <p class="p-3 text-[13px] text-soft">
            {props.of === null
              ? "The log's server does not say how they stand: its cluster may be choosing a leader."
              : "Nobody hears the log yet: no actor has been started."}
          </p>
        }
      >
        <PlainTable columns={columns} rows={rows()} />
      </Show>
    </MonitorCard>
  )
}
