/** Auto Scaling groups: what each is made of, why it is as it is, what is still to be gained; and clusters. */
import { For, Match, Switch } from "solid-js"
import { Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { ClusterTeaching } from "./clusters-teaching.tsx"
import { GroupList } from "./groups-list.tsx"

const tabs = [
  ["groups", "Auto Scaling groups"],
  ["clusters", "Kubernetes clusters"]
] as const

const Tabs = (props: { readonly value: string; readonly onPick: (tab: string) => void }) => (
  <div role="group" aria-label="What to list" class="flex flex-wrap gap-2">
    <For each={tabs}>
      {([tab, name]) => (
        <button type="button" class="tool-button" aria-pressed={props.value === tab} onClick={() => props.onPick(tab)}>
          {name}
        </button>
      )}
    </For>
  </div>
)

export default function GroupsPage() {
  const url = useUrlState()
  const tab = () => (url.get("tab") === "clusters" ? "clusters" : "groups")
  return (
    <Page
      title="Groups"
      about="What runs, how safely it is spread, and why nothing more is moved."
      actions={
        <Tabs value={tab()} onPick={(next) => url.set({ tab: next === "groups" ? null : next }, { push: true })} />
      }
    >
      <Switch>
        <Match when={tab() === "groups"}>
          <GroupList />
        </Match>
        <Match when={tab() === "clusters"}>
          <ClusterTeaching />
        </Match>
      </Switch>
    </Page>
  )
}
