/** Live operations: what is being said and done now, in tabs. */
import { Match, Switch } from "solid-js"
import { Page } from "../shell/page.tsx"
import { useSummary } from "../shell/summary.ts"
import { type Tab, Tabs } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { ApprovalList } from "./approvals-list.tsx"
import { SecurityTab, WasteTab } from "./operations-coming.tsx"
import { Feed } from "./operations-feed.tsx"
import { SafetyTab } from "./operations-safety.tsx"
import { SagasTab } from "./operations-sagas.tsx"

const names = ["feed", "sagas", "safety", "waste", "security", "approvals"] as const
type Name = (typeof names)[number]
const titles: Readonly<Record<Name, string>> = {
  feed: "Feed",
  sagas: "Swaps",
  safety: "Safety",
  waste: "Waste",
  security: "Security",
  approvals: "Approvals"
}

export default function OperationsPage() {
  const url = useUrlState()
  const summary = useSummary()
  const here = (): Name => names.find((name) => name === url.get("tab")) ?? "feed"
  const counts = (name: Name) =>
    name === "sagas"
      ? summary.data?.activeOptimisations
      : name === "approvals"
        ? summary.data?.approvalsWaiting
        : undefined
  const tabs = (): ReadonlyArray<Tab> =>
    names.map((name) => ({
      name: titles[name],
      href: url.link("/ops", name === "feed" ? {} : { tab: name }),
      isHere: name === here(),
      count: counts(name) === 0 ? undefined : counts(name)
    }))
  return (
    <Page title="Operations" about="What is being said, planned and done, as it happens.">
      <Tabs label="Operations" tabs={tabs()} />
      <Switch>
        <Match when={here() === "feed"}>
          <Feed />
        </Match>
        <Match when={here() === "sagas"}>
          <SagasTab />
        </Match>
        <Match when={here() === "safety"}>
          <SafetyTab />
        </Match>
        <Match when={here() === "waste"}>
          <WasteTab />
        </Match>
        <Match when={here() === "security"}>
          <SecurityTab />
        </Match>
        <Match when={here() === "approvals"}>
          <ApprovalList />
        </Match>
      </Switch>
    </Page>
  )
}
