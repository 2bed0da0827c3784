/** How far each copy and each hearer of the log is behind, how old each region is, and on what everything stands. */
import { Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { Facts } from "../parts/facts.tsx"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Chip } from "../shell/chip.tsx"
import { Ago } from "../shell/moment.tsx"
import { count, counted, lasting } from "../words.ts"
import { MonitorCard } from "./monitor-card.tsx"
import { MonitorConsumers } from "./monitor-consumers.tsx"
import { MonitorDead } from "./monitor-dead.tsx"

export type System = Reply<"GET /api/v1/system">

const tones = { ok: "ok", degraded: "warn", down: "bad" } as const
/** A copy that is so far behind shows an earlier world. */
const lagMsMax = 5_000
const isBehind = (one: System["projections"][number]) => (one.lagMs ?? 0) > lagMsMax

/** So many things a person should look at. */
export const troublesOf = (system: System): number =>
  system.projections.filter((one) => isBehind(one) || one.unreadable > 0).length +
  system.sweeps.filter(({ isStale }) => isStale).length +
  system.dependencies.filter(({ status }) => status !== "ok").length +
  ((system.dead ?? 0) > 0 ? 1 : 0) +
  (system.consumers === null || system.dead === null ? 1 : 0)

/** As the gateway counts: it stands for more. */
const deadMax = 100
/** Of the last day, in words; undefined where there is none. */
export const deadWords = ({ dead }: System): string | undefined =>
  dead === null || dead === 0
    ? undefined
    : `${dead >= deadMax ? `${deadMax} or more messages` : counted(dead, "message")} nobody could read`

const copies: ReadonlyArray<PlainColumn<System["projections"][number]>> = [
  { title: "Copy", cell: (one) => <span title={`applied up to ${one.applied}`}>{one.name}</span> },
  {
    title: "Behind",
    cell: (one) => (
      <Chip tone={isBehind(one) ? "warn" : "ok"}>{one.behind === 0 ? "caught up" : counted(one.behind, "event")}</Chip>
    )
  },
  { title: "Lag", cell: (one) => (one.behind === 0 ? "0 s" : lasting(one.lagMs)), align: "end" },
  { title: "Rows", cell: (one) => count(one.rows), align: "end" },
  {
    title: "Unreadable",
    cell: (one) => (
      <Show when={one.unreadable > 0} fallback="0">
        <Chip tone="bad">{count(one.unreadable)}</Chip>
      </Show>
    ),
    align: "end"
  }
]

const dependencies: ReadonlyArray<PlainColumn<System["dependencies"][number]>> = [
  { title: "Name", cell: (one) => one.name },
  { title: "State", cell: (one) => <Chip tone={tones[one.status]}>{one.status}</Chip> },
  { title: "Answers in", cell: (one) => lasting(one.latencyMs), align: "end" },
  { title: "Details", cell: (one) => one.details, class: "text-soft" }
]

const sweeps: ReadonlyArray<PlainColumn<System["sweeps"][number]>> = [
  { title: "Account", cell: (one) => one.account, class: "font-mono text-xs" },
  { title: "Region", cell: (one) => one.region },
  { title: "Age", cell: (one) => lasting(one.ageMs), align: "end" },
  {
    title: "State",
    cell: (one) => <Chip tone={one.isStale ? "warn" : "ok"}>{one.isStale ? "stale" : "fresh"}</Chip>
  }
]

const NoSweep = () => (
  <p class="p-3 text-[13px] text-soft">
    No region has been swept yet: no account is connected, or the first sweep is under way.
  </p>
)

export const MonitorHealth = (props: { readonly of: System }) => (
  <div class="grid min-w-0 gap-4 lg:grid-cols-2">
    <MonitorCard title="Copies of the log">
      <PlainTable columns={copies} rows={props.of.projections} />
    </MonitorCard>
    <MonitorCard title="What it stands on">
      <PlainTable columns={dependencies} rows={props.of.dependencies} />
    </MonitorCard>
    <MonitorConsumers of={props.of.consumers} />
    <MonitorDead />
    <MonitorCard title="Sweeps of regions">
      <Show when={props.of.sweeps.length > 0} fallback={<NoSweep />}>
        <PlainTable columns={sweeps} rows={props.of.sweeps} />
      </Show>
    </MonitorCard>
    <section class="panel p-3">
      <h2 class="mb-2 text-sm font-medium">Event stream and process</h2>
      <Facts
        of={[
          [
            "Newest of the log",
            <>
              #{count(props.of.head)}, <Ago at={props.of.headAt} />
            </>
          ],
          ["Open streams", count(props.of.stream.clients)],
          ["Kept for who comes back", counted(props.of.stream.ring, "event")],
          ["Cut off as too slow", count(props.of.stream.evicted)],
          ["Told to read again", count(props.of.stream.resets)],
          ["Version", props.of.process.version],
          ["Started", <Ago at={props.of.process.startedAt} />],
          ["Memory", `${count(Math.round(props.of.process.rssMb))} MB`]
        ]}
      />
    </section>
  </div>
)
