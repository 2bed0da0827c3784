/** The system monitor: whether what is shown can be trusted, and every instance of the fleet. */
import { createMemo, Show } from "solid-js"
import { urlOf } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { useAllPages } from "../parts/all-pages.ts"
import { Awaited } from "../parts/awaited.tsx"
import { instanceColumns } from "../parts/instance-columns.tsx"
import { DataTable } from "../parts/table.tsx"
import { ButtonLink } from "../shell/button.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, lasting } from "../words.ts"
import { InstancePane } from "./monitor-instance.tsx"
import { deadWords, MonitorHealth, type System, troublesOf } from "./monitor-health.tsx"

const say = (system: System | undefined): string => {
  if (system === undefined) return "Whether what is shown can be trusted."
  const troubles = troublesOf(system)
  const furthest = Math.max(0, ...system.projections.map(({ lagMs }) => lagMs ?? 0))
  const head = `Log at ${count(system.head)}; the copy that is furthest behind lags ${lasting(furthest)}.`
  if (troubles === 0) return `${head} Nothing is wrong.`
  const dead = deadWords(system)
  const also = dead === undefined ? "" : ` ${dead} in the last 24 h.`
  return `${head} ${counted(troubles, "thing")} to look at.${also}`
}

const Fleet = () => {
  const url = useUrlState()
  const read = useAllPages("GET /api/v1/instances", () => ({}), ["group-seen", "swap-settled", "policy-set"])
  const rows = createMemo(() => read.items())
  const open = createMemo(() => rows().find(({ instance }) => instance === url.get("open")))
  const source = () => urlOf("GET /api/v1/instances", { query: { ...url.scope(), limit: "500" } })
  return (
    <>
      <Awaited of={{ pending: read.isPending(), error: read.error(), again: read.again }} label="Loading instances">
        <DataTable
          title="Instances"
          columns={instanceColumns}
          rows={rows()}
          key={(row) => row.instance}
          of={source()}
          source={source()}
          asOf={read.asOf()}
          isCut={read.isCut()}
          isGrowing={read.isGrowing()}
          onOpen={(row) => url.set({ open: row.instance })}
          chosen={open()?.instance}
          empty={
            <Empty
              title="No instance is known"
              action={<ButtonLink href={url.link("/accounts")}>To the accounts</ButtonLink>}
            >
              Instances appear with the first sweep of a connected account. If one is connected and swept, its groups
              have no members.
            </Empty>
          }
        />
      </Awaited>
      <Show when={open()}>
        {(instance) => <InstancePane of={instance()} onClose={() => url.set({ open: null })} />}
      </Show>
    </>
  )
}

export default function MonitorPage() {
  const read = useRead(() => ["GET /api/v1/system"], {
    scope: false,
    key: "name",
    topics: ["sweep-done", "market-read"]
  })
  return (
    <Page title="System monitor" about={say(read.data)} pending={read.isPending} error={read.error} again={read.again}>
      <div class="grid min-w-0 gap-4">
        <Show when={read.data}>{(system) => <MonitorHealth of={system()} />}</Show>
        <Fleet />
      </div>
    </Page>
  )
}
