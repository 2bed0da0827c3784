/** The members of one group, and the story of the one that is opened. */
import { createMemo, Show } from "solid-js"
import { urlOf } from "../api/client.ts"
import { instanceColumns } from "../parts/instance-columns.tsx"
import { DataTable } from "../parts/table.tsx"
import { Empty } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import type { GroupDetail } from "./group.tsx"
import { InstancePane } from "./monitor-instance.tsx"

export const GroupMembers = (props: { readonly of: GroupDetail }) => {
  const url = useUrlState()
  const open = createMemo(() => props.of.members.find(({ instance }) => instance === url.get("open")))
  const source = () => urlOf("GET /api/v1/groups/{id}", { params: { id: props.of.id }, query: url.scope() })
  return (
    <>
      <DataTable
        title="Members"
        columns={instanceColumns}
        rows={props.of.members}
        key={(row) => row.instance}
        of={props.of.id}
        source={source()}
        onOpen={(row) => url.set({ open: row.instance })}
        chosen={open()?.instance}
        empty={
          <Empty title="It has no members">
            Its desired capacity is {props.of.desired}: AWS launches what is missing.
          </Empty>
        }
      />
      <Show when={open()}>
        {(instance) => <InstancePane of={instance()} onClose={() => url.set({ open: null })} />}
      </Show>
    </>
  )
}
