/** The front page: is it safe, is it paying, does it need me? */
import ArrowRight from "lucide-solid/icons/arrow-right"
import { Show } from "solid-js"
import { ButtonLink } from "../shell/button.tsx"
import { Page } from "../shell/page.tsx"
import { useSummary } from "../shell/summary.ts"
import { useUrlState } from "../shell/url-state.ts"
import { ActivityPanel } from "./dashboard-activity.tsx"
import { AttentionPanel } from "./dashboard-attention.tsx"
import { Cards } from "./dashboard-cards.tsx"
import { RunningPanel } from "./dashboard-running.tsx"
import { SavingsPanel } from "./dashboard-savings.tsx"

export default function DashboardPage() {
  const summary = useSummary()
  const url = useUrlState()
  return (
    <Page
      title="Dashboard"
      about={<Show when={summary.data}>{(is) => <>Dollars are {is().label}.</>}</Show>}
      actions={
        <ButtonLink href={url.link("/ledger")} size="small" icon={ArrowRight}>
          Savings ledger
        </ButtonLink>
      }
      error={summary.data === undefined ? summary.error : undefined}
      again={summary.again}
    >
      <Cards summary={summary} />
      <div class="grid items-stretch gap-4 xl:grid-cols-12">
        <AttentionPanel class="xl:col-span-5" />
        <SavingsPanel class="xl:col-span-7" />
        <RunningPanel class="xl:col-span-5" />
        <ActivityPanel class="xl:col-span-7" />
      </div>
    </Page>
  )
}
