/** How an instance is shown in a table: where it is, what it is, how safe its pool is, and what it costs. */
import Lock from "lucide-solid/icons/lock"
import { Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { Chip } from "../shell/chip.tsx"
import { score } from "../words.ts"
import { moneyColumn } from "./columns.tsx"
import { Id } from "./id.tsx"
import type { Column } from "./table-rows.ts"

export type Instance = Reply<"GET /api/v1/instances">["items"][number]

export const Lifecycle = (props: { readonly of: Instance["lifecycle"] }) => (
  <Chip tone={props.of === "spot" ? "ok" : "info"} icon={false}>
    {props.of}
  </Chip>
)

/** A pool's Safety score, and a lock where the pool is shut. */
export const PoolState = (props: { readonly of: Pick<Instance, "gate" | "safetyScore"> }) => (
  <span class="inline-flex items-center gap-1.5">
    <span class="tabular-nums">{score(props.of.safetyScore)}</span>
    <Show when={props.of.gate === "poisoned"}>
      <Chip tone="bad" icon={Lock}>
        poisoned
      </Chip>
    </Show>
  </span>
)

export const instanceColumns: ReadonlyArray<Column<Instance>> = [
  { id: "instance", title: "Instance", value: (row) => row.instance, width: 190 },
  {
    id: "lifecycle",
    title: "Bought as",
    value: (row) => row.lifecycle,
    cell: (row) => <Lifecycle of={row.lifecycle} />,
    width: 110
  },
  { id: "instanceType", title: "Type", value: (row) => row.instanceType, width: 120 },
  { id: "zone", title: "Zone", value: (row) => row.zone, width: 100 },
  { id: "state", title: "State", value: (row) => row.state, width: 120 },
  {
    id: "healthy",
    title: "Healthy",
    value: (row) => row.healthy,
    cell: (row) => <Chip tone={row.healthy ? "ok" : "bad"}>{row.healthy ? "yes" : "no"}</Chip>,
    width: 90
  },
  {
    id: "safetyScore",
    title: "Pool's Safety",
    value: (row) => row.safetyScore,
    cell: (row) => <PoolState of={row} />,
    width: 160
  },
  moneyColumn("hourly", "Costs", "hour", (row) => row.hourly, { width: 150 }),
  moneyColumn("hourlyOnDemand", "On-demand", "hour", (row) => row.hourlyOnDemand, { width: 170 }),
  { id: "saga", title: "Launched by swap", value: (row) => row.saga, cell: (row) => <Id of={row.saga} />, width: 150 },
  { id: "bound", title: "Would be lost with it", value: (row) => row.bound.join(", "), width: 180 },
  {
    id: "protectedFromScaleIn",
    title: "Protected",
    value: (row) => row.protectedFromScaleIn,
    cell: (row) => (row.protectedFromScaleIn ? "from scale-in" : "no"),
    width: 110,
    isExtra: true
  },
  { id: "account", title: "Account", value: (row) => row.account, width: 130, isExtra: true },
  { id: "region", title: "Region", value: (row) => row.region, width: 110, isExtra: true },
  { id: "group", title: "Group", value: (row) => row.group, width: 160, isExtra: true }
]
